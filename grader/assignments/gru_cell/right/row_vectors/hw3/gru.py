# Style: rows throughout: h comes back as (1, hidden), dx and dh as (1, input) and (1, hidden).
import numpy as np


class Sigmoid:
    def __call__(self, x):
        return 1 / (1 + np.exp(-x))

    def derivative(self, x):
        return self(x) * self(-x)


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
        self.act = Sigmoid()

    def forward(self, x, h):
        self.x = x.reshape(1, -1)
        self.hid = h.reshape(1, -1)
        self.az = self.hid.dot(self.Wzh.T) + self.x.dot(self.Wzx.T)
        self.ar = self.hid.dot(self.Wrh.T) + self.x.dot(self.Wrx.T)
        self.z = self.act(self.az)
        self.r = self.act(self.ar)
        self.ah = (self.r * self.hid).dot(self.Wh.T) + self.x.dot(self.Wx.T)
        self.hbar = np.tanh(self.ah)
        return (1 - self.z) * self.hid + self.z * self.hbar

    def backward(self, delta):
        dah = delta * self.z * (1 - np.tanh(self.ah) ** 2)
        daz = delta * (self.hbar - self.hid) * self.act.derivative(self.az)
        dar = dah.dot(self.Wh) * self.hid * self.act.derivative(self.ar)
        self.dWx = dah.T.dot(self.x)
        self.dWh = dah.T.dot(self.r * self.hid)
        self.dWzx = daz.T.dot(self.x)
        self.dWzh = daz.T.dot(self.hid)
        self.dWrx = dar.T.dot(self.x)
        self.dWrh = dar.T.dot(self.hid)
        dx = dah.dot(self.Wx) + daz.dot(self.Wzx) + dar.dot(self.Wrx)
        dh = dah.dot(self.Wh) * self.r + daz.dot(self.Wzh) + dar.dot(self.Wrh) + delta * (1 - self.z)
        return dx, dh
