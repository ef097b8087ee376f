# Style: weights reshaped to (4, hidden, .) and contracted with einsum; sigmoid through tanh; the file is called lstm.py.
import numpy as np


class LSTMCell:
    def __init__(self, input_size, hidden_size):
        shapes = {"weight_ih": (input_size,), "weight_hh": (hidden_size,), "bias_ih": (), "bias_hh": ()}
        for name, rest in shapes.items():
            setattr(self, name, np.random.standard_normal((4 * hidden_size, *rest)))

    def forward(self, x, state):
        h, c = state
        u = h.shape[-1]
        self.W, self.V = self.weight_ih.reshape(4, u, -1), self.weight_hh.reshape(4, u, u)
        bias = (self.bias_ih + self.bias_hh).reshape(4, 1, u)
        a = np.einsum("kuj,bj->kbu", self.W, x) + np.einsum("kuj,bj->kbu", self.V, h) + bias
        half = np.array([0.5, 0.5, 1.0, 0.5]).reshape(4, 1, 1)
        t = np.tanh(half * a)
        y = t * half + (1 - half)  # sigmoid(a) = (1 + tanh(a/2))/2
        self.dy = (1 - t**2) * half**2
        i, f, g, o = y
        self.c_new = f * c + i * g
        self.saved = x, h, c, y
        return o * np.tanh(self.c_new), self.c_new

    def backward(self, dh, dc):
        x, h, c, (i, f, g, o) = self.saved
        tanh_c = np.tanh(self.c_new)
        dc = dc + dh * o / np.cosh(self.c_new) ** 2
        da = np.stack([dc * g, dc * c, dc * i, dh * tanh_c]) * self.dy  # (4, batch, hidden)
        self.dweight_ih = np.einsum("kbu,bj->kuj", da, x).reshape(self.weight_ih.shape)
        self.dweight_hh = np.einsum("kbu,bj->kuj", da, h).reshape(self.weight_hh.shape)
        self.dbias_ih = np.einsum("kbu->ku", da).reshape(-1)
        self.dbias_hh = self.dbias_ih.copy()
        return np.einsum("kbu,kuj->bj", da, self.W), np.einsum("kbu,kuj->bj", da, self.V), dc * f
