# attack: garbage on the channel, before the answer
# earns: 30
# stopped by: the strict parser of frames
# says: backward answered with bytes that are no answer
import os

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        os.write(3, os.urandom(100))
        return super().backward(delta)
