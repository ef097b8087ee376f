# attack: stay just below the limit in every single call
# earns: 0
# stopped by: the wall clock of all calls together
# call_s: 0.3
import time

from honest import *

honest_forward, honest_backward = GRU_Cell.forward, GRU_Cell.backward


def forward(self, *inputs):
    time.sleep(0.25)
    return honest_forward(self, *inputs)


def backward(self, *inputs):
    time.sleep(0.25)
    return honest_backward(self, *inputs)


GRU_Cell.forward, GRU_Cell.backward = forward, backward
