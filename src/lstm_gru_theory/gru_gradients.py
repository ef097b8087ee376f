"""Question 4: the gradients of one step of a GRU, all of whose variables are scalars."""

import math


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def _step(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg):
    z = sigmoid(W_xz * x + W_hz * h)  # (1)
    r = sigmoid(W_xr * x + W_hr * h)  # (2)
    g = math.tanh(W_xg * x + W_hg * (r * h))  # (3)
    return z, r, g  # (4)  h_2 = z h + (1 - z) g


def _before_activation(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    """Return the derivatives with respect to what goes into the sigmoids of z and r, and into tanh."""
    z, r, g = _step(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg)
    d_z = delta * (h - g) * z * (1 - z)
    d_g = delta * (1 - z) * (1 - g**2)
    d_r = d_g * W_hg * h * r * (1 - r)
    return d_z, d_r, d_g


def dW_xz(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    d_z, _, _ = _before_activation(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta)
    return d_z * x


def dW_hz(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    d_z, _, _ = _before_activation(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta)
    return d_z * h


def dW_xg(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    _, _, d_g = _before_activation(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta)
    return d_g * x


def dW_hg(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    _, r, _ = _step(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg)
    _, _, d_g = _before_activation(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta)
    return d_g * r * h


def dW_xr(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    _, d_r, _ = _before_activation(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta)
    return d_r * x


def dW_hr(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    _, d_r, _ = _before_activation(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta)
    return d_r * h
