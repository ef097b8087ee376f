# attack: recurse through C until its stack is full
# earns: 0
# stopped by: a crash of the job alone (SIGSEGV)
import sys
from functools import partial

from honest import *


def forward(self, x, h):
    sys.setrecursionlimit(2**31 - 1)
    return max(map(partial(forward, self, x), [h]))


GRU_Cell.forward = forward
