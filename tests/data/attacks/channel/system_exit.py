# attack: SystemExit in the middle of a call, with status 0
# earns: 30
# stopped by: the guard around every call
# says: backward raised SystemExit: 0
import sys

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        sys.exit(0)
