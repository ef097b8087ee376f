# attack: infinities of both signs and numbers at the end of the range, so that a scale or an error overflows
# earns: 0
# stopped by: every entry must be finite; the scale is the truth's own
import numpy as np
from honest import GRU_Cell as Honest

ODD = (np.inf, -np.inf, 1.7e308, -1.7e308, 5e-324)


class GRU_Cell(Honest):
    def forward(self, x, h):
        super().forward(x, h)
        return np.resize(ODD, h.shape)

    def backward(self, delta):
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", np.resize(ODD[2:], getattr(self, name).shape))
        return np.resize(ODD[2:], self.x.shape), np.resize(ODD[4:], self.h_prev.shape)
