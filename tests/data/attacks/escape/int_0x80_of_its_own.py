# attack: machine code of its own, with the 32-bit system calls, in memory that it makes executable
# earns: 100
# stopped by: few system calls (seccomp): no memory is ever made executable
import ctypes
import mmap

from honest import *

CODE = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20 (getpid); int 0x80; ret
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_ssize_t
PAGE, NONE = ctypes.c_ssize_t(4096), ctypes.c_ssize_t(0)
page = libc.mmap(None, PAGE, 3, 0x22, -1, NONE)
ctypes.memmove(page, CODE, len(CODE))
if libc.mprotect(ctypes.c_void_p(page), PAGE, 5) == 0:
    print("GOT it executable by mprotect")
if libc.mmap(ctypes.c_void_p(page), PAGE, 7, 0x32, -1, NONE) != -1:
    print("GOT it executable by mmap")
if libc.syscall(329, ctypes.c_void_p(page), PAGE, 5, -1) == 0:
    print("GOT it executable by pkey_mprotect")
if libc.shmget(0, PAGE, 0o1700) >= 0:
    print("GOT shared memory to attach as executable")
if libc.personality(0x0400000) != -1:
    print("GOT a personality for which whatever is readable is executable")
try:
    mmap.mmap(-1, 4096, prot=7)
    print("GOT it executable by Python")
except OSError:
    pass
text = ctypes.cast(libc.getpid, ctypes.c_void_p).value & ~4095
if libc.mprotect(ctypes.c_void_p(text), PAGE, 7) == 0:
    print("GOT libc writable")
