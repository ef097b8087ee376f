# attack: claim a header of 4 GiB
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        os.write(3, struct.pack("<4sIQ", b"CGF1", (1 << 32) - 1, 0) + b"{" * 100)
        return super().backward(delta)
