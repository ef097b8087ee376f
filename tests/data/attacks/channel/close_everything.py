# attack: close all descriptors, and return what is right
# earns: 30
# stopped by: no complete answer is no credit
# says: ended the process (exit status 70)
import contextlib
import os

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        for fd in range(16):
            with contextlib.suppress(OSError):
                os.close(fd)
        return super().backward(delta)
