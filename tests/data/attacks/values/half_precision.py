# attack: float16, in the hope of a tolerance that follows the student's dtype
# earns: 0
# stopped by: the tolerance of float32 is the widest that there is
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        return super().forward(x, h).astype(np.float16)

    def backward(self, delta):
        results = super().backward(delta)
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", getattr(self, f"d{name}").astype(np.float16))
        return tuple(one.astype(np.float16) for one in results)
