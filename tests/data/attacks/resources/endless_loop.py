# attack: never return from forward
# earns: 0
# stopped by: the wall clock of a call
# call_s: 0.3
from honest import *


def forward(self, x, h):
    while True:
        pass


GRU_Cell.forward = forward
