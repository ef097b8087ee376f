# attack: end the process in the middle of a check, after forty right answers
# earns: 30
# stopped by: all cases of a check count
# says: backward ended the process (exit status 0)
import os

from honest import GRU_Cell as Honest

calls = 0


class GRU_Cell(Honest):
    def backward(self, delta):
        global calls
        calls += 1
        if calls == 40:
            os._exit(0)
        return super().backward(delta)
