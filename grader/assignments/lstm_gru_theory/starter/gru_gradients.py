"""Question 4: the gradients of one step of a GRU, all of whose variables are scalars.

Every function gets the same arguments, all of them numbers:

    x       the input of the second time step
    h       h_1, the state after the first time step: a constant
    W_..    the six weights
    delta   the derivative of the loss of the second time step by h_2

and returns a number, the derivative of that loss by one of the weights.
"""

import math


def sigmoid(a):
    """Return 1 / (1 + e^-a)."""
    return 1 / (1 + math.exp(-a))


def dW_xz(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    """(a) Return the derivative with respect to W_xz."""
    raise NotImplementedError


def dW_hz(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    """(b) Return the derivative with respect to W_hz."""
    raise NotImplementedError


def dW_xg(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    """(c) Return the derivative with respect to W_xg."""
    raise NotImplementedError


def dW_hg(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    """(d) Return the derivative with respect to W_hg."""
    raise NotImplementedError


def dW_xr(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    """(e) Return the derivative with respect to W_xr."""
    raise NotImplementedError


def dW_hr(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    """(f) Return the derivative with respect to W_hr."""
    raise NotImplementedError
