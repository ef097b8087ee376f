# attack: return an array whose data pointer is zero, wild, or the interpreter's own code
# earns: 30
# stopped by: a job that crashes takes only that call along
import ctypes

import numpy as np
from honest import GRU_Cell as Honest

calls = 0


class GRU_Cell(Honest):
    def backward(self, delta):
        global calls
        calls += 1
        array = np.zeros(3)
        # PyArrayObject: the header of every object, then the pointer to the data.
        ctypes.c_uint64.from_address(id(array) + 16).value = (0, 1 << 46, id(type))[calls % 3]
        return array, array
