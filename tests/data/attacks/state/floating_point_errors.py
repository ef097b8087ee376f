# attack: make every rounding an exception, from here on and for all
# earns: 100
# stopped by: the grader compares in another process
import numpy as np
from honest import GRU_Cell  # noqa: F401

np.seterr(all="raise")
np.seterrcall(lambda *_: print("GOT called"))
np.setbufsize(16)
