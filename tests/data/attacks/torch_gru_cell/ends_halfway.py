# attack: end the process in the second half of the cases, after right answers
# earns: 30
# stopped by: a call that ends its process fails
import os

from honest import GRUCell as Honest

calls = 0


class GRUCell(Honest):
    def backward(self, delta):
        global calls
        calls += 1
        if calls > 20:
            os._exit(0)
        return super().backward(delta)
