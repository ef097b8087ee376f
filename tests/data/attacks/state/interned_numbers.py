# attack: change small integers, booleans and the empty tuple in memory
# earns: 30
# stopped by: that is the student's process; the grader has its own
import ctypes

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        # 100 becomes 1, and 0 becomes 100, for everybody in this process.
        ctypes.c_uint32.from_address(id(100) + 24).value = 1
        ctypes.c_uint32.from_address(id(0) + 24).value = 100
        return 0, 0
