# Style: the file is called gru_cell.py; every derivative is a numbered line, as on paper.
import numpy as np


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        self.Wzh = np.random.randn(self.h, self.h)
        self.Wrh = np.random.randn(self.h, self.h)
        self.Wh = np.random.randn(self.h, self.h)
        self.Wzx = np.random.randn(self.h, self.d)
        self.Wrx = np.random.randn(self.h, self.d)
        self.Wx = np.random.randn(self.h, self.d)
        self.dWzh = np.zeros((self.h, self.h))
        self.dWrh = np.zeros((self.h, self.h))
        self.dWh = np.zeros((self.h, self.h))
        self.dWzx = np.zeros((self.h, self.d))
        self.dWrx = np.zeros((self.h, self.d))
        self.dWx = np.zeros((self.h, self.d))

    def forward(self, x, h):
        self.x = x
        self.h_prev = h
        self.z1 = np.dot(self.Wzh, h)
        self.z2 = np.dot(self.Wzx, x)
        self.z3 = self.z1 + self.z2
        self.z4 = 1 / (1 + np.exp(-self.z3))
        self.z5 = np.dot(self.Wrh, h)
        self.z6 = np.dot(self.Wrx, x)
        self.z7 = self.z5 + self.z6
        self.z8 = 1 / (1 + np.exp(-self.z7))
        self.z9 = self.z8 * h
        self.z10 = np.dot(self.Wh, self.z9)
        self.z11 = np.dot(self.Wx, x)
        self.z12 = self.z10 + self.z11
        self.z13 = np.tanh(self.z12)
        self.z14 = 1 - self.z4
        self.z15 = self.z14 * h
        self.z16 = self.z4 * self.z13
        return self.z15 + self.z16

    def backward(self, delta):
        h = self.h_prev.reshape(-1, 1)
        x = self.x.reshape(-1, 1)
        d16 = delta
        d15 = delta
        d13 = d16 * self.z4
        d4 = d16 * self.z13
        d14 = d15 * self.h_prev
        dh = d15 * self.z14
        d4 = d4 - d14
        d12 = d13 * (1 - np.tanh(self.z12) ** 2)
        d11 = d12
        d10 = d12
        self.dWx = np.dot(x, d11).T
        dx = np.dot(d11, self.Wx)
        self.dWh = np.dot(self.z9.reshape(-1, 1), d10).T
        d9 = np.dot(d10, self.Wh)
        d8 = d9 * self.h_prev
        dh = dh + d9 * self.z8
        d7 = d8 * self.z8 * (1 - self.z8)
        self.dWrx = np.dot(x, d7).T
        dx = dx + np.dot(d7, self.Wrx)
        self.dWrh = np.dot(h, d7).T
        dh = dh + np.dot(d7, self.Wrh)
        d3 = d4 * self.z4 * (1 - self.z4)
        self.dWzx = np.dot(x, d3).T
        dx = dx + np.dot(d3, self.Wzx)
        self.dWzh = np.dot(h, d3).T
        dh = dh + np.dot(d3, self.Wzh)
        return dx, dh
