# attack: read where nothing is, and write there
# earns: 0
# stopped by: a crash of the job alone (SIGSEGV)
import ctypes

from honest import *

GRU_Cell.forward = lambda self, x, h: ctypes.c_double.from_address(0).value
GRU_Cell.backward = lambda self, delta: ctypes.memset(0, 1, 8)
