# attack: return numbers in the digits of other scripts, and names that normalise to those asked for
# earns: 30
# stopped by: what is no array of numbers is no answer
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh = "\u0661\u0662\u0663"
        self.dWrh = np.array(["\uff11", "\u096a"])
        self.ｄWh = np.zeros(3)
        self.dWzx = np.array(["1e400"], dtype="U")
        self.dWrx = bytearray(b"123")
        self.dWx = memoryview(b"12345678").cast("d")
        return "\u216f", "\U0001d7d9"
