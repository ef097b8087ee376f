# Style: one file of a whole repository; the activations come from mytorch/nn/activation.py at its root.
import numpy as np
from mytorch.nn.activation import Sigmoid, Tanh


class GRU_Cell(object):
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        self.Wzh, self.Wrh, self.Wh = [np.random.randn(hidden_dim, hidden_dim) for _ in range(3)]
        self.Wzx, self.Wrx, self.Wx = [np.random.randn(hidden_dim, in_dim) for _ in range(3)]
        self.dWzh, self.dWrh, self.dWh = [np.zeros((hidden_dim, hidden_dim)) for _ in range(3)]
        self.dWzx, self.dWrx, self.dWx = [np.zeros((hidden_dim, in_dim)) for _ in range(3)]
        self.z_act, self.r_act, self.h_act = Sigmoid(), Sigmoid(), Tanh()

    def init_weights(self, Wzh, Wrh, Wh, Wzx, Wrx, Wx):
        self.Wzh, self.Wrh, self.Wh, self.Wzx, self.Wrx, self.Wx = Wzh, Wrh, Wh, Wzx, Wrx, Wx

    def __call__(self, x, h):
        return self.forward(x, h)

    def forward(self, x, h):
        self.x = x
        self.hidden = h
        self.z = self.z_act(self.Wzh @ h + self.Wzx @ x)
        self.r = self.r_act(self.Wrh @ h + self.Wrx @ x)
        self.h_tilde = self.h_act(self.Wh @ (self.r * h) + self.Wx @ x)
        return (1 - self.z) * h + self.z * self.h_tilde

    def backward(self, delta):
        # the activations' backward takes the gradient of their output
        da_h = self.h_act.backward(delta * self.z)
        da_z = self.z_act.backward(delta * (self.h_tilde - self.hidden))
        d_rh = da_h @ self.Wh
        da_r = self.r_act.backward(d_rh * self.hidden)
        self.dWzh, self.dWzx = da_z.T * self.hidden, da_z.T * self.x
        self.dWrh, self.dWrx = da_r.T * self.hidden, da_r.T * self.x
        self.dWh, self.dWx = da_h.T * (self.r * self.hidden), da_h.T * self.x
        dx = da_z @ self.Wzx + da_r @ self.Wrx + da_h @ self.Wx
        dh = da_z @ self.Wzh + da_r @ self.Wrh + d_rh * self.r + delta * (1 - self.z)
        return dx, dh
