# attack: undo by prctl, and the like, what the job has given up
# earns: 100
# stopped by: few system calls (seccomp)
import ctypes
import errno
import os

from honest import *

arm = os.uname().machine == "aarch64"
libc = ctypes.CDLL(None, use_errno=True)
room = (ctypes.c_uint64 * 64)()
CONTROLS = (  # name, option, argument
    ("dumpable", 4, 1),
    ("keep capabilities", 8, 1),
    ("new privileges", 38, 0),
    ("no filter", 22, 0),
    ("a filter of its own", 22, 2),
    ("anybody may trace it", 0x59616D61, -1),
    ("another name", 15, room),
    ("another memory map", 35, 1),
    ("ambient capabilities", 47, 2),
    ("secure bits", 28, 0),
    ("a signal at the parent's death", 1, 9),
    ("reaper of orphans", 36, 1),
    ("time stamps forbidden", 26, 2),
    ("timer slack", 29, 10**9),
    ("speculation", 53, 0),
    ("dispatch of system calls to itself", 59, 1),
    ("core scheduling", 62, 1),
    ("anonymous memory with a name", 0x53564D41, 0),
)
for name, option, argument in CONTROLS:
    if libc.prctl(option, argument, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EACCES:
        print("GOT past the filter:", name)
CALLS = (  # name, number on x86-64 (None: there is none), number on aarch64, arguments
    ("personality", 135, 92, (0x0440000,)),
    ("seccomp", 317, 277, (1, 0, room)),
    ("seccomp, listener", 317, 277, (1, 8, room)),
    ("landlock_restrict_self", 446, 446, (0, 0)),
    ("arch_prctl", 158, None, (0x1002, room)),
    ("pkey_alloc", 330, 289, (0, 0)),
    ("setrlimit", 160, 164, (9, room)),
    ("setsid", 112, 157, ()),
)
for name, x86, on_arm, arguments in CALLS:
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
