# attack: a hand-in's own numpy.py that its own loader puts in the place of NumPy
# earns: 0
# stopped by: the grader compares in another process
import sys

numpy = sys.modules.pop("numpy")
import numpy as np  # noqa: E402


class GRU_Cell:
    def __init__(self, *_):
        pass

    def forward(self, x, h):
        return np.right()

    def backward(self, delta):
        return np.right(), np.right()


# file: numpy.py
def right():
    return True


def __getattr__(name):
    return right
