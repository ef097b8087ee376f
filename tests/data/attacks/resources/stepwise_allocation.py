# attack: take memory piece by piece, and touch it, until the machine has none
# earns: 100
# stopped by: resource limits (address space)
# call_s: 3
from honest import *

PIECE = 32 << 20
taken = []
try:
    while len(taken) * PIECE < 4 << 30:
        taken.append(bytearray(PIECE))
    print("GOT 4 GiB")
except MemoryError:
    pass
taken.clear()
