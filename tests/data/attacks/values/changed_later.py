# attack: results that are views of one buffer, which is changed after they were returned
# earns: 100
# stopped by: an array is copied as soon as it is returned
import numpy as np
from honest import GRU_Cell as Honest

buffer = np.empty(1 << 16)


class GRU_Cell(Honest):
    def __init__(self, *sizes):
        buffer[:] = np.nan  # what was returned before is spoilt now
        super().__init__(*sizes)

    def forward(self, x, h):
        view = buffer[: h.size]
        view[:] = super().forward(x, h)
        return view
