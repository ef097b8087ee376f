# attack: arrays of a terabyte that take no memory, of strides 0
# earns: 30
# stopped by: bound on what leaves a job
# says: far too large
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh = np.broadcast_to(0.0, (1 << 20, 1 << 20))
        self.dWrh = np.broadcast_to(0.0, 1 << 24)
        self.dWh = np.zeros((1 << 13, 1 << 13))
        self.dWzx = np.zeros((1,) * 60)
        return np.broadcast_to(0.0, (1 << 30, 0)), np.zeros(1 << 19)
