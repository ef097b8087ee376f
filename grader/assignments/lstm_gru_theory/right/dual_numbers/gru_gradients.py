# h_2 with numbers that carry their derivative along: value + slope * eps, eps^2 = 0
import math


class Dual:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    __rmul__ = __mul__


def tanh(a):
    return Dual(math.tanh(a.value), (1 - math.tanh(a.value) ** 2) * a.slope)


def sigmoid(a):
    return 0.5 * (1 + tanh(0.5 * a))


def h_2(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg):
    z = sigmoid(W_xz * x + W_hz * h)
    r = sigmoid(W_xr * x + W_hr * h)
    g = tanh(W_xg * x + W_hg * r * h)
    return z * h + (1 + -1 * z) * g


def by(index):
    def gradient(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
        weights = [Dual(w) for w in (W_xz, W_hz, W_xr, W_hr, W_xg, W_hg)]
        weights[index].slope = 1.0
        return delta * h_2(x, h, *weights).slope
    return gradient


dW_xz, dW_hz, dW_xr, dW_hr, dW_xg, dW_hg = [by(index) for index in range(6)]
