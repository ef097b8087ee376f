# attack: change the inputs in place, so that the truth becomes trivial
# earns: 0
# stopped by: the truth was computed elsewhere, from other copies
import numpy as np
from honest import GRU_Cell as Honest

WEIGHTS = ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx")


class GRU_Cell(Honest):
    def forward(self, x, h):
        for array in (x, h, *(getattr(self, name) for name in WEIGHTS)):
            array[...] = 0
        return super().forward(x, h)

    def backward(self, delta):
        delta[...] = 0
        for name in WEIGHTS:
            setattr(self, f"d{name}", np.zeros(getattr(self, name).shape))
        return super().backward(delta)
