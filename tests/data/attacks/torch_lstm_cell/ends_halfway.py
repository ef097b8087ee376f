# attack: end the process in the second half of the cases, after right answers
# earns: 40
# stopped by: a call that ends its process fails
import os

from honest import LSTMCell as Honest

calls = 0


class LSTMCell(Honest):
    def backward(self, dh, dc):
        global calls
        calls += 1
        if calls > 20:
            os._exit(0)
        return super().backward(dh, dc)
