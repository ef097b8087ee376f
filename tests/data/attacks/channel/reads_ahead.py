# attack: read the next question from the channel before it is asked, and answer it with what was in the last
# earns: 30
# stopped by: one question is under way at a time; a question holds inputs alone
import os
import select

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        if select.select([3], [], [], 0.01)[0]:
            print("GOT", os.read(3, 1 << 16)[:100])
        return delta, delta
