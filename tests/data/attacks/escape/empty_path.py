# attack: stat any file by newfstatat with the flag that older glibcs make fstat with
# earns: 100
# stopped by: few system calls (seccomp), which has no newfstatat at all; empty root folder
import ctypes
import os

from honest import *

libc = ctypes.CDLL(None, use_errno=True)
call = 79 if os.uname().machine == "aarch64" else 262
answer = (ctypes.c_uint64 * 64)()
for path in (b"/etc/passwd", b"/etc/shadow", b"/proc/self/maps", b"tmp", b"/proc/1/cwd/etc/passwd"):
    for flags in (0, 0x1000, 0x1000 | 0x100, 0x1000 | 0x4000, 1 << 32 | 0x1000):
        if libc.syscall(call, -100, path, answer, ctypes.c_long(flags)) == 0:
            print("GOT", path, hex(flags), answer[6])
