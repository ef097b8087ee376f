# attack: become root of a namespace of its own, where the kernel has had most of its holes
# earns: 100
# stopped by: few system calls (seccomp)
import ctypes
import errno
import os

from honest import *

USER, MOUNT, NET, PID, IPC, UTS, CGROUP, TIME = (
    0x10000000,
    0x20000,
    0x40000000,
    0x20000000,
    0x8000000,
    0x4000000,
    0x2000000,
    0x80,
)
libc = ctypes.CDLL(None, use_errno=True)
arm = os.uname().machine == "aarch64"
for kind in (USER, MOUNT, NET, PID, IPC, UTS, CGROUP, TIME, USER | MOUNT | NET, 0x200, 0x400):
    if libc.syscall(97 if arm else 272, kind) != -1 or ctypes.get_errno() != errno.EACCES:
        print("GOT past the filter: unshare", hex(kind))
    for fd in range(4):
        if libc.syscall(268 if arm else 308, fd, kind) != -1 or ctypes.get_errno() != errno.EACCES:
            print("GOT past the filter: setns", hex(kind))
