# Style: torch and torch.nn are imported at the top and never used.
import numpy as np
import torch
import torch.nn as nn


class Sigmoid:
    def __call__(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def derivative(self):
        return self.y * (1 - self.y)


class Tanh:
    def __call__(self, x):
        self.y = np.tanh(x)
        return self.y

    def derivative(self):
        return 1 - np.square(self.y)


class GRU_Cell:
    """Replicates a portion of nn.GRUCell."""

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
        self.x = x
        self.h_t_1 = h
        self.z = self.z_act(np.dot(self.Wzh, h) + np.dot(self.Wzx, x))
        self.r = self.r_act(np.dot(self.Wrh, h) + np.dot(self.Wrx, x))
        self.h_ = self.h_act(np.dot(self.Wh, np.multiply(self.r, h)) + np.dot(self.Wx, x))
        return np.multiply(1 - self.z, h) + np.multiply(self.z, self.h_)

    def backward(self, delta):
        delta = np.ravel(delta)
        g = delta * self.z * self.h_act.derivative()
        self.dWh = np.outer(g, self.r * self.h_t_1)
        self.dWx = np.outer(g, self.x)
        dx = np.dot(g, self.Wx)
        back = np.dot(g, self.Wh)
        dh = back * self.r + delta * (1 - self.z)
        g = back * self.h_t_1 * self.r_act.derivative()
        self.dWrh = np.outer(g, self.h_t_1)
        self.dWrx = np.outer(g, self.x)
        dx += np.dot(g, self.Wrx)
        dh += np.dot(g, self.Wrh)
        g = delta * (self.h_ - self.h_t_1) * self.z_act.derivative()
        self.dWzh = np.outer(g, self.h_t_1)
        self.dWzx = np.outer(g, self.x)
        dx += np.dot(g, self.Wzx)
        dh += np.dot(g, self.Wzh)
        return dx, dh
