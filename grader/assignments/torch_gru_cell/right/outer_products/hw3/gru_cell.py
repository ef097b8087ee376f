import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(a: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-a))


class GRUCell:
    def __init__(self, d: int, h: int) -> None:
        self.d = d
        self.h = h  # a size: the hidden state itself needs another name

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

        self.dWrx = np.zeros((h, d))
        self.dWzx = np.zeros((h, d))
        self.dWnx = np.zeros((h, d))

        self.dWrh = np.zeros((h, h))
        self.dWzh = np.zeros((h, h))
        self.dWnh = np.zeros((h, h))

        self.dbrx = np.zeros(h)
        self.dbzx = np.zeros(h)
        self.dbnx = np.zeros(h)

        self.dbrh = np.zeros(h)
        self.dbzh = np.zeros(h)
        self.dbnh = np.zeros(h)

    def __call__(self, x: Array, h_prev_t: Array) -> Array:
        return self.forward(x, h_prev_t)

    def forward(self, x: Array, h_prev_t: Array) -> Array:
        h = h_prev_t
        r = sigmoid(self.Wrx @ x + self.brx + self.Wrh @ h + self.brh)
        z = sigmoid(self.Wzx @ x + self.bzx + self.Wzh @ h + self.bzh)
        m = self.Wnh @ h + self.bnh
        n = np.tanh(self.Wnx @ x + self.bnx + r * m)
        self.x, self.h_prev_t = x, h
        self.r, self.z, self.m, self.n = r, z, m, n
        return (1 - z) * n + z * h

    def backward(self, delta: Array) -> tuple[Array, Array]:
        x, h = self.x, self.h_prev_t
        r, z, m, n = self.r, self.z, self.m, self.n
        delta = np.reshape(delta, -1)

        dz = delta * (h - n)
        dn = delta * (1 - z)
        dh = delta * z

        dan = dn * (1 - n * n)
        dr = dan * m
        dm = dan * r
        self.dWnx = np.outer(dan, x)
        self.dbnx = dan
        self.dWnh = np.outer(dm, h)
        self.dbnh = dm
        dx = self.Wnx.T @ dan
        dh = dh + self.Wnh.T @ dm

        daz = dz * z * (1 - z)
        self.dWzx = np.outer(daz, x)
        self.dbzx = daz
        self.dWzh = np.outer(daz, h)
        self.dbzh = daz
        dx = dx + self.Wzx.T @ daz
        dh = dh + self.Wzh.T @ daz

        dar = dr * r * (1 - r)
        self.dWrx = np.outer(dar, x)
        self.dbrx = dar
        self.dWrh = np.outer(dar, h)
        self.dbrh = dar
        dx = dx + self.Wrx.T @ dar
        dh = dh + self.Wrh.T @ dar

        return dx, dh
