"""Homework: one step of an LSTM for a batch of samples, as PyTorch writes it, and the way back through it.

Write `LSTMCell.forward` and `LSTMCell.backward`. Everything else is given; leave `LSTMCell.__init__` as it
is.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), entry by entry, of the shape of a."""
    return 1.0 / (1.0 + np.exp(-a))


class LSTMCell:
    """An LSTM cell, Eq. (1) to (6) of the statement.

    Weights and biases are those of the four gates, stacked in the order i, f, g, o: the first hidden_size
    rows belong to the input gate i, and so on. A gradient has the shape of its array, and its name with a d
    before it.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        """Draw weights and biases, and make room for their gradients."""
        self.input_size = input_size
        self.hidden_size = hidden_size

        self.weight_ih = np.random.randn(4 * hidden_size, input_size)
        self.weight_hh = np.random.randn(4 * hidden_size, hidden_size)
        self.bias_ih = np.random.randn(4 * hidden_size)
        self.bias_hh = np.random.randn(4 * hidden_size)

        self.dweight_ih = np.zeros((4 * hidden_size, input_size))
        self.dweight_hh = np.zeros((4 * hidden_size, hidden_size))
        self.dbias_ih = np.zeros(4 * hidden_size)
        self.dbias_hh = np.zeros(4 * hidden_size)

    def __call__(self, x: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        """Do the same as forward."""
        return self.forward(x, state)

    def forward(self, x: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        """Take one step with every sample of a batch.

        Args:
            x: the inputs at time t, shape (batch, input).
            state: the hidden state h and the cell state c at time t-1, each of shape (batch, hidden).

        Returns:
            The hidden state h' and the cell state c' at time t, each of shape (batch, hidden).
        """
        raise NotImplementedError

    def backward(self, dh: Array, dc: Array) -> tuple[Array, Array, Array]:
        """Go back through the last step, and store the gradients of self.weight_ih to self.bias_hh.

        Args:
            dh: the derivative of the loss with respect to h', shape (batch, hidden).
            dc: that with respect to c', beside what c' does through h', shape (batch, hidden).

        Returns:
            dx: the derivative of the loss with respect to x, shape (batch, input).
            dh: that with respect to h, the hidden state at time t-1, shape (batch, hidden).
            dc: that with respect to c, the cell state at time t-1, shape (batch, hidden).
        """
        raise NotImplementedError
