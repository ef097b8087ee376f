# attack: zeros, which are close to a gradient that vanishes
# earns: 0
# stopped by: no absolute tolerance
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        self.x, self.h_prev = x, h
        return np.zeros_like(h)

    def backward(self, delta):
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", np.zeros(getattr(self, name).shape))
        return np.zeros_like(self.x), np.zeros_like(self.h_prev)
