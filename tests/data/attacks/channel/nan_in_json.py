# attack: NaN and Infinity where JSON has none
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        header = b'{"about": {"absent": {}, "score": NaN, "points": Infinity}, "arrays": []}'
        os.write(3, struct.pack("<4sIQ", b"CGF1", len(header), 0) + header)
