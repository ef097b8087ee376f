"""An Elman cell: write `ElmanCell.forward` and `ElmanCell.backward`, and leave `__init__` as it is."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class ElmanCell:
    """h' = tanh(W_x x + W_h h + b) for every sample, Eq. (1) of the statement."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        """Draw the weights."""
        self.W_x = np.random.randn(hidden_size, input_size)
        self.W_h = np.random.randn(hidden_size, hidden_size)
        self.b = np.zeros(hidden_size)

    def forward(self, x: Array, h: Array) -> Array:
        """Take one step: x (batch, input) and h (batch, hidden) make the new states, (batch, hidden)."""
        raise NotImplementedError

    def backward(self, dh_next: Array) -> tuple[Array, Array]:
        """Go back through the last step: store dW_x, dW_h and db, and return dx and dh.

        Args:
            dh_next: the derivative of the loss with respect to the new states, (batch, hidden).
        """
        raise NotImplementedError
