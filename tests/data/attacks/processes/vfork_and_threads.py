# attack: new processes and threads by the calls that libraries use least
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
    ("vfork", 58, None, ()),
    ("fork", 57, None, ()),
    ("clone, sharing all", 56, 220, (0x7D0F00, None, None, None, None)),
    ("clone, untraced", 56, 220, (0x00800011, None, None, None, None)),
    ("clone3, into a group", 435, 435, ((ctypes.c_uint64 * 11)(1 << 33), 88)),
    ("unshare of files", 272, 97, (0x400,)),
    ("setns", 308, 268, (0, 0)),
    ("execveat, of a descriptor", 322, 281, (0, b"", room, room, 0x1000)),
    ("uselib", 134, None, (b"/lib/libc.so",)),
    ("waitid", 247, 95, (0, 0, room, 4, None)),
):
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
