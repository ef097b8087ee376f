# attack: answers sent by a timer's signal, between the calls
# earns: 30
# stopped by: the strict parser of frames; every case's answer is held to that case's truth
import os
import signal
import sys

import numpy as np
from honest import GRU_Cell as Honest

wire = sys.modules["inside.wire"]


def write(*_):
    os.write(3, wire.encode({"absent": {}, "score": 100}, {"h": np.zeros(2), "dx": np.zeros(2)}))


signal.signal(signal.SIGALRM, write)
signal.setitimer(signal.ITIMER_REAL, 0.005, 0.001)


class GRU_Cell(Honest):
    def backward(self, delta):
        return np.zeros_like(self.x), np.zeros_like(self.h_prev)
