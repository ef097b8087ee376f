# Style: every operation is a numbered step, and backward undoes them one by one, in (1, n) rows; some biases' gradients are rows too.
import numpy as np


class GRUCell:
    def __init__(self, d, h):
        self.d = d
        self.h = h
        self.Wrx = np.random.randn(h, d)
        self.Wzx = np.random.randn(h, d)
        self.Wnx = np.random.randn(h, d)
        self.Wrh = np.random.randn(h, h)
        self.Wzh = np.random.randn(h, h)
        self.Wnh = np.random.randn(h, h)
        self.brx = np.random.randn(h)
        self.bzx = np.random.randn(h)
        self.bnx = np.random.randn(h)
        self.brh = np.random.randn(h)
        self.bzh = np.random.randn(h)
        self.bnh = np.random.randn(h)

    def forward(self, x, h_prev_t):
        self.x = x
        self.h_prev = h_prev_t
        self.z1 = self.Wrx.dot(x)
        self.z2 = self.Wrh.dot(h_prev_t)
        self.z3 = self.z1 + self.brx + self.z2 + self.brh
        self.z4 = 1 / (1 + np.exp(-self.z3))  # r
        self.z5 = self.Wzx.dot(x)
        self.z6 = self.Wzh.dot(h_prev_t)
        self.z7 = self.z5 + self.bzx + self.z6 + self.bzh
        self.z8 = 1 / (1 + np.exp(-self.z7))  # z
        self.z9 = self.Wnx.dot(x) + self.bnx
        self.z10 = self.Wnh.dot(h_prev_t) + self.bnh
        self.z11 = self.z4 * self.z10
        self.z12 = self.z9 + self.z11
        self.z13 = np.tanh(self.z12)  # n
        self.z14 = 1 - self.z8
        self.z15 = self.z14 * self.z13
        self.z16 = self.z8 * h_prev_t
        self.z17 = self.z15 + self.z16
        return self.z17

    def backward(self, delta):
        dh = np.zeros((1, self.h))
        dx = np.zeros((1, self.d))
        d17 = np.reshape(delta, (1, -1))
        d16 = d17
        d15 = d17
        d8 = d16 * self.h_prev
        dh += d16 * self.z8
        d14 = d15 * self.z13
        d13 = d15 * self.z14
        d8 = d8 - d14
        d12 = d13 / np.cosh(self.z12) ** 2
        d11 = d12
        d9 = d12
        d10 = d11 * self.z4
        d4 = d11 * self.z10
        self.dWnh = d10.T * self.h_prev
        self.dbnh = d10
        dh += d10.dot(self.Wnh)
        self.dWnx = d9.T * self.x
        self.dbnx = d9
        dx += d9.dot(self.Wnx)
        d7 = d8 * self.z8 * (1 - self.z8)
        self.dWzh = d7.T * self.h_prev
        self.dWzx = d7.T * self.x
        self.dbzx = self.dbzh = d7.ravel()
        dh += d7.dot(self.Wzh)
        dx += d7.dot(self.Wzx)
        d3 = d4 * np.exp(-self.z3) / (1 + np.exp(-self.z3)) ** 2
        self.dWrh = d3.T * self.h_prev
        self.dWrx = d3.T * self.x
        self.dbrx = self.dbrh = d3[0]
        dh += d3.dot(self.Wrh)
        dx += d3.dot(self.Wrx)
        return dx, dh
