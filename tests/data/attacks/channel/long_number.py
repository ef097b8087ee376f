# attack: a whole number of 60,000 digits, which takes long to read
# earns: 30
# stopped by: the strict parser of frames (Python's own bound on digits)
# says: backward answered with bytes that are no answer
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        header = b'{"about": {"absent": {}, "score": ' + b"9" * 60_000 + b'}, "arrays": []}'
        os.write(3, struct.pack("<4sIQ", b"CGF1", len(header), 0) + header)
