# attack: JSON's true for a length, which is an int to Python
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        header = b'{"about": {"absent": {}}, "arrays": [["dx", "f8", [true]]]}'
        os.write(3, struct.pack("<4sIQ", b"CGF1", len(header), 8) + header + bytes(8))
