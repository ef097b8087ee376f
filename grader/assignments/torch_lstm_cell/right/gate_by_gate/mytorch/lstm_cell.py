# Style: a small class per gate, each with its own quarter of the weights and its own forward and backward; in mytorch/.
import numpy as np


class Gate:
    def __init__(self, W, V, b, kind):
        self.W, self.V, self.b = W, V, b
        self.kind = kind

    def forward(self, x, h):
        self.x, self.h = x, h
        z = np.dot(x, self.W.T) + np.dot(h, self.V.T) + self.b
        self.out = np.tanh(z) if self.kind == "tanh" else 1 / (1 + np.exp(-z))
        return self.out

    def backward(self, grad):
        if self.kind == "tanh":
            dz = grad * (1 - self.out * self.out)
        else:
            dz = grad * self.out * (1 - self.out)
        self.dW = np.dot(dz.T, self.x)
        self.dV = np.dot(dz.T, self.h)
        self.db = np.sum(dz, axis=0)
        return np.dot(dz, self.W), np.dot(dz, self.V)


class LSTMCell:
    def __init__(self, input_size, hidden_size, bias=True):
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.weight_ih = np.random.randn(4 * hidden_size, input_size)
        self.weight_hh = np.random.randn(4 * hidden_size, hidden_size)
        self.bias_ih = np.random.randn(4 * hidden_size)
        self.bias_hh = np.random.randn(4 * hidden_size)
        self.dweight_ih = np.zeros_like(self.weight_ih)
        self.dweight_hh = np.zeros_like(self.weight_hh)
        self.dbias_ih = np.zeros_like(self.bias_ih)
        self.dbias_hh = np.zeros_like(self.bias_hh)

    def __call__(self, x, hc):
        return self.forward(x, hc)

    def forward(self, x, hc):
        h, c = hc
        H = self.hidden_size
        self.gates = []
        for k, kind in enumerate(["sigmoid", "sigmoid", "tanh", "sigmoid"]):
            rows = slice(k * H, (k + 1) * H)
            b = self.bias_ih[rows] + self.bias_hh[rows]
            self.gates.append(Gate(self.weight_ih[rows], self.weight_hh[rows], b, kind))
        i, f, g, o = [gate.forward(x, h) for gate in self.gates]
        self.c = c
        self.c_next = f * c + i * g
        h_next = o * np.tanh(self.c_next)
        return h_next, self.c_next

    def backward(self, dh_next, dc_next):
        i, f, g, o = [gate.out for gate in self.gates]
        t = np.tanh(self.c_next)
        dc = dc_next + dh_next * o - dh_next * o * t * t
        upstream = [dc * g, dc * self.c, dc * i, dh_next * t]
        H = self.hidden_size
        dx, dh = 0, 0
        for k in range(4):
            gx, gh = self.gates[k].backward(upstream[k])
            dx = dx + gx
            dh = dh + gh
            self.dweight_ih[k * H : (k + 1) * H] += self.gates[k].dW
            self.dweight_hh[k * H : (k + 1) * H] += self.gates[k].dV
            self.dbias_ih[k * H : (k + 1) * H] += self.gates[k].db
            self.dbias_hh[k * H : (k + 1) * H] += self.gates[k].db
        return dx, dh, dc * f
