# Style: np.matrix, so that * is the product of matrices; at the root; lists are returned, and the biases' gradients are rows.
import numpy as np
from numpy import matrix, multiply as had


class LSTMCell(object):
    def __init__(self, input_size, hidden_size):
        self.hidden_size = hidden_size
        self.weight_ih = matrix(np.random.randn(4 * hidden_size, input_size))
        self.weight_hh = matrix(np.random.randn(4 * hidden_size, hidden_size))
        self.bias_ih = matrix(np.zeros(4 * hidden_size))
        self.bias_hh = matrix(np.zeros(4 * hidden_size))

    def forward(self, x, hc):
        self.x, self.h, self.c = matrix(x), matrix(hc[0]), matrix(hc[1])
        s = lambda a: 1 / (1 + np.exp(-a))
        a = self.x * matrix(self.weight_ih).T + self.h * matrix(self.weight_hh).T + matrix(self.bias_ih) + matrix(self.bias_hh)
        k = self.hidden_size
        self.i, self.f, self.g, self.o = s(a[:, :k]), s(a[:, k : 2 * k]), np.tanh(a[:, 2 * k : -k]), s(a[:, -k:])
        self.cn = had(self.f, self.c) + had(self.i, self.g)
        return [had(self.o, np.tanh(self.cn)), self.cn]

    def backward(self, dh, dc):
        dh, dc = matrix(dh), matrix(dc)
        i, f, g, o = self.i, self.f, self.g, self.o
        dc = dc + had(had(dh, o), 1 / np.square(np.cosh(self.cn)))
        da = np.hstack([
            had(had(dc, g), had(i, 1 - i)),
            had(had(dc, self.c), had(f, 1 - f)),
            had(had(dc, i), 1 - had(g, g)),
            had(had(dh, np.tanh(self.cn)), had(o, 1 - o)),
        ])
        ones = matrix(np.ones(len(self.x)))
        self.dweight_ih, self.dweight_hh = da.T * self.x, da.T * self.h
        self.dbias_ih = self.dbias_hh = ones * da
        return [da * self.weight_ih, da * self.weight_hh, had(dc, f)]
