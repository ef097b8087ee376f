# attack: a single NaN among right entries, which hides the largest error from `max`
# earns: 0
# stopped by: every entry must be finite
# says: not finite
import numpy as np
from honest import GRU_Cell as Honest


def spoilt(array):
    array = np.array(array) * 2
    array.flat[0] = np.nan
    return array


class GRU_Cell(Honest):
    def forward(self, x, h):
        return spoilt(super().forward(x, h))

    def backward(self, delta):
        results = super().backward(delta)
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", spoilt(getattr(self, f"d{name}")))
        return tuple(spoilt(one) for one in results)
