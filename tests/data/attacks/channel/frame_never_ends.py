# attack: an answer that comes byte by byte, and never as a whole
# earns: 30
# stopped by: the wall clock of a call
# call_s: 0.3
# says: backward was stopped after 0.3 s
import os
import sys
import time

import numpy as np
from honest import GRU_Cell as Honest

wire = sys.modules["inside.wire"]


class GRU_Cell(Honest):
    def backward(self, delta):
        for byte in wire.encode({"absent": {}}, {"dx": np.zeros(10_000)}):
            os.write(3, bytes([byte]))
            time.sleep(0.001)
