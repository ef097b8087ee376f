# attack: print without end
# earns: 0
# stopped by: the limit on output
from honest import *


def forward(self, x, h):
    line = "A" * 100_000
    while True:
        print(line)


GRU_Cell.forward = forward
