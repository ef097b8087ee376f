# attack: NaN everywhere, for whom `not error > tolerance` is enough
# earns: 0
# stopped by: every entry must be finite
# says: not finite
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        super().forward(x, h)
        return np.full_like(h, np.nan)

    def backward(self, delta):
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", np.full(getattr(self, name).shape, np.nan))
        return np.full_like(self.x, np.nan), np.full_like(self.h_prev, np.nan)
