# Style: one Jacobian for each arrow of the graph, multiplied along every path and summed over the paths; delta must be (hidden,).
import numpy as np
from numpy import diag


class GRUCell:
    def __init__(self, d, h):
        rng = np.random.default_rng(0)
        self.Wrx, self.Wzx, self.Wnx = rng.normal(size=(3, h, d))
        self.Wrh, self.Wzh, self.Wnh = rng.normal(size=(3, h, h))
        self.bir, self.biz, self.bin, self.bhr, self.bhz, self.bhn = rng.normal(size=(6, h))

    def forward(self, x, h_prev_t):
        sigmoid = lambda a: 0.5 * (1 + np.tanh(a / 2))
        self.x, self.h = x, h_prev_t
        self.r = sigmoid(self.Wrx @ x + self.Wrh @ self.h + self.bir + self.bhr)
        self.z = sigmoid(self.Wzx @ x + self.Wzh @ self.h + self.biz + self.bhz)
        self.m = self.Wnh @ self.h + self.bhn
        self.n = np.tanh(self.Wnx @ x + self.bin + self.r * self.m)
        return self.z * self.h + (1 - self.z) * self.n

    def backward(self, delta):
        r, z, n, m, h, x = self.r, self.z, self.n, self.m, self.h, self.x
        # d(output)/d(...), each (hidden, hidden)
        J_n = diag(1 - z) @ diag(1 - n**2)
        J_r = J_n @ diag(m) @ diag(r * (1 - r))
        J_z = diag(h - n) @ diag(z * (1 - z))
        J_m = J_n @ diag(r)
        gr, gz, gn, gm = (J.T @ delta for J in (J_r, J_z, J_n, J_m))
        if not gr.shape == gz.shape == gn.shape == gm.shape == h.shape:
            raise ValueError(f"delta has shape {delta.shape}")
        self.dWrx, self.dWzx, self.dWnx = np.outer(gr, x), np.outer(gz, x), np.outer(gn, x)
        self.dWrh, self.dWzh, self.dWnh = np.outer(gr, h), np.outer(gz, h), np.outer(gm, h)
        self.dbir, self.dbiz, self.dbin = gr, gz, gn
        self.dbhr, self.dbhz, self.dbhn = gr, gz, gm
        dx = (J_r @ self.Wrx + J_z @ self.Wzx + J_n @ self.Wnx).T @ delta
        dh = (J_r @ self.Wrh + J_z @ self.Wzh + J_m @ self.Wnh + diag(z)).T @ delta
        return dx, dh
