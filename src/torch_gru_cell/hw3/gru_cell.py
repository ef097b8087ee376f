"""Homework 3: one step of a gated recurrent unit as PyTorch writes it, and the way back through it.

The letters are those of the statement; h is the state before the step, h' the state after it:

    r  = sigmoid(a_r)      a_r = Wrx x + brx + Wrh h + brh              (1)
    z  = sigmoid(a_z)      a_z = Wzx x + bzx + Wzh h + bzh              (2)
    n  = tanh(a_n)         a_n = Wnx x + bnx + r*m,   m = Wnh h + bnh   (3)
    h' = (1 - z)*n + z*h                                                (4)

In `backward`, a d before a letter stands for the derivative of the loss with respect to it. It meets the
equations in reverse, so that the derivative of each letter is complete before the equation that made it.
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
        h = h_prev_t  # (hidden,)

        # Eq. (1)  r = sigmoid(Wrx x + brx + Wrh h + brh)
        r = sigmoid(self.Wrx @ x + self.brx + self.Wrh @ h + self.brh)  # (hidden,)
        # Eq. (2)  z = sigmoid(Wzx x + bzx + Wzh h + bzh)
        z = sigmoid(self.Wzx @ x + self.bzx + self.Wzh @ h + self.bzh)  # (hidden,)
        # Eq. (3)  n = tanh(Wnx x + bnx + r*m): the reset acts on all of m, the bias bnh included
        m = self.Wnh @ h + self.bnh  # (hidden,)
        n = np.tanh(self.Wnx @ x + self.bnx + r * m)  # (hidden,)

        # For backward: the inputs, and the letters from which the local derivatives are made.
        self.x, self.h_prev_t = x, h
        self.r, self.z, self.m, self.n = r, z, m, n

        # Eq. (4)  h' = (1 - z)*n + z*h
        return (1.0 - z) * n + z * h  # (hidden,)

    def backward(self, delta: Array) -> tuple[Array, Array]:
        """Go back through the last step, and store the twelve gradients in self.dWrx to self.dbnh.

        Args:
            delta: the derivative of the loss with respect to h_t, shape (hidden,) or (1, hidden).

        Returns:
            dx: the derivative of the loss with respect to x, shape (input,).
            dh: the derivative of the loss with respect to h_prev_t, shape (hidden,).
        """
        x, h = self.x, self.h_prev_t  # (input,), (hidden,)
        r, z, m, n = self.r, self.z, self.m, self.n  # each (hidden,)
        dh_t = np.reshape(delta, -1)  # (1, hidden) or (hidden,) -> (hidden,)

        # Eq. (4)  h' = (1 - z)*n + z*h
        dz = dh_t * (h - n)  # (hidden,)
        dn = dh_t * (1.0 - z)  # (hidden,)
        dh = dh_t * z  # (hidden,): the first of four ways from h to the loss

        # Eq. (3)  n = tanh(a_n),  a_n = Wnx x + bnx + r*m,  m = Wnh h + bnh
        da_n = dn * (1.0 - n * n)  # (hidden,)
        dr = da_n * m  # (hidden,)
        dm = da_n * r  # (hidden,): what reaches Wnh, bnh and h went through the reset gate
        self.dWnx = np.outer(da_n, x)  # (hidden, input)
        self.dbnx = da_n  # (hidden,)
        self.dWnh = np.outer(dm, h)  # (hidden, hidden)
        self.dbnh = dm  # (hidden,): the one bias whose gradient differs from its neighbour's
        dx = self.Wnx.T @ da_n  # (input,): the first of three ways from x to the loss
        dh = dh + self.Wnh.T @ dm  # (hidden,): the second way

        # Eq. (2)  z = sigmoid(a_z),  a_z = Wzx x + bzx + Wzh h + bzh
        da_z = dz * z * (1.0 - z)  # (hidden,)
        self.dWzx = np.outer(da_z, x)  # (hidden, input)
        self.dbzx = da_z  # (hidden,)
        self.dWzh = np.outer(da_z, h)  # (hidden, hidden)
        self.dbzh = da_z.copy()  # (hidden,): equal to dbzx, and yet an array of its own
        dx = dx + self.Wzx.T @ da_z  # (input,)
        dh = dh + self.Wzh.T @ da_z  # (hidden,): the third way

        # Eq. (1)  r = sigmoid(a_r),  a_r = Wrx x + brx + Wrh h + brh
        da_r = dr * r * (1.0 - r)  # (hidden,)
        self.dWrx = np.outer(da_r, x)  # (hidden, input)
        self.dbrx = da_r  # (hidden,)
        self.dWrh = np.outer(da_r, h)  # (hidden, hidden)
        self.dbrh = da_r.copy()  # (hidden,)
        dx = dx + self.Wrx.T @ da_r  # (input,)
        dh = dh + self.Wrh.T @ da_r  # (hidden,): the fourth way

        return dx, dh
