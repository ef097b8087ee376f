# attack: every system call that opens or makes a file, past Python and libc
# earns: 100
# stopped by: few system calls (seccomp); no files (Landlock)
import ctypes
import errno
import os

from honest import *

HERE, NO_PATH = -100, 0x1000
how = (ctypes.c_uint64 * 3)(0, 0, 0)
handle = (ctypes.c_uint32 * 34)(128, 0)
number = ctypes.c_int()
CALLS = (  # name, number on x86-64 (None: there is none), number on aarch64, arguments
    ("open", 2, None, (b"/", 0)),
    ("creat", 85, None, (b"/tmp/cellgrade-attack", 0o600)),
    ("openat", 257, 56, (HERE, b"/", 0)),
    ("openat of O_PATH", 257, 56, (HERE, b"/", 0o10000000)),
    ("openat2", 437, 437, (HERE, b"/", how, 24)),
    ("name_to_handle_at", 303, 264, (HERE, b"/", handle, ctypes.byref(number), 0)),
    ("open_by_handle_at", 304, 265, (HERE, handle, 0)),
    ("open_tree", 428, 428, (HERE, b"/", 0)),
    ("memfd_create", 319, 279, (b"x", 0)),
    ("memfd_secret", 447, 447, (0,)),
    ("stat", 4, None, (b"/", handle)),
    ("newfstatat", 262, 79, (HERE, b"/", handle, 0)),
    ("newfstatat, no following", 262, 79, (HERE, b"/", handle, 0x100)),
    ("statx", 332, 291, (HERE, b"/", 0, 0x7FF, (ctypes.c_char * 256)())),
    ("access", 21, None, (b"/", 4)),
    ("faccessat2", 439, 439, (HERE, b"/", 4, 0)),
    ("getdents64", 217, 61, (0, handle, 100)),
    ("readlinkat", 267, 78, (HERE, b"/proc/self/exe", handle, 100)),
    ("uselib", 134, None, (b"/lib/x86_64-linux-gnu/libc.so.6",)),
    ("inotify_init1", 294, 26, (0,)),
    ("fanotify_init", 300, 262, (0, 0)),
    ("acct", 163, 89, (b"/tmp/cellgrade-attack",)),
    ("quotactl_fd", 443, 443, (0, 0, 0, 0)),
    ("statmount", 457, 457, (0, 0, 0, 0)),
    ("listmount", 458, 458, (0, 0, 0, 0)),
    ("cachestat", 451, 451, (0, 0, 0, 0)),
    ("file_getattr", 468, 468, (HERE, b"/", handle, 24, 0)),
)
libc = ctypes.CDLL(None, use_errno=True)
for name, x86, arm, arguments in CALLS:
    call = arm if os.uname().machine == "aarch64" else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
