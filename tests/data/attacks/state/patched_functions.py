# attack: replace exp and tanh, so that a truth that is computed beside the hand-in is 0 as well
# earns: 0
# stopped by: the truth was computed elsewhere
import math

import numpy as np
from honest import GRU_Cell as Honest

for module in (np, math):
    module.exp = module.tanh = lambda a: a * 0


class GRU_Cell(Honest):
    def forward(self, x, h):
        super().forward(x, h)
        return h * 0
