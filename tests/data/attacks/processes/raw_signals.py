# attack: every system call that sends a signal, to the parent, to init and to the neighbours
# earns: 100
# stopped by: few system calls (seccomp); own user id; Landlock's scope of signals
import ctypes
import errno
import os

from honest import *

info = (ctypes.c_uint64 * 16)()
libc = ctypes.CDLL(None, use_errno=True)
parent, own = os.getppid(), os.getpid()
for pid in (parent, own, 1, parent - 1, parent + 1, own + 1, -1):
    for name, x86, arm, arguments in (
        ("kill", 62, 129, (pid, 0)),
        ("kill a group", 62, 129, (-abs(pid), 0)),
        ("tkill", 200, 130, (pid, 0)),
        ("tgkill", 234, 131, (pid, pid, 0)),
        ("rt_sigqueueinfo", 129, 138, (pid, 0, info)),
        ("rt_tgsigqueueinfo", 297, 240, (pid, pid, 0, info)),
        ("pidfd_open", 434, 434, (pid, 0)),
        ("pidfd_open of a thread", 434, 434, (pid, 0o200)),
        ("pidfd_send_signal", 424, 424, (3, 0, None, 0)),
        ("process_mrelease", 448, 448, (3, 0)),
        ("timer_create", 222, 107, (0, info, info)),
    ):
        call = arm if os.uname().machine == "aarch64" else x86
        if libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES:
            print("GOT past the filter:", name, pid)
