# attack: see by numbers of processes, users, files or the machine what ran before
# earns: 100
# stopped by: few system calls (seccomp): nothing that tells of the machine or of others
import ctypes
import errno
import os
import time

from honest import *

arm = os.uname().machine == "aarch64"
libc = ctypes.CDLL(None, use_errno=True)
room = (ctypes.c_uint64 * 64)()
for name, x86, on_arm, arguments in (
    ("getppid", 110, 173, ()), ("getpgid", 121, 155, (0,)), ("getsid", 124, 156, (0,)), ("uname", 63, 160, (room,)),
    ("sysinfo", 99, 179, (room,)), ("times", 100, 153, (room,)), ("sched_getaffinity", 204, 123, (0, 64, room)),
    ("getrusage of children", 98, 165, (-1, room)), ("getpriority", 140, 141, (0, 0)), ("getcpu", 309, 168, (room, room, None)),
    ("fstat by its newer name", 262, 79, (1, b"", room, 0x1000)), ("statx", 332, 291, (1, b"", 0x1000, 0xFFF, room)),
    ("fstatfs", 138, 44, (1, room)), ("getpeername", 52, 205, (3, room, room)), ("getsockname", 51, 204, (3, room, room)),
    ("sched_getattr", 315, 275, (0, room, 56, 0)), ("ioprio_get", 252, 31, (1, 0)), ("sysfs", 139, None, (3,)),
    ("ustat", 136, None, (0, room)), ("cachestat", 451, 451, (1, room, room, 0)), ("mincore", 27, 232, (ctypes.c_void_p(id(room) & ~4095), 4096, room)),
):
    number = on_arm if arm else x86
    if number is not None and (libc.syscall(number, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
own = os.getpid()
for pid in range(max(2, own - 50), own):
    for kind in (0, 1, 2):
        try:
            print("GOT the time of", pid, time.clock_gettime((~pid << 3) | kind))
        except OSError:
            pass
if os.uname().nodename != "handin" or os.getppid() > 0:
    print("GOT", os.uname(), os.getppid())
