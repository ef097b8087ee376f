# attack: scalars and rows that broadcast against the truth
# earns: 0
# stopped by: the shape is held exactly
# says: has shape
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        return super().forward(x, h)[:, None] + 0 * h

    def backward(self, delta):
        super().backward(delta)
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", getattr(self, f"d{name}")[:1])
        return 0.0, [[[0.0]]]
