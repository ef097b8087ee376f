# attack: 2 MiB in each of eight outputs in each of 64 cases: a gigabyte that the grader keeps
# earns: 30
# stopped by: bound on what all answers take together
# call_s: 2
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh = self.dWrh = self.dWh = self.dWzx = self.dWrx = self.dWx = np.zeros(1 << 18)
        return np.zeros(1 << 18), np.zeros(1 << 18)
