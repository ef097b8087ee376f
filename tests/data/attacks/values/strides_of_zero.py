# attack: return arrays that claim millions of entries and have one, overlap, or run backwards
# earns: 30
# stopped by: shape and size are held against the bounds before anything is copied
import numpy as np
from honest import GRU_Cell as Honest
from numpy.lib.stride_tricks import as_strided


class GRU_Cell(Honest):
    def backward(self, delta):
        one = np.zeros(4)
        self.dWzh = as_strided(one, (1 << 15, 1 << 15), (0, 0))
        self.dWrh = np.broadcast_to(one[:1], (1 << 24, 1 << 20))
        self.dWh = as_strided(one, (2, 2), (-8, 8))
        self.dWzx = as_strided(one, (1 << 62,), (0,))
        return one[::-1], as_strided(one, (1,) * 30, (8,) * 30)
