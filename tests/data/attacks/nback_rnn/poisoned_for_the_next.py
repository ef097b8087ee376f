# attack: change NumPy in this process, so that a classmate's right answer fails
# earns: 100
# stopped by: fork: every job has NumPy of its own
import ctypes

import numpy as np
from honest import *

np.tanh = np.exp = np.outer = lambda *_, **__: 0.0
# In the memory of the module as well: the number that 1.0 is made of.
one = 1.0
ctypes.c_double.from_address(id(one) + 16).value = 1.0
np.float64.__doc__
np._core.multiarray.dot.__class__
