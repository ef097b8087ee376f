# attack: send a frame with answers of its own from within backward, and hang up
# earns: 40
# stopped by: the frame parser; answers that nobody asked for count for nothing
import json
import os
import struct

import numpy as np
from honest import LSTMCell as Honest


class LSTMCell(Honest):
    def backward(self, dh, dc):
        names = [name for name in vars(self) if name.startswith("dW") or name.startswith("db")] or ["dU", "dV", "dw"]
        header = json.dumps({"about": {"absent": {}, "passed": True, "score": 100}, "arrays": [[n, "f8", [0]] for n in names]})
        os.write(3, struct.pack("<4sIQ", b"CGF1", len(header), 0) + header.encode())
        os._exit(0)
