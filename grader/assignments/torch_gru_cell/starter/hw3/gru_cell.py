"""Homework 3: one step of a gated recurrent unit as PyTorch writes it, and the way back through it.

Write `GRUCell.forward` and `GRUCell.backward`. Everything else is given; leave `GRUCell.__init__` as it is.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), entry by entry, of the shape of a."""
    return 1.0 / (1.0 + np.exp(-a))


class GRUCell:
    """A GRU cell with biases, Eq. (1) to (4) of the statement.

    The names are built from three letters: W for a weight or b for a bias, the gate that it belongs to
    (r reset, z update, n candidate), and what it stands beside (x the input, h the hidden state). A gradient
    has the shape of its array, and its name with a d before it.
    """

    def __init__(self, d: int, h: int) -> None:
        """Draw weights and biases for d inputs and h hidden units, and make room for their gradients."""
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
        """Do the same as forward."""
        return self.forward(x, h_prev_t)

    def forward(self, x: Array, h_prev_t: Array) -> Array:
        """Take one step.

        Args:
            x: the input at time t, shape (input,).
            h_prev_t: the hidden state at time t-1, shape (hidden,).

        Returns:
            h_t: the hidden state at time t, shape (hidden,).
        """
        raise NotImplementedError

    def backward(self, delta: Array) -> tuple[Array, Array]:
        """Go back through the last step, and store the twelve gradients in self.dWrx to self.dbnh.

        Args:
            delta: the derivative of the loss with respect to h_t, shape (hidden,) or (1, hidden).

        Returns:
            dx: the derivative of the loss with respect to x, shape (input,).
            dh: the derivative of the loss with respect to h_prev_t, shape (hidden,).
        """
        raise NotImplementedError
