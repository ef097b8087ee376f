# attack: read and change the parent's memory, or trace it
# earns: 100
# stopped by: few system calls (seccomp); undumpable; own user id
import ctypes
import errno
import os

from honest import *

libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(4096)
vector = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 4096)
attach, seize, trace_me = 16, 0x4206, 0
for pid in (os.getppid(), 1, os.getpid()):
    for name, x86, arm, arguments in (
        ("process_vm_readv", 310, 270, (pid, vector, 1, vector, 1, 0)),
        ("process_vm_writev", 311, 271, (pid, vector, 1, vector, 1, 0)),
        ("process_madvise", 440, 440, (3, vector, 1, 4, 0)),
        ("ptrace, attached", 101, 117, (attach, pid, None, None)),
        ("ptrace, seized", 101, 117, (seize, pid, None, None)),
        ("ptrace, traced itself", 101, 117, (trace_me, 0, None, None)),
        ("kcmp", 312, 272, (pid, os.getpid(), 1, 0, 0)),
        ("get_robust_list", 274, 100, (pid, room, room)),
        ("move_pages", 279, 239, (pid, 0, None, None, None, 0)),
        ("migrate_pages", 256, 238, (pid, 0, None, None)),
        ("pidfd_open", 434, 434, (pid, 0)),
        ("pidfd_getfd", 438, 438, (3, 0, 0)),
    ):
        call = arm if os.uname().machine == "aarch64" else x86
        if libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES:
            print("GOT past the filter:", name, pid)
