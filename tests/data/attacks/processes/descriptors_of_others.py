# attack: take descriptors, files and memory of others: pidfd_getfd, kcmp, process_vm_readv, process_madvise
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
    ("pidfd_open of itself", 434, 434, (pid, 0)),
    ("pidfd_open of a thread", 434, 434, (pid, 0o200)),
    ("pidfd_getfd", 438, 438, (0, 3, 0)),
    ("pidfd_send_signal", 424, 424, (0, 0, None, 0)),
    ("kcmp of files", 312, 272, (pid, pid, 2, 0, 0)),
    ("process_vm_readv of itself", 310, 270, (pid, room, 1, room, 1, 0)),
    ("process_vm_writev of itself", 311, 271, (pid, room, 1, room, 1, 0)),
    ("process_madvise", 440, 440, (0, room, 1, 21, 0)),
    ("ptrace of itself", 101, 117, (0x4206, pid, 0, 0)),
    ("move_pages", 279, 239, (pid, 0, None, None, None, 0)),
    ("get_robust_list", 274, 100, (pid - 1, room, room)),
    ("sched_setaffinity", 203, 122, (pid - 1, 8, room)),
    ("setpriority", 141, 140, (0, pid - 1, 19)),
    ("ioprio_set", 251, 30, (1, pid - 1, 0)),
):
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
