"""Homework 6: an RNN that echoes what it was given two steps ago."""

import numpy as np


class RNN:
    """h_t = tanh(U h_{t-1} + V x_t), yhat_t = h_t . w, from h_0 = 0."""

    def __init__(self, numHidden, numInput, numOutput):
        self.U = 0.1 * np.random.randn(numHidden, numHidden)  # (hidden, hidden)
        self.V = 0.1 * np.random.randn(numHidden, numInput)  # (hidden, 1)
        self.w = 0.1 * np.random.randn(numHidden)  # (hidden,)

    def forward(self, x):
        """x (T,) -> yhat (T,)."""
        self.x = np.asarray(x, dtype=float)
        self.h = np.zeros((len(self.x) + 1, len(self.w)))  # (T + 1, hidden): row t is h_t
        pushes = np.outer(self.x, self.V)  # (T, hidden)
        for t, push in enumerate(pushes, start=1):
            self.h[t] = np.tanh(self.U @ self.h[t - 1] + push)
        return self.h[1:] @ self.w

    def backward(self, y):
        """y (T,) -> dU (hidden, hidden), dV (hidden, 1), dw (hidden,)."""
        h = self.h[1:]
        error = h @ self.w - y  # (T,)    dJ/dyhat_t
        slope = 1 - h**2  # (T, hidden)    tanh'(z_t)
        dz = np.outer(error, self.w)  # (T, hidden)    the part of dJ/dh_t that comes from yhat_t
        carry = np.zeros_like(self.w)  # the part that comes from h_{t+1}
        for t in range(len(h) - 1, -1, -1):
            dz[t] = (dz[t] + carry) * slope[t]
            carry = self.U.T @ dz[t]
        return dz.T @ self.h[:-1], dz.T @ self.x[:, None], h.T @ error

    def train(self, x, y, rate=0.01, steps=400, target=0.05):
        """Plain gradient descent on the whole sequence. Returns J before each step, and at the end."""
        losses = []
        for _ in range(steps):
            losses.append(0.5 * np.sum((self.forward(x) - y) ** 2))
            if losses[-1] < target:
                break
            dU, dV, dw = self.backward(y)
            self.U -= rate * dU
            self.V -= rate * dV
            self.w -= rate * dw
        return losses


if __name__ == "__main__":
    np.random.seed(1)
    x = np.random.randint(0, 2, 50).astype(float)
    y = np.roll(x, 2)
    y[:2] = 0
    for loss in RNN(6, 1, 1).train(x, y):
        print(loss)
