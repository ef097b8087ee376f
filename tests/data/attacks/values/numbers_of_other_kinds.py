# attack: booleans, whole numbers at the end of their range, complex numbers, fractions
# earns: 0
# stopped by: allowed dtypes only; values are compared as float64
import decimal
import fractions

import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        return super().forward(x, h) + 0j

    def backward(self, delta):
        h, x = self.Wzx.shape
        self.dWzh = np.ones((h, h), bool)
        self.dWrh = np.full((h, h), -(1 << 63))
        self.dWh = np.full((h, h), (1 << 64) - 1, np.uint64)
        self.dWzx = np.full((h, x), np.nan + 1j * np.inf)
        self.dWrx = [[10**400] * x] * h
        self.dWx = np.full((h, x), np.longdouble("1e4000"))
        return [fractions.Fraction(1, 3)] * x, [decimal.Decimal("NaN")] * h
