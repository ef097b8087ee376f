# attack: an array interface that points at memory of somebody else, with a length that is not there
# earns: 30
# stopped by: an address space of its own; SIGSEGV in the job alone
# says: crashed Python itself (SIGSEGV)
from honest import GRU_Cell as Honest


class Wild:
    __array_interface__ = {"shape": (1000,), "typestr": "<f8", "data": (4096, True), "version": 3}  # noqa: RUF012


class GRU_Cell(Honest):
    def backward(self, delta):
        return Wild(), Wild()
