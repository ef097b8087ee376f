# attack: name `about` twice, so that two readers see two answers
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import os
import struct

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        header = b'{"about": {"absent": {}}, "about": {"absent": {"dx": "all right"}}, "arrays": []}'
        os.write(3, struct.pack("<4sIQ", b"CGF1", len(header), 0) + header)
