# attack: memory that is released, resized or mapped, instead of arrays
# earns: 30
# stopped by: an array is copied as soon as it is returned
import array
import ctypes

import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        released = memoryview(bytearray(8))
        released.release()
        self.dWzh, self.dWrh = released, memoryview(bytes(80)).cast("d", (2, 5))
        self.dWh, self.dWzx = array.array("d", [0.0] * 4), (ctypes.c_double * 4)()
        self.dWrx, self.dWx = np.frombuffer(bytearray(32)), memoryview(b"abc").cast("c")
        return memoryview(np.zeros(4)), bytearray(32)
