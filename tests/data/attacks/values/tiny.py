# attack: right to six digits before a factor of 1.00001: as much as a careless tolerance forgives
# earns: 0
# stopped by: the tolerance of 1e-6 of the largest entry
from honest import GRU_Cell as Honest

FACTOR = 1.00001


class GRU_Cell(Honest):
    def forward(self, x, h):
        return super().forward(x, h) * FACTOR

    def backward(self, delta):
        results = super().backward(delta)
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", getattr(self, f"d{name}") * FACTOR)
        return tuple(one * FACTOR for one in results)
