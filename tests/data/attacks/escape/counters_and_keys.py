# attack: count what the processor does, load programs into the kernel, keep keys there
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
    ("perf_event_open, of all", 298, 241, ((ctypes.c_uint64 * 16)(1), -1, 0, -1, 0)),
    ("perf_event_open, software", 298, 241, ((ctypes.c_uint64 * 16)((128 << 32) | 1), 0, -1, -1, 8)),
    ("bpf, a map", 321, 280, (0, (ctypes.c_uint32 * 20)(2, 4, 8, 1), 80)),
    ("keyctl, session", 250, 219, (1, None)),
    ("add_key, logon", 248, 217, (b"logon", b"a:b", b"x", 1, -2)),
    ("rdpmc, by arch_prctl", 158, None, (0x1001, 0)),
    ("pkey_mprotect", 329, 288, (room, 4096, 1, -1)),
    ("fanotify_init", 300, 262, (0, 0)),
    ("inotify_init1", 294, 26, (0,)),
    ("name_to_handle_at", 303, 264, (-100, b"/", room, room, 0)),
    ("open_by_handle_at", 304, 265, (0, room, 0)),
    ("swapon", 167, 224, (b"/x", 0)),
    ("acct", 163, 89, (None,)),
    ("quotactl", 179, 60, (0, None, 0, None)),
):
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
