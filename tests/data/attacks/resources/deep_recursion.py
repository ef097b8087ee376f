# attack: recurse in Python until the memory is full
# earns: 100
# stopped by: resource limits (address space)
# call_s: 6
import sys

from honest import *


def deeper(*arguments):
    return deeper(*arguments, 1)


sys.setrecursionlimit(2**31 - 1)
deeper(*range(100_000))
