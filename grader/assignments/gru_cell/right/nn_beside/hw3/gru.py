# Style: a package nn beside this file, `from nn.activation import ...` at the top and `import nn` inside a method.
import numpy as np
from nn.activation import Sigmoid, Tanh


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        import nn

        self.d = in_dim
        self.h = hidden_dim
        h, d = hidden_dim, in_dim
        self.Wzh, self.Wzx = np.random.randn(h, h), np.random.randn(h, d)
        self.Wrh, self.Wrx = np.random.randn(h, h), np.random.randn(h, d)
        self.Wh, self.Wx = np.random.randn(h, h), np.random.randn(h, d)
        self.z_act, self.r_act, self.h_act = nn.Sigmoid(), Sigmoid(), Tanh()

    def forward(self, x, h):
        self.x, self.hh = x, h
        self.z = self.z_act(self.Wzh @ h + self.Wzx @ x)
        self.r = self.r_act(self.Wrh @ h + self.Wrx @ x)
        self.c = self.h_act(self.Wh @ (self.r * h) + self.Wx @ x)
        return self.z * self.c + h - self.z * h

    def backward(self, delta):
        delta = delta.T if delta.ndim == 2 else delta[:, None]      # column
        col = lambda v: v[:, None]
        c = col(self.h_act.derivative()) * col(self.z) * delta
        z = col(self.z_act.derivative()) * col(self.c - self.hh) * delta
        r = col(self.r_act.derivative(self.hh)) * (self.Wh.T @ c)
        self.dWx, self.dWh = c @ col(self.x).T, c @ col(self.r * self.hh).T
        self.dWzx, self.dWzh = z @ col(self.x).T, z @ col(self.hh).T
        self.dWrx, self.dWrh = r @ col(self.x).T, r @ col(self.hh).T
        dx = self.Wx.T @ c + self.Wzx.T @ z + self.Wrx.T @ r
        dh = delta * (1 - col(self.z)) + (self.Wh.T @ c) * col(self.r) + self.Wzh.T @ z + self.Wrh.T @ r
        return dx.ravel(), dh.ravel()
