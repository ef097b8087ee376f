# Style: np.matrix and column vectors, so that * is the product of matrices; the file is called gru.py, as in earlier terms.
import numpy as np


def col(v):
    return np.matrix(v).reshape(-1, 1)


class GRUCell:
    def __init__(self, d, h):
        self.d = d
        self.h = h
        self.Wrx, self.Wzx, self.Wnx = [np.matrix(np.random.randn(h, d)) for _ in range(3)]
        self.Wrh, self.Wzh, self.Wnh = [np.matrix(np.random.randn(h, h)) for _ in range(3)]
        self.brx = self.bzx = self.bnx = self.brh = self.bzh = self.bnh = np.zeros(h)

    def affine(self, W, b, v):
        return np.matrix(W) * v + col(b)

    def forward(self, x, h_prev_t):
        self.x, self.h0 = col(x), col(h_prev_t)
        sigma = lambda a: 1 / (1 + np.exp(-a))
        self.r = sigma(self.affine(self.Wrx, self.brx, self.x) + self.affine(self.Wrh, self.brh, self.h0))
        self.z = sigma(self.affine(self.Wzx, self.bzx, self.x) + self.affine(self.Wzh, self.bzh, self.h0))
        self.m = self.affine(self.Wnh, self.bnh, self.h0)
        self.n = np.tanh(self.affine(self.Wnx, self.bnx, self.x) + np.multiply(self.r, self.m))
        return (np.multiply(1 - self.z, self.n) + np.multiply(self.z, self.h0)).A1

    def backward(self, delta):
        delta = col(delta)
        R, Z, N = [np.diagflat(v) for v in (self.r, self.z, self.n)]
        I = np.matrix(np.eye(len(delta)))
        n = (I - N * N) * (I - Z) * delta
        z = Z * (I - Z) * np.diagflat(self.h0 - self.n) * delta
        r = R * (I - R) * np.diagflat(self.m) * n
        m = R * n
        dx, dh = np.matrix(np.zeros((self.d, 1))), Z * delta
        for name, g, h in (("n", n, m), ("z", z, z), ("r", r, r)):
            setattr(self, f"dW{name}x", g * self.x.T)
            setattr(self, f"dW{name}h", h * self.h0.T)
            setattr(self, f"db{name}x", g)
            setattr(self, f"db{name}h", h)
            dx += np.matrix(getattr(self, f"W{name}x")).T * g
            dh += np.matrix(getattr(self, f"W{name}h")).T * h
        return dx.T, dh.T
