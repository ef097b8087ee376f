# attack: become root again, or anybody else
# earns: 100
# stopped by: few system calls (seccomp); own user id
import ctypes
import os

from honest import *

libc = ctypes.CDLL(None, use_errno=True)
for become in (
    lambda: os.setuid(0),
    lambda: os.seteuid(0),
    lambda: os.setreuid(0, 0),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.setresuid(-1, 0, -1),
    lambda: os.setgid(0),
    lambda: os.setresgid(0, 0, 0),
    lambda: os.setgroups([0, 4, 999]),
    lambda: os.initgroups("root", 0),
    lambda: os.setresuid(*[os.getuid() + 1] * 3),
):
    try:
        become()
        print("GOT", os.getresuid(), os.getresgid())
    except OSError:
        pass
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
every = (ctypes.c_uint32 * 6)(*[2**32 - 1] * 6)
if libc.capset(header, every) == 0:
    print("GOT capabilities")
libc.setfsuid(0)
if libc.setfsuid(-1) == 0 != os.getuid():
    print("GOT the file system's user id")
