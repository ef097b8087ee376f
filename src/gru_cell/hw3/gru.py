"""Homework 3: one step of a gated recurrent unit, and the way back through it.

The letters are those of the statement; h is the state before the step, h' the state after it. In `backward`,
a d before a letter stands for the derivative of the loss with respect to it, and a_z, a_r, a_n are what goes
into the activations:

    z  = sigmoid(a_z)          a_z = Wzh h + Wzx x          (1)
    r  = sigmoid(a_r)          a_r = Wrh h + Wrx x          (2)
    n  = tanh(a_n)             a_n = Wh (r*h) + Wx x        (3)
    h' = (1 - z)*h + z*n                                    (4)
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Sigmoid:
    """y = 1 / (1 + exp(-a)), entry by entry. Remembers its last output."""

    def forward(self, a: Array) -> Array:
        """Return y, of the shape of a."""
        self.y = 1.0 / (1.0 + np.exp(-a))
        return self.y

    def __call__(self, a: Array) -> Array:
        """Do the same as forward."""
        return self.forward(a)

    def derivative(self) -> Array:
        """Return dy/da at the a of the last forward, of its shape."""
        return self.y * (1.0 - self.y)


class Tanh:
    """y = tanh(a), entry by entry. Remembers its last output."""

    def forward(self, a: Array) -> Array:
        """Return y, of the shape of a."""
        self.y = np.tanh(a)
        return self.y

    def __call__(self, a: Array) -> Array:
        """Do the same as forward."""
        return self.forward(a)

    def derivative(self) -> Array:
        """Return dy/da at the a of the last forward, of its shape."""
        return 1.0 - self.y * self.y


class GRU_Cell:
    """A GRU cell without biases, Eq. (1) to (4) of the statement.

    Weights whose name ends in h act on the hidden state and have shape (hidden, hidden); those whose name
    ends in x act on the input and have shape (hidden, input). A gradient has the shape of its weight, and
    its name with a d before it.
    """

    def __init__(self, in_dim: int, hidden_dim: int) -> None:
        """Draw the weights and make room for their gradients."""
        self.d = in_dim
        self.h = hidden_dim  # a size: the hidden state itself needs another name

        self.Wzh = np.random.randn(hidden_dim, hidden_dim)
        self.Wrh = np.random.randn(hidden_dim, hidden_dim)
        self.Wh = np.random.randn(hidden_dim, hidden_dim)

        self.Wzx = np.random.randn(hidden_dim, in_dim)
        self.Wrx = np.random.randn(hidden_dim, in_dim)
        self.Wx = np.random.randn(hidden_dim, in_dim)

        self.dWzh = np.zeros((hidden_dim, hidden_dim))
        self.dWrh = np.zeros((hidden_dim, hidden_dim))
        self.dWh = np.zeros((hidden_dim, hidden_dim))

        self.dWzx = np.zeros((hidden_dim, in_dim))
        self.dWrx = np.zeros((hidden_dim, in_dim))
        self.dWx = np.zeros((hidden_dim, in_dim))

        self.z_act = Sigmoid()
        self.r_act = Sigmoid()
        self.h_act = Tanh()

    def init_weights(
        self,
        Wzh: Array,
        Wrh: Array,
        Wh: Array,
        Wzx: Array,
        Wrx: Array,
        Wx: Array,
    ) -> None:
        """Replace the random weights."""
        self.Wzh = Wzh
        self.Wrh = Wrh
        self.Wh = Wh
        self.Wzx = Wzx
        self.Wrx = Wrx
        self.Wx = Wx

    def __call__(self, x: Array, h: Array) -> Array:
        """Do the same as forward."""
        return self.forward(x, h)

    def forward(self, x: Array, h: Array) -> Array:
        """Take one step.

        Args:
            x: the input at time t, shape (input,).
            h: the hidden state at time t-1, shape (hidden,).

        Returns:
            The hidden state at time t, shape (hidden,).
        """
        # Eq. (1)  z = sigmoid(Wzh h + Wzx x)
        z = self.z_act(self.Wzh @ h + self.Wzx @ x)  # (hidden,)
        # Eq. (2)  r = sigmoid(Wrh h + Wrx x)
        r = self.r_act(self.Wrh @ h + self.Wrx @ x)  # (hidden,)
        # Eq. (3)  n = tanh(Wh (r*h) + Wx x): the reset acts before the product
        n = self.h_act(self.Wh @ (r * h) + self.Wx @ x)  # (hidden,)

        # For backward. What it needs of the pre-activations, the activations remember.
        self.x, self.h_prev = x, h
        self.z, self.r, self.n = z, r, n

        # Eq. (4)  h' = (1 - z)*h + z*n
        return (1.0 - z) * h + z * n  # (hidden,)

    def backward(self, delta: Array) -> tuple[Array, Array]:
        """Go back through the last step, and store the gradients of the six weights in self.dWrx to self.dWh.

        Args:
            delta: the derivative of the loss with respect to the hidden state at time t, shape (1, hidden).

        Returns:
            dx: the derivative of the loss with respect to x, shape (input,).
            dh: the derivative of the loss with respect to h, the hidden state at time t-1, shape (hidden,).
        """
        x, h = self.x, self.h_prev  # (input,), (hidden,)
        z, r, n = self.z, self.r, self.n  # each (hidden,)
        dh_next = np.reshape(delta, -1)  # (1, hidden) or (hidden,) -> (hidden,)

        # Eq. (4)  h' = (1 - z)*h + z*n
        dz = dh_next * (n - h)  # (hidden,)
        dn = dh_next * z  # (hidden,)
        dh = dh_next * (1.0 - z)  # (hidden,): the first of four ways from h to the loss

        # Eq. (3)  n = tanh(a_n),  a_n = Wh (r*h) + Wx x
        da_n = dn * self.h_act.derivative()  # (hidden,): tanh'(a_n) = 1 - n*n
        self.dWh = np.outer(da_n, r * h)  # (hidden, hidden)
        self.dWx = np.outer(da_n, x)  # (hidden, input)
        drh = self.Wh.T @ da_n  # (hidden,): by the product r*h as a whole
        dr = drh * h  # (hidden,)
        dh = dh + drh * r  # (hidden,): the second way
        dx = self.Wx.T @ da_n  # (input,): the first of three ways from x to the loss

        # Eq. (2)  r = sigmoid(a_r),  a_r = Wrh h + Wrx x
        da_r = dr * self.r_act.derivative()  # (hidden,): sigmoid'(a_r) = r*(1 - r)
        self.dWrh = np.outer(da_r, h)  # (hidden, hidden)
        self.dWrx = np.outer(da_r, x)  # (hidden, input)
        dh = dh + self.Wrh.T @ da_r  # (hidden,): the third way
        dx = dx + self.Wrx.T @ da_r  # (input,)

        # Eq. (1)  z = sigmoid(a_z),  a_z = Wzh h + Wzx x
        da_z = dz * self.z_act.derivative()  # (hidden,): sigmoid'(a_z) = z*(1 - z)
        self.dWzh = np.outer(da_z, h)  # (hidden, hidden)
        self.dWzx = np.outer(da_z, x)  # (hidden, input)
        dh = dh + self.Wzh.T @ da_z  # (hidden,): the fourth way
        dx = dx + self.Wzx.T @ da_z  # (input,)

        return dx, dh
