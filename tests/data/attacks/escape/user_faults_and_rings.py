# attack: handle page faults itself, and hand work to the kernel's rings: io_uring, userfaultfd, aio, vmsplice
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
    ("userfaultfd, unprivileged", 323, 282, (1 | 0o2000000,)),
    ("userfaultfd", 323, 282, (0,)),
    ("io_uring_setup, polled", 425, 425, (1, (ctypes.c_uint32 * 30)(0, 0, 2))),
    ("io_uring_register, of no ring", 427, 427, (-1, 20, room, 1)),
    ("io_submit", 209, 2, (0, 1, room)),
    ("io_getevents", 208, 4, (0, 0, 1, room, None)),
    ("io_destroy", 207, 1, (0,)),
    ("vmsplice", 278, 75, (1, room, 1, 0)),
    ("tee", 276, 77, (0, 1, 1, 0)),
    ("splice", 275, 76, (0, None, 1, None, 1, 0)),
    ("copy_file_range", 326, 285, (0, None, 1, None, 1, 0)),
):
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
