# attack: arithmetic on integers of a billion digits
# earns: 0
# stopped by: the wall clock of a call; resource limits (address space)
# call_s: 0.3
from honest import *

GRU_Cell.forward = lambda self, x, h: pow(3, 10**9) % 7
