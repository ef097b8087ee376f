# attack: half an answer, then the end of the process with status 0
# earns: 30
# stopped by: no complete answer is no credit
# says: ended the process (exit status 0)
import os
import sys

import numpy as np
from honest import GRU_Cell as Honest

wire = sys.modules["inside.wire"]


class GRU_Cell(Honest):
    def backward(self, delta):
        frame = wire.encode({"absent": {}}, {"dx": np.zeros(100)})
        os.write(3, frame[: len(frame) // 2])
        os._exit(0)
