# attack: a gradient that is another one at each look
# earns: 30
# stopped by: one look, then raw bytes
import itertools

import numpy as np
from honest import GRU_Cell as Honest

count = itertools.count()


class GRU_Cell(Honest):
    def __getattribute__(self, name):
        value = super().__getattribute__(name)
        if name.startswith("dW"):
            return value * np.array(next(count) % 5)
        return value

    def backward(self, delta):
        super().backward(delta)
        return iter([1, 2]), map(float, "12")
