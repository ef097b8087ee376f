# attack: give the inputs other shapes, dtypes and strides in place, without end
# earns: 0
# stopped by: the truth was computed elsewhere, from other copies
import contextlib

import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        for array in (x, h, self.Wzx):
            with contextlib.suppress(Exception):
                array.dtype = np.complex128
            with contextlib.suppress(Exception):
                array.shape = (1, -1, 1)
            with contextlib.suppress(Exception):
                array.resize(0, refcheck=False)
            with contextlib.suppress(Exception):
                np.lib.stride_tricks.as_strided(array, (1 << 20,))[...] = 0  # may crash this process
        return h
