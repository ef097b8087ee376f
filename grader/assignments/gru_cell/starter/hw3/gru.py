"""Homework 3: one step of a gated recurrent unit, and the way back through it.

Write `GRU_Cell.forward` and `GRU_Cell.backward`. Everything else is given; leave
`GRU_Cell.__init__` as it is.
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
        raise NotImplementedError

    def backward(self, delta: Array) -> tuple[Array, Array]:
        """Go back through the last step, and store the gradients of the six weights in self.dWrx to self.dWh.

        Args:
            delta: the derivative of the loss with respect to the hidden state at time t, shape (1, hidden).

        Returns:
            dx: the derivative of the loss with respect to x, shape (input,).
            dh: the derivative of the loss with respect to h, the hidden state at time t-1, shape (hidden,).
        """
        raise NotImplementedError
