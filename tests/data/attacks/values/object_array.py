# attack: arrays of objects with a lying __float__ and __sub__
# earns: 0
# stopped by: allowed dtypes only
# says: is not an array of numbers but of objects (ndarray)
import numpy as np
from honest import GRU_Cell as Honest


class Zero:
    def __float__(self):
        return 0.0

    def _zero(self, *_):
        return 0.0

    __sub__ = __rsub__ = __abs__ = __mul__ = _zero


def objects(shape):
    return np.full(shape, Zero(), dtype=object)


class GRU_Cell(Honest):
    def forward(self, x, h):
        return objects(h.shape)

    def backward(self, delta):
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", objects(getattr(self, name).shape))
        return objects(4), objects(3)
