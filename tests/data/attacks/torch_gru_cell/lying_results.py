# attack: return things that agree with everything they are compared with
# earns: 0
# stopped by: arrays leave as numbers of their own
import numpy as np
from honest import GRUCell as Honest


class Agrees(np.ndarray):
    def __eq__(self, other):
        return True

    __le__ = __lt__ = __ge__ = __gt__ = __eq__

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.True_

    def __array_function__(self, function, types, inputs, options):
        return True


class GRUCell(Honest):
    def forward(self, x, h_prev_t):
        return np.zeros_like(np.atleast_1d(super().forward(x, h_prev_t)[0])).view(Agrees)

    def backward(self, delta):
        return tuple(np.zeros(2).view(Agrees) for _ in range(3))
