"""With rows, (1, n), in place of vectors, and by the loss's derivative by each equation."""

import numpy as np


class MGU:
    def __init__(self, hidden, inputs):
        self.W_f, self.W_h = np.random.randn(2, hidden, inputs)
        self.U_f, self.U_h = np.random.randn(2, hidden, hidden)
        self.b_f, self.b_h = np.zeros((2, hidden))

    def step(self, x, h):
        self.x, self.h = x.reshape(1, -1), h.reshape(1, -1)
        self.f = 0.5 + 0.5 * np.tanh(0.5 * (self.x @ self.W_f.T + self.h @ self.U_f.T + self.b_f))
        self.fh = self.f * self.h
        self.n = np.tanh(self.x @ self.W_h.T + self.fh @ self.U_h.T + self.b_h)
        return self.h + self.f * (self.n - self.h)

    def back(self, delta):
        d = delta[:, 0].reshape(1, -1)  # it expects a column
        dn = d * self.f
        da = dn - dn * self.n * self.n
        dfh = da @ self.U_h
        dz = (d * (self.n - self.h) + dfh * self.h) * self.f * (1 - self.f)
        self.dW_f, self.dU_f, self.db_f = dz.T @ self.x, dz.T @ self.h, dz
        self.dW_h, self.dU_h, self.db_h = da.T @ self.x, da.T @ self.fh, da
        return dz @ self.W_f + da @ self.W_h, d - d * self.f + dfh * self.f + dz @ self.U_f
