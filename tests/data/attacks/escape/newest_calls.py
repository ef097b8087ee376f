# attack: system calls that are newer than most filters
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
    ("clone3", 435, 435, (room, 88)),
    ("close_range", 436, 436, (4, 100, 0)),
    ("openat2", 437, 437, (-100, b"/etc/passwd", room, 24)),
    ("faccessat2", 439, 439, (-100, b"/etc/passwd", 0, 0)),
    ("mount_setattr", 442, 442, (-100, b"/", 0, room, 32)),
    ("quotactl_fd", 443, 443, (0, 0, 0, None)),
    ("memfd_secret", 447, 447, (0,)),
    ("process_mrelease", 448, 448, (-1, 0)),
    ("futex_waitv", 449, 449, (room, 0, 0, None, 0)),
    ("set_mempolicy_home_node", 450, 450, (room, 0, 0, 0)),
    ("fchmodat2", 452, 452, (-100, b"x", 0o777, 0)),
    ("futex_wake", 454, 454, (room, 1, 1, 2)),
    ("statmount", 457, 457, (room, room, 64, 0)),
    ("listmount", 458, 458, (room, room, 8, 0)),
    ("mseal", 462, 462, (room, 4096, 0)),
    ("open_tree", 428, 428, (-100, b"/", 0)),
    ("fsopen", 430, 430, (b"proc", 0)),
    ("fspick", 433, 433, (-100, b"/", 0)),
):
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
