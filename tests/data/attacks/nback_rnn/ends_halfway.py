# attack: end the process in the second half of the cases, after right answers
# earns: 100
# stopped by: a call that ends its process fails
import os

from honest import RNN as Honest

calls = 0


class RNN(Honest):
    def backward(self, y):
        global calls
        calls += 1
        if calls > 20:
            os._exit(0)
        return super().backward(y)
