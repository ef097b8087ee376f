# attack: another view of the file system, by the old mounts and the new
# earns: 100
# stopped by: few system calls (seccomp); own user id
import ctypes
import errno
import os

from honest import *

attributes = (ctypes.c_uint64 * 4)()
CALLS = (  # name, number on x86-64, number on aarch64, arguments
    ("mount", 165, 40, (b"none", b"/", b"tmpfs", 0, None)),
    ("mount, bound", 165, 40, (b"/proc", b"/", None, 4096, None)),
    ("umount2", 166, 39, (b"/", 2)),
    ("pivot_root", 155, 41, (b".", b".")),
    ("chroot", 161, 51, (b"/",)),
    ("open_tree", 428, 428, (-100, b"/", 1)),
    ("move_mount", 429, 429, (-100, b"/", -100, b"/", 0)),
    ("fsopen", 430, 430, (b"tmpfs", 0)),
    ("fsconfig", 431, 431, (0, 0, None, None, 0)),
    ("fsmount", 432, 432, (0, 0, 0)),
    ("fspick", 433, 433, (-100, b"/", 0)),
    ("mount_setattr", 442, 442, (-100, b"/", 0, attributes, 32)),
    ("swapon", 167, 224, (b"/dev/null", 0)),
)
libc = ctypes.CDLL(None, use_errno=True)
for name, x86, arm, arguments in CALLS:
    call = arm if os.uname().machine == "aarch64" else x86
    if libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES:
        print("GOT past the filter:", name)
