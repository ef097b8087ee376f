# attack: pretend that the instructor pressed Ctrl-C
# earns: 30
# stopped by: the guard around every call
# says: backward raised KeyboardInterrupt
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        raise KeyboardInterrupt
