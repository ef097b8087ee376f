# Style: gradients are added up with +=, no init_weights, no __call__, and a Sigmoid whose derivative is a function of its output.
import numpy as np


class Sigmoid:
    def __call__(self, x):
        return 1 / (1 + np.exp(-x))

    def derivative(self, y):
        return y * (1 - y)


class Tanh:
    def __call__(self, x):
        return np.tanh(x)

    def derivative(self, y):
        return 1 - y ** 2


class GRU_Cell:
    """docstring for GRU_Cell"""
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        h = self.h
        d = self.d

        self.Wzh = np.random.randn(h, h)
        self.Wrh = np.random.randn(h, h)
        self.Wh = np.random.randn(h, h)

        self.Wzx = np.random.randn(h, d)
        self.Wrx = np.random.randn(h, d)
        self.Wx = np.random.randn(h, d)

        self.dWzh = np.zeros((h, h))
        self.dWrh = np.zeros((h, h))
        self.dWh = np.zeros((h, h))

        self.dWzx = np.zeros((h, d))
        self.dWrx = np.zeros((h, d))
        self.dWx = np.zeros((h, d))

        self.z_act = Sigmoid()
        self.r_act = Sigmoid()
        self.h_act = Tanh()

    def forward(self, x, h):
        self.x = x
        self.h_1 = h
        self.z = self.z_act(self.Wzh.dot(h) + self.Wzx.dot(x))
        self.r = self.r_act(self.Wrh.dot(h) + self.Wrx.dot(x))
        self.h_hat = self.h_act(self.Wh.dot(self.r * h) + self.Wx.dot(x))
        return (1 - self.z) * h + self.z * self.h_hat

    def backward(self, delta):
        x = self.x[None, :]
        h = self.h_1[None, :]
        dh = delta * (1 - self.z)
        dz = delta * (self.h_hat - self.h_1) * self.z_act.derivative(self.z)
        dhat = delta * self.z * self.h_act.derivative(self.h_hat)
        self.dWh += dhat.T.dot(self.r * h)
        self.dWx += dhat.T.dot(x)
        drh = dhat.dot(self.Wh)
        dr = drh * h * self.r_act.derivative(self.r)
        dh += drh * self.r
        self.dWrh += dr.T.dot(h)
        self.dWrx += dr.T.dot(x)
        self.dWzh += dz.T.dot(h)
        self.dWzx += dz.T.dot(x)
        dh += dr.dot(self.Wrh) + dz.dot(self.Wzh)
        dx = dhat.dot(self.Wx) + dr.dot(self.Wrx) + dz.dot(self.Wzx)
        return dx, dh
