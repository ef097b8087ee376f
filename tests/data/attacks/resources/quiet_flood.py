# attack: answer every call, and print 300 kB of it beside
# earns: 0
# stopped by: the limit on output
import sys

from honest import *

honest_forward = GRU_Cell.forward


def forward(self, *inputs):
    sys.stdout.write("\u20ac" * 100_000)
    return honest_forward(self, *inputs)


GRU_Cell.forward = forward
