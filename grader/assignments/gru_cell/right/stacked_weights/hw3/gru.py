# Style: a batch of one in rows; both gates in one product with stacked, transposed weights, taken apart again at the end.
import numpy as np


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

    def _stack(self):
        gates = np.block([[self.Wzh, self.Wzx], [self.Wrh, self.Wrx]]).T     # (h+d, 2h)
        cand = np.concatenate((self.Wh, self.Wx), axis=1).T                  # (h+d, h)
        return gates, cand

    def forward(self, x, h):
        x, h = np.atleast_2d(x), np.atleast_2d(h)
        gates, cand = self._stack()
        hx = np.concatenate((h, x), axis=1)
        zr = 1 / (1 + np.exp(-hx @ gates))
        z, r = np.split(zr, 2, axis=1)
        rhx = np.concatenate((r * h, x), axis=1)
        n = np.tanh(rhx @ cand)
        self.saved = hx, zr, z, r, rhx, n, h
        return ((1 - z) * h + z * n)[0]

    def backward(self, delta):
        hx, zr, z, r, rhx, n, h = self.saved
        gates, cand = self._stack()
        k = h.shape[1]
        delta = np.atleast_2d(delta)
        da_n = delta * z * (1 - n ** 2)
        d_rhx = da_n @ cand.T
        da_zr = np.hstack((delta * (n - h), d_rhx[:, :k] * h)) * zr * (1 - zr)
        d_hx = da_zr @ gates.T
        d_gates = hx.T @ da_zr
        d_cand = rhx.T @ da_n
        self.dWzh, self.dWzx = d_gates[:k, :k].T, d_gates[k:, :k].T
        self.dWrh, self.dWrx = d_gates[:k, k:].T, d_gates[k:, k:].T
        self.dWh, self.dWx = d_cand[:k].T, d_cand[k:].T
        dx = d_hx[:, k:] + d_rhx[:, k:]
        dh = d_hx[:, :k] + d_rhx[:, :k] * r + delta * (1 - z)
        return dx, dh
