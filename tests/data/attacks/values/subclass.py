# attack: an ndarray subclass whose every operation says that all is well
# earns: 0
# stopped by: an array leaves as raw bytes of an allowed dtype
import numpy as np
from honest import GRU_Cell as Honest


class Fine(np.ndarray):
    def __array_finalize__(self, obj):
        pass

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return np.zeros(()).view(Fine)

    def __array_ufunc__(self, *_, **__):
        return np.True_

    def __eq__(self, other):
        return np.True_

    def _fine(self, *_, **__):
        return np.zeros(())

    __hash__ = None
    __sub__ = __rsub__ = __abs__ = max = min = all = any = astype = _fine


class GRU_Cell(Honest):
    def forward(self, x, h):
        return np.ones(h.shape).view(Fine)

    def backward(self, delta):
        for name in ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx"):
            setattr(self, f"d{name}", np.ones(getattr(self, name).shape).view(Fine))
        return np.ones(4).view(Fine), np.matrix(np.ones(3))
