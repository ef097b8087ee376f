# attack: take the parent's processor time, memory and descriptors by a limit of zero
# earns: 100
# stopped by: few system calls (seccomp) alone; own user id
import ctypes
import errno
import os
import resource

from honest import *

libc = ctypes.CDLL(None, use_errno=True)
call = 261 if os.uname().machine == "aarch64" else 302
old, new = (ctypes.c_uint64 * 2)(), (ctypes.c_uint64 * 2)(2**64 - 1, 2**64 - 1)
for pid in (os.getppid(), 1, os.getpid()):
    for what in range(16):
        for wanted in (new, None):
            if libc.syscall(call, pid, what, wanted, old) != -1 or ctypes.get_errno() != errno.EACCES:
                print("GOT past the filter:", pid, what)
        try:
            print("GOT", resource.prlimit(pid, what))
        except OSError:
            pass
