# attack: memory behind Python's back, by brk, mmap, mremap and malloc
# earns: 100
# stopped by: resource limits (address space)
import ctypes

from honest import *

libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = libc.mmap.restype = libc.malloc.restype = libc.mremap.restype = ctypes.c_ssize_t
FAR = ctypes.c_ssize_t(1 << 40)
PAGE = ctypes.c_ssize_t(4096)
ANONYMOUS = 0x22
if libc.sbrk(FAR) != -1:
    print("GOT brk")
if libc.mmap(None, FAR, 3, ANONYMOUS | 0x4000, -1, ctypes.c_ssize_t(0)) != -1:
    print("GOT mmap")
page = ctypes.c_ssize_t(libc.mmap(None, PAGE, 3, ANONYMOUS, -1, ctypes.c_ssize_t(0)))
if page.value == -1:
    print("a page was refused")
elif libc.mremap(page, PAGE, FAR, 1) != -1:
    print("GOT mremap")
if libc.malloc(FAR) != 0:
    print("GOT malloc")
