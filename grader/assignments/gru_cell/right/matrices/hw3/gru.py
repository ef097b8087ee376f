# Style: everything is an np.matrix of columns, the stored gradients too.
import numpy as np


def sig(a):
    return 1. / (1. + np.exp(-a))


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        h, d = hidden_dim, in_dim
        self.Wzh, self.Wrh, self.Wh = np.random.randn(h, h), np.random.randn(h, h), np.random.randn(h, h)
        self.Wzx, self.Wrx, self.Wx = np.random.randn(h, d), np.random.randn(h, d), np.random.randn(h, d)
        self.dWzh, self.dWrh, self.dWh = np.zeros((h, h)), np.zeros((h, h)), np.zeros((h, h))
        self.dWzx, self.dWrx, self.dWx = np.zeros((h, d)), np.zeros((h, d)), np.zeros((h, d))

    def forward(self, x, h):
        self.x = np.matrix(x).T
        self.hp = np.matrix(h).T
        self.z = sig(np.matrix(self.Wzh) * self.hp + np.matrix(self.Wzx) * self.x)
        self.r = sig(np.matrix(self.Wrh) * self.hp + np.matrix(self.Wrx) * self.x)
        self.rh = np.multiply(self.r, self.hp)
        self.ht = np.tanh(np.matrix(self.Wh) * self.rh + np.matrix(self.Wx) * self.x)
        h = np.multiply(1 - self.z, self.hp) + np.multiply(self.z, self.ht)
        return np.asarray(h).flatten()

    def backward(self, delta):
        e = np.matrix(delta).T
        dz = np.multiply(np.multiply(e, self.ht - self.hp), np.multiply(self.z, 1 - self.z))
        dt = np.multiply(np.multiply(e, self.z), 1 - np.power(self.ht, 2))
        drh = np.matrix(self.Wh).T * dt
        dr = np.multiply(np.multiply(drh, self.hp), np.multiply(self.r, 1 - self.r))
        self.dWzh, self.dWzx = dz * self.hp.T, dz * self.x.T
        self.dWrh, self.dWrx = dr * self.hp.T, dr * self.x.T
        self.dWh, self.dWx = dt * self.rh.T, dt * self.x.T
        dx = self.Wzx.T * dz + self.Wrx.T * dr + self.Wx.T * dt
        dh = self.Wzh.T * dz + self.Wrh.T * dr + np.multiply(drh, self.r) + np.multiply(e, 1 - self.z)
        return dx.T, dh.T
