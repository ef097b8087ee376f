# attack: make the kernel hand out pages that somebody else has had
# earns: 100
# stopped by: the kernel clears pages; the zygote, which never holds a byte of a hand-in
import ctypes
import mmap

from honest import *

libc = ctypes.CDLL(None)
libc.sbrk.restype = ctypes.c_void_p
for _ in range(8):
    with mmap.mmap(-1, 8 << 20) as pages:
        if any(pages.read()):
            print("GOT pages")
begin = libc.sbrk(ctypes.c_ssize_t(4 << 20))
if begin not in (None, 2**64 - 1) and any(ctypes.string_at(begin, 4 << 20)):
    print("GOT the end of the heap")
