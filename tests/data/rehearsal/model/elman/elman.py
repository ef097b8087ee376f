"""An Elman cell: one step of a plain recurrent network, and the way back through it."""

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
        """Take one step."""
        self.x, self.h = x, h
        self.y = np.tanh(x @ self.W_x.T + h @ self.W_h.T + self.b)
        return self.y

    def backward(self, dh_next: Array) -> tuple[Array, Array]:
        """Go back through the last step."""
        da = dh_next * (1 - self.y**2)
        self.dW_x = da.T @ self.x
        self.dW_h = da.T @ self.h
        self.db = da.sum(axis=0)
        return da @ self.W_x, da @ self.W_h
