# attack: a shape that passes a naive check of its size, since it has a 0, and makes NumPy raise
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import json
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        shape = [0, *[1 << 24] * 7]
        header = json.dumps({"about": {"absent": {}}, "arrays": [["dx", "f8", shape]]}).encode()
        os.write(3, struct.pack("<4sIQ", b"CGF1", len(header), 0) + header)
