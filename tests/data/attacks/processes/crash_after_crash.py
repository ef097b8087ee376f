# attack: bring its process down in every call, by another fault each time
# earns: 0
# stopped by: a crash of the job alone; a fresh one for the next call, and no result is no credit
import ctypes
import os

from honest import *

GRU_Cell.forward = lambda self, x, h: ctypes.memset(ctypes.addressof(ctypes.py_object(self)), 255, 1 << 30)
GRU_Cell.backward = lambda self, delta: os._exit(0)
