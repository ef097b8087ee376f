# Style: the activations come from hw3/activation.py beside this file, by `from activation import *`.
import numpy as np
from activation import *


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        h, d = self.h, self.d

        self.Wzh = np.random.randn(h, h)
        self.Wrh = np.random.randn(h, h)
        self.Wh = np.random.randn(h, h)
        self.Wzx = np.random.randn(h, d)
        self.Wrx = np.random.randn(h, d)
        self.Wx = np.random.randn(h, d)

        self.dWzh = np.zeros((h, h))
        self.dWrh = np.zeros((h, h))
        self.dWh = np.zeros((h, h))
        self.dWzx = np.zeros((h, d))
        self.dWrx = np.zeros((h, d))
        self.dWx = np.zeros((h, d))

        self.z_act = Sigmoid()
        self.r_act = Sigmoid()
        self.h_act = Tanh()

    def forward(self, x, h):
        self.x, self.hidden = x, h
        self.z = self.z_act.forward(self.Wzh @ h + self.Wzx @ x)
        self.r = self.r_act.forward(self.Wrh @ h + self.Wrx @ x)
        self.h_tilde = self.h_act.forward(self.Wh @ (self.r * h) + self.Wx @ x)
        return (1 - self.z) * h + self.z * self.h_tilde

    def backward(self, delta):
        delta = delta.squeeze(0) if delta.ndim == 2 else delta
        da_h = delta * self.z * self.h_act.derivative()
        da_z = delta * (self.h_tilde - self.hidden) * self.z_act.derivative()
        da_r = (da_h @ self.Wh) * self.hidden * self.r_act.derivative()
        for name, da in (("z", da_z), ("r", da_r)):
            setattr(self, f"dW{name}h", np.einsum("i,j->ij", da, self.hidden))
            setattr(self, f"dW{name}x", np.einsum("i,j->ij", da, self.x))
        self.dWh = np.einsum("i,j->ij", da_h, self.r * self.hidden)
        self.dWx = np.einsum("i,j->ij", da_h, self.x)
        dx = da_z @ self.Wzx + da_r @ self.Wrx + da_h @ self.Wx
        dh = da_z @ self.Wzh + da_r @ self.Wrh + (da_h @ self.Wh) * self.r + delta * (1 - self.z)
        return dx, dh
