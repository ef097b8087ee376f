# attack: an array without entries and with sixteen million rows, for whoever writes it out
# earns: 0
# stopped by: an array without entries is not written out
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        return np.empty((1 << 24, 0))
