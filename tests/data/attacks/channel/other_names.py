# attack: arrays by names that nobody asked for, the other check's and some that a gradebook would obey
# earns: 30
# stopped by: names from the expected set
import sys

import numpy as np
from honest import GRU_Cell  # noqa: F401

wire = sys.modules["inside.wire"]
encode = wire.encode
NAMES = ["h", "points", "expected", "__class__", "../../score", "dx\n", "=dx", ""]


def forged(about, arrays=None):
    if not arrays or "dx" not in arrays:
        return encode(about, arrays)
    others = {name: np.full(2, 100.0) for name in NAMES} | {f"dx{i}": np.zeros(1) for i in range(240)}
    return encode({"absent": dict.fromkeys(NAMES, "no")}, others)


wire.encode = forged
