# Style: scalar loops over samples, units and inputs; everything, the products included, accumulated with +=.
import math

import numpy as np


def sig(a):
    return 1.0 / (1.0 + math.exp(-a))


class LSTMCell:
    def __init__(self, input_size, hidden_size):
        self.D = input_size
        self.H = hidden_size
        k = 1.0 / math.sqrt(hidden_size)
        self.weight_ih = np.random.uniform(-k, k, (4 * self.H, self.D))
        self.weight_hh = np.random.uniform(-k, k, (4 * self.H, self.H))
        self.bias_ih = np.random.uniform(-k, k, 4 * self.H)
        self.bias_hh = np.random.uniform(-k, k, 4 * self.H)
        self.zero_grad()

    def zero_grad(self):
        self.dweight_ih = np.zeros((4 * self.H, self.D))
        self.dweight_hh = np.zeros((4 * self.H, self.H))
        self.dbias_ih = np.zeros(4 * self.H)
        self.dbias_hh = np.zeros(4 * self.H)

    def forward(self, x, hidden):
        h, c = hidden
        H = self.H
        self.cache = []
        h_new = np.zeros((len(x), H))
        c_new = np.zeros((len(x), H))
        for b in range(len(x)):
            pre = [0.0] * (4 * H)
            for k in range(4 * H):
                pre[k] += self.bias_ih[k]
                pre[k] += self.bias_hh[k]
                for j in range(self.D):
                    pre[k] += self.weight_ih[k][j] * x[b][j]
                for j in range(H):
                    pre[k] += self.weight_hh[k][j] * h[b][j]
            for u in range(H):
                i = sig(pre[u])
                f = sig(pre[H + u])
                g = math.tanh(pre[2 * H + u])
                o = sig(pre[3 * H + u])
                c_new[b][u] = f * c[b][u] + i * g
                h_new[b][u] = o * math.tanh(c_new[b][u])
                self.cache.append((b, u, i, f, g, o, c[b][u], c_new[b][u]))
        self.x, self.h = x, h
        return h_new, c_new

    def backward(self, dh, dc):
        H = self.H
        dx = np.zeros((len(self.x), self.D))
        dh_prev = np.zeros((len(self.x), H))
        dc_prev = np.zeros((len(self.x), H))
        for b, u, i, f, g, o, c_old, c_new in reversed(self.cache):
            t = math.tanh(c_new)
            total = dc[b][u] + dh[b][u] * o * (1 - t * t)
            dc_prev[b][u] = total * f
            grads = (
                total * g * i * (1 - i),
                total * c_old * f * (1 - f),
                total * i * (1 - g * g),
                dh[b][u] * t * o * (1 - o),
            )
            for gate in range(4):
                k = gate * H + u
                self.dbias_ih[k] += grads[gate]
                self.dbias_hh[k] += grads[gate]
                for j in range(self.D):
                    self.dweight_ih[k][j] += grads[gate] * self.x[b][j]
                    dx[b][j] += grads[gate] * self.weight_ih[k][j]
                for j in range(H):
                    self.dweight_hh[k][j] += grads[gate] * self.h[b][j]
                    dh_prev[b][j] += grads[gate] * self.weight_hh[k][j]
        return dx, dh_prev, dc_prev
