# attack: the parts of the kernel in which most holes were found, and those that change the machine
# earns: 100
# stopped by: few system calls (seccomp); own user id
import ctypes
import errno
import os

from honest import *

room = (ctypes.c_uint64 * 64)()
CALLS = (  # name, number on x86-64 (None: there is none), number on aarch64, arguments
    ("io_uring_setup", 425, 425, (8, room)),
    ("io_uring_enter", 426, 426, (0, 0, 0, 0, None, 0)),
    ("io_uring_register", 427, 427, (-1, 0, room, 0)),
    ("io_setup", 206, 0, (8, room)),
    ("bpf", 321, 280, (0, room, 64)),
    ("perf_event_open", 298, 241, (room, 0, -1, -1, 0)),
    ("userfaultfd", 323, 282, (1,)),
    ("add_key", 248, 217, (b"user", b"x", b"y", 1, -3)),
    ("request_key", 249, 218, (b"user", b"x", None, -3)),
    ("keyctl", 250, 219, (0, -3, 1)),
    ("modify_ldt", 154, None, (0, room, 64)),
    ("init_module", 175, 105, (room, 0, b"")),
    ("finit_module", 313, 273, (0, b"", 0)),
    ("delete_module", 176, 106, (b"x", 0)),
    ("kexec_load", 246, 104, (0, 0, None, 0)),
    ("syslog", 103, 116, (3, room, 100)),
    ("iopl", 172, None, (3,)),
    ("ioperm", 173, None, (0, 1, 1)),
    ("reboot, by a wrong magic number", 169, 142, (0, 0, 0, None)),
    ("sethostname", 170, 161, (b"x", 1)),
    ("settimeofday", 164, 170, (None, room)),
    ("clock_settime", 227, 112, (99, room)),
    ("adjtimex", 159, 171, (room,)),
    ("vhangup", 153, 58, ()),
    ("lookup_dcookie", 212, 18, (0, room, 64)),
    ("signalfd4", 289, 74, (-1, room, 8, 0)),
    ("timerfd_create", 283, 85, (1, 0)),
    ("eventfd2", 290, 19, (0, 0)),
    ("epoll_create1", 291, 20, (0,)),
    ("mlockall", 151, 230, (3,)),
    ("mbind", 237, 235, (room, 64, 0, None, 0, 0)),
    ("remap_file_pages", 216, 234, (room, 64, 0, 0, 0)),
    ("map_shadow_stack", 453, 453, (None, 4096, 0)),
    ("lsm_get_self_attr", 459, 459, (100, room, room, 0)),
    ("landlock_create_ruleset", 444, 444, (None, 0, 1)),
    ("a number that there is not", 1023, 1023, ()),
)
libc = ctypes.CDLL(None, use_errno=True)
for name, x86, arm, arguments in CALLS:
    call = arm if os.uname().machine == "aarch64" else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
