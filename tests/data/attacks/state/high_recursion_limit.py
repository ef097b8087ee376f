# attack: no recursion limit, and a function that calls itself for ever
# earns: 30
# stopped by: SIGSEGV in the job alone
# call_s: 3
# says: backward
import sys

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        sys.setrecursionlimit(1 << 30)
        return self.__class__.__call__.__get__(self)(delta, delta)

    def __call__(self, x, h):
        return repr(Deep()) + str(self(x, h))


class Deep:
    def __repr__(self):
        return repr(self)
