# attack: pretend to be out of memory, with a subclass that cannot be described
# earns: 30
# stopped by: the guard around every call
# says: backward raised
from honest import GRU_Cell as Honest


class Full(MemoryError):
    def __str__(self):
        raise Full

    __repr__ = __format__ = __reduce__ = __str__


class GRU_Cell(Honest):
    def backward(self, delta):
        raise Full
