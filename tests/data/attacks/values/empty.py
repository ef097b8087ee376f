# attack: arrays without entries, all of which are right
# earns: 0
# stopped by: the shape is held exactly
# says: has shape (0,)
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        return np.empty(0)

    def backward(self, delta):
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", np.empty((0, 0)))
        return [], np.empty((0, 3))
