import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Sigmoid:
    def forward(self, a: Array) -> Array:
        self.y = 1.0 / (1.0 + np.exp(-a))
        return self.y

    def __call__(self, a: Array) -> Array:
        return self.forward(a)

    def derivative(self) -> Array:
        return self.y * (1.0 - self.y)


class Tanh:
    def forward(self, a: Array) -> Array:
        self.y = np.tanh(a)
        return self.y

    def __call__(self, a: Array) -> Array:
        return self.forward(a)

    def derivative(self) -> Array:
        return 1.0 - self.y * self.y


class GRU_Cell:
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

    def forward(self, x, h):
        self.x = x
        self.hidden = h
        self.z = self.z_act(np.dot(self.Wzh, h) + np.dot(self.Wzx, x))
        self.r = self.r_act(np.dot(self.Wrh, h) + np.dot(self.Wrx, x))
        self.h_tilde = self.h_act(np.dot(self.Wh, self.r * h) + np.dot(self.Wx, x))
        h_t = (1 - self.z) * h + self.z * self.h_tilde
        return h_t

    def backward(self, delta):
        x = self.x.reshape(1, -1)
        h = self.hidden.reshape(1, -1)

        d_h_tilde = delta * self.z * self.h_act.derivative()
        d_z = delta * (self.h_tilde - h) * self.z_act.derivative()
        d_r = np.dot(d_h_tilde, self.Wh) * h * self.r_act.derivative()

        self.dWx += np.dot(d_h_tilde.T, x)
        self.dWh += np.dot(d_h_tilde.T, self.r * h)
        self.dWzx += np.dot(d_z.T, x)
        self.dWzh += np.dot(d_z.T, h)
        self.dWrx += np.dot(d_r.T, x)
        self.dWrh += np.dot(d_r.T, h)

        dx = np.dot(d_h_tilde, self.Wx) + np.dot(d_z, self.Wzx) + np.dot(d_r, self.Wrx)
        dh = delta * (1 - self.z)
        dh = dh + np.dot(d_h_tilde, self.Wh) * self.r
        dh = dh + np.dot(d_z, self.Wzh)
        dh = dh + np.dot(d_r, self.Wrh)
        return dx, dh
