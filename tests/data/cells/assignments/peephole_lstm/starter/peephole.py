"""An LSTM with peepholes: write `forward` and `backward`, and leave `__init__` as it is."""

import numpy as np


class PeepholeLSTM:
    """One step, by Equations (1) to (6) of the statement."""

    def __init__(self, input_size, hidden_size):
        """Draw the weights."""
        for gate in "ifgo":
            setattr(self, f"W_{gate}", np.random.randn(hidden_size, input_size))
            setattr(self, f"U_{gate}", np.random.randn(hidden_size, hidden_size))
            setattr(self, f"b_{gate}", np.zeros(hidden_size))
        self.p_i, self.p_f, self.p_o = np.random.randn(3, hidden_size)

    def forward(self, x, h, c):
        """Take one step: return the new h and c, (batch, hidden) each."""
        raise NotImplementedError

    def backward(self, dh_next, dc_next):
        """Go back through the last step: store the weights' gradients, and return dx, dh and dc."""
        raise NotImplementedError
