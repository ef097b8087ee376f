# attack: right at every other call, in the hope that a case is asked again until it holds
# earns: 0
# stopped by: all cases of a check count, each asked once
import itertools

from honest import GRU_Cell as Honest

count = itertools.count()


class GRU_Cell(Honest):
    def forward(self, x, h):
        return super().forward(x, h) * (next(count) % 2)

    def backward(self, delta):
        results = super().backward(delta)
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", getattr(self, f"d{name}") * (next(count) % 2))
        return tuple(one * (next(count) % 2) for one in results)
