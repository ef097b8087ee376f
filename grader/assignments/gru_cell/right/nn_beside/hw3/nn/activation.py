import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def tanh(x):
    return np.tanh(x)


class Sigmoid:
    def __init__(self):
        self.out = None

    def __call__(self, x):
        self.out = sigmoid(x)
        return self.out

    def derivative(self, grad=1.0):
        return grad * self.out * (1 - self.out)


class Tanh(Sigmoid):
    def __call__(self, x):
        self.out = tanh(x)
        return self.out

    def derivative(self, grad=1.0):
        return grad * (1 - self.out ** 2)
