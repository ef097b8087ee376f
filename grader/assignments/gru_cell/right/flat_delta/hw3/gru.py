# Style: delta is taken as (hidden,) alone; a row of shape (1, hidden) raises.
import numpy as np


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        h, d = self.h, self.d
        self.Wzh, self.Wrh, self.Wh = np.random.randn(h, h), np.random.randn(h, h), np.random.randn(h, h)
        self.Wzx, self.Wrx, self.Wx = np.random.randn(h, d), np.random.randn(h, d), np.random.randn(h, d)

    def forward(self, x, h):
        self.x = x
        self.hidden = h
        self.z = 1 / (1 + np.exp(-(self.Wzh @ h + self.Wzx @ x)))
        self.r = 1 / (1 + np.exp(-(self.Wrh @ h + self.Wrx @ x)))
        self.n = np.tanh(self.Wh @ (self.r * h) + self.Wx @ x)
        h_t = (1 - self.z) * h + self.z * self.n
        assert h_t.shape == (self.h,)
        return h_t

    def backward(self, delta):
        assert delta.shape == (self.h,), "delta should be a vector"
        dn = delta * self.z * (1 - self.n ** 2)
        dz = delta * (self.n - self.hidden) * self.z * (1 - self.z)
        drh = self.Wh.T @ dn
        dr = drh * self.hidden * self.r * (1 - self.r)
        self.dWrx = dr[:, np.newaxis] @ self.x[np.newaxis, :]
        self.dWrh = dr[:, np.newaxis] @ self.hidden[np.newaxis, :]
        self.dWzx = dz[:, np.newaxis] @ self.x[np.newaxis, :]
        self.dWzh = dz[:, np.newaxis] @ self.hidden[np.newaxis, :]
        self.dWx = dn[:, np.newaxis] @ self.x[np.newaxis, :]
        self.dWh = dn[:, np.newaxis] @ (self.r * self.hidden)[np.newaxis, :]
        dx = self.Wzx.T @ dz + self.Wrx.T @ dr + self.Wx.T @ dn
        dh = self.Wzh.T @ dz + self.Wrh.T @ dr + drh * self.r + delta * (1 - self.z)
        assert dx.shape == (self.d,)
        assert dh.shape == (self.h,)
        return dx, dh
