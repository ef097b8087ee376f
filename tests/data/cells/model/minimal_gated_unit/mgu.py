"""A minimal gated unit: one step, and the way back through it."""

import numpy as np


class MGU:
    """One step, by Equations (1) to (3) of the statement."""

    def __init__(self, hidden, inputs):
        """Draw the weights."""
        self.W_f, self.W_h = np.random.randn(2, hidden, inputs)
        self.U_f, self.U_h = np.random.randn(2, hidden, hidden)
        self.b_f, self.b_h = np.zeros((2, hidden))

    def step(self, x, h):
        """Take one step."""
        self.x, self.h = x, h
        self.f = 1 / (1 + np.exp(-(self.W_f @ x + self.U_f @ h + self.b_f)))
        self.n = np.tanh(self.W_h @ x + self.U_h @ (self.f * h) + self.b_h)
        return (1 - self.f) * h + self.f * self.n

    def back(self, delta):
        """Go back through the last step."""
        delta = delta.ravel()
        da = delta * self.f * (1 - self.n**2)
        d_fh = self.U_h.T @ da
        df = delta * (self.n - self.h) + d_fh * self.h
        db = df * self.f * (1 - self.f)
        self.dW_h, self.dU_h, self.db_h = np.outer(da, self.x), np.outer(da, self.f * self.h), da
        self.dW_f, self.dU_f, self.db_f = np.outer(db, self.x), np.outer(db, self.h), db
        dx = self.W_h.T @ da + self.W_f.T @ db
        dh = delta * (1 - self.f) + d_fh * self.f + self.U_f.T @ db
        return dx, dh
