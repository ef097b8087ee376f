"""Homework 6: an RNN that echoes what it was given two steps ago.

Save this file under your own name (homework6_YOU.py, or homework6_YOU_PARTNER.py for a team of two), and
write `RNN.forward`, `RNN.backward` and `RNN.train`.
"""

import numpy as np


def draw_sequence(length=50, back=2):
    """Draw a task: x is 0 or 1 with equal chance, and y is what x was two steps before (0 at first)."""
    x = np.random.randint(0, 2, length).astype(float)
    y = np.roll(x, back)
    y[:back] = 0
    return x, y


class RNN:
    """h_t = tanh(U h_{t-1} + V x_t), yhat_t = h_t . w, from h_0 = 0."""

    def __init__(self, numHidden, numInput, numOutput):
        """Draw the weights. Add what you like, but keep the names U, V and w: they are set from outside."""
        self.U = 0.1 * np.random.randn(numHidden, numHidden)  # (6, 6)
        self.V = 0.1 * np.random.randn(numHidden, numInput)  # (6, 1)
        self.w = 0.1 * np.random.randn(numHidden)  # (6,), for the one output

    def forward(self, x):
        """Go through the sequence x (T,) with self.U, self.V and self.w, and return all yhat_t, (T,).

        Keep whatever backward needs.
        """
        raise NotImplementedError

    def backward(self, y):
        """Return dU (6, 6), dV (6, 1) and dw (6,), in this order.

        They are the gradients of the total cost J = sum over t of (yhat_t - y_t)^2 / 2, for the sequence that
        forward has just gone through, when y (T,) is what it should have said.
        """
        raise NotImplementedError

    def train(self, x, y):
        """Descend on J for this one sequence, changing self.U, self.V and self.w, until J is below 0.05.

        Return the list of losses, one value of J for each step.
        """
        raise NotImplementedError


if __name__ == "__main__":
    np.random.seed(1)
    x, y = draw_sequence()
    rnn = RNN(6, 1, 1)
    for step, loss in enumerate(rnn.train(x, y)):
        print(step, loss)
