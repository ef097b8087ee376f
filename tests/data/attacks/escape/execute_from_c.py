# attack: execve, execveat, and every way to a new process, past Python and libc
# earns: 100
# stopped by: few system calls (seccomp)
import ctypes
import errno
import os

from honest import *

clone_arguments = (ctypes.c_uint64 * 11)(*[0] * 4, 17)
argv = (ctypes.c_char_p * 4)(b"/bin/sh", b"-c", b"echo GOT a shell", None)
CALLS = (  # name, number on x86-64 (None: there is none), number on aarch64, arguments
    ("execve", 59, 221, (argv[0], argv, None)),
    ("execveat", 322, 281, (-100, argv[0], argv, None, 0)),
    ("execveat of a descriptor", 322, 281, (0, b"", argv, None, 0x1000)),
    ("fork", 57, None, ()),
    ("vfork", 58, None, ()),
    ("clone", 56, 220, (17, None, None, None, None)),
    ("clone, not traceable", 56, 220, (17 | 0x800000, None, None, None, None)),
    ("clone, a thread", 56, 220, (0x10F00, None, None, None, None)),
    ("clone, a user namespace", 56, 220, (17 | 0x10000000, None, None, None, None)),
    ("clone3", 435, 435, (clone_arguments, 88)),
)
libc = ctypes.CDLL(None, use_errno=True)
for name, x86, arm, arguments in CALLS:
    call = arm if os.uname().machine == "aarch64" else x86
    if call is None:
        continue
    before = os.getpid()
    answer = libc.syscall(call, *arguments)
    if os.getpid() != before or os.getppid() == before:
        os._exit(1)
    if answer != -1 or ctypes.get_errno() != errno.EACCES:
        print("GOT past the filter:", name)
