# attack: two answers to one question, the forged one first
# earns: 30
# stopped by: the strict parser of frames; every case's answer is held to that case's truth
import os
import sys

import numpy as np
from honest import GRU_Cell as Honest

wire = sys.modules["inside.wire"]

OUTPUTS = ("dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh", "dx", "dh")


class GRU_Cell(Honest):
    def backward(self, delta):
        shapes = {f"d{name}": getattr(self, name).shape for name in ("Wrx", "Wrh", "Wzx", "Wzh", "Wx", "Wh")}
        shapes |= {"dx": self.x.shape, "dh": self.h_prev.shape}
        os.write(3, wire.encode({"absent": {}}, {name: np.zeros(shapes[name]) for name in OUTPUTS}))
