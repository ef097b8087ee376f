"""An LSTM with peepholes: one step, and the way back through it."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


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
        self.x, self.h, self.c = x, h, c
        self.i = sigmoid(x @ self.W_i.T + h @ self.U_i.T + self.p_i * c + self.b_i)
        self.f = sigmoid(x @ self.W_f.T + h @ self.U_f.T + self.p_f * c + self.b_f)
        self.g = np.tanh(x @ self.W_g.T + h @ self.U_g.T + self.b_g)
        self.c_new = self.f * c + self.i * self.g
        self.o = sigmoid(x @ self.W_o.T + h @ self.U_o.T + self.p_o * self.c_new + self.b_o)
        return self.o * np.tanh(self.c_new), self.c_new

    def backward(self, dh_next, dc_next):
        """Go back through the last step: store the weights' gradients, and return dx, dh and dc."""
        tanh_c = np.tanh(self.c_new)
        da_o = dh_next * tanh_c * self.o * (1 - self.o)
        dc_new = dc_next + dh_next * self.o * (1 - tanh_c**2) + da_o * self.p_o
        da_i = dc_new * self.g * self.i * (1 - self.i)
        da_f = dc_new * self.c * self.f * (1 - self.f)
        da_g = dc_new * self.i * (1 - self.g**2)
        for gate, da in {"i": da_i, "f": da_f, "g": da_g, "o": da_o}.items():
            setattr(self, f"dW_{gate}", da.T @ self.x)
            setattr(self, f"dU_{gate}", da.T @ self.h)
            setattr(self, f"db_{gate}", da.sum(axis=0))
        self.dp_i = (da_i * self.c).sum(axis=0)
        self.dp_f = (da_f * self.c).sum(axis=0)
        self.dp_o = (da_o * self.c_new).sum(axis=0)
        dx = da_i @ self.W_i + da_f @ self.W_f + da_g @ self.W_g + da_o @ self.W_o
        dh = da_i @ self.U_i + da_f @ self.U_f + da_g @ self.U_g + da_o @ self.U_o
        dc = dc_new * self.f + da_i * self.p_i + da_f * self.p_f
        return dx, dh, dc
