# attack: __array__ that gives another array at each look, or raises, or exits
# earns: 30
# stopped by: one look, then raw bytes
import sys

import numpy as np
from honest import GRU_Cell as Honest


class Liar:
    looks = 0

    def __array__(self, *_, **__):
        Liar.looks += 1
        if Liar.looks % 3 == 0:
            sys.exit(0)
        if Liar.looks % 3 == 1:
            raise MemoryError
        return np.zeros(Liar.looks % 5)


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh = self.dWrh = self.dWh = self.dWzx = self.dWrx = self.dWx = Liar()
        return Liar(), Liar()
