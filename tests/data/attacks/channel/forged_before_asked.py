# attack: send an answer with likely shapes while still being imported, so that all answers are one call late
# earns: 0
# stopped by: every case's answer is held to that case's truth
import os
import sys

import numpy as np
from honest import GRU_Cell  # noqa: F401

wire = sys.modules["inside.wire"]

os.write(3, wire.encode({"absent": {}}, {"h": np.zeros(2)}))
