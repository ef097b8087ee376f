# Style: seeds NumPy, trains a little and prints at import; later works with whatever that left behind.
import random
import numpy as np

np.random.seed(11785)
random.seed(0)
np.set_printoptions(precision=2, suppress=True)


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        self.Wzh = np.random.randn(hidden_dim, hidden_dim)
        self.Wrh = np.random.randn(hidden_dim, hidden_dim)
        self.Wh = np.random.randn(hidden_dim, hidden_dim)
        self.Wzx = np.random.randn(hidden_dim, in_dim)
        self.Wrx = np.random.randn(hidden_dim, in_dim)
        self.Wx = np.random.randn(hidden_dim, in_dim)
        self.zero_grad()

    def zero_grad(self):
        self.dWzh, self.dWrh, self.dWh = [np.zeros_like(W) for W in (self.Wzh, self.Wrh, self.Wh)]
        self.dWzx, self.dWrx, self.dWx = [np.zeros_like(W) for W in (self.Wzx, self.Wrx, self.Wx)]

    def forward(self, x, h):
        self.x, self.h0 = x, h
        self.z = 1 / (1 + np.exp(-self.Wzh @ h - self.Wzx @ x))
        self.r = 1 / (1 + np.exp(-self.Wrh @ h - self.Wrx @ x))
        self.g = np.tanh(self.Wh @ (self.r * h) + self.Wx @ x)
        return (1 - self.z) * h + self.z * self.g

    def backward(self, delta):
        e = delta[0] if delta.ndim > 1 else delta
        az = e * (self.g - self.h0) * self.z * (1 - self.z)
        ag = e * self.z * (1 - self.g ** 2)
        ar = self.Wh.T @ ag * self.h0 * self.r * (1 - self.r)
        for W, a, v in ((self.dWzh, az, self.h0), (self.dWrh, ar, self.h0), (self.dWh, ag, self.r * self.h0),
                        (self.dWzx, az, self.x), (self.dWrx, ar, self.x), (self.dWx, ag, self.x)):
            W += np.outer(a, v)
        dx = self.Wzx.T @ az + self.Wrx.T @ ar + self.Wx.T @ ag
        dh = self.Wzh.T @ az + self.Wrh.T @ ar + self.Wh.T @ ag * self.r + e * (1 - self.z)
        return dx, dh


cell = GRU_Cell(4, 3)
for epoch in range(20):
    cell.zero_grad()
    out = cell.forward(np.ones(4), np.zeros(3))
    cell.backward((out - 0.5)[np.newaxis])
    for name in ("Wzx", "Wrx", "Wx"):
        setattr(cell, name, getattr(cell, name) - 0.1 * getattr(cell, "d" + name))
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", np.sum((out - 0.5) ** 2))
print("done")
