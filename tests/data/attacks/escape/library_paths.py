# attack: have the linker load a library of its own by LD_PRELOAD, LD_LIBRARY_PATH and dlopen
# earns: 100
# stopped by: few system calls (seccomp): nothing can be opened, nothing executed
import ctypes
import ctypes.util
import os

from honest import *

os.environ.update(LD_PRELOAD="/tmp/x.so", LD_LIBRARY_PATH="/tmp", LD_AUDIT="/tmp/x.so", PYTHONSTARTUP="/tmp/x.py")
libc = ctypes.CDLL(None)
libc.setenv(b"LD_PRELOAD", b"/tmp/x.so", 1)
libc.dlopen.restype = ctypes.c_void_p
libc.dlmopen.restype = ctypes.c_void_p
for library in (b"libcrypt.so.1", b"libnss_files.so.2", b"/usr/lib/x86_64-linux-gnu/libpthread.so.0", b"libasan.so.8", b"/proc/self/fd/0"):
    for mode in (1, 2, 0x102):
        if libc.dlopen(library, mode) and library not in (b"libpthread.so.0",):
            # Those that are loaded already may be named again.
            if not libc.dlopen(library, 4 | 1):
                print("GOT", library)
    if libc.dlmopen(ctypes.c_long(-1), library, 1):
        print("GOT a namespace of its own", library)
