# attack: pretend to be a plain array by __class__, beside a subclass of tuple that unpacks otherwise
# earns: 30
# stopped by: an array leaves as raw bytes of an allowed dtype
import numpy as np
from honest import GRU_Cell as Honest


class Plain:
    __class__ = np.ndarray
    shape, ndim, size, dtype = (3,), 1, 3, np.dtype("f8")


class Two(tuple):
    __slots__ = ()

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return Plain()


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh = self.dWrh = self.dWh = self.dWzx = self.dWrx = self.dWx = Plain()
        return Two()
