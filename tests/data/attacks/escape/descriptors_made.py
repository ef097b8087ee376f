# attack: make a descriptor out of nothing: memfd, eventfd, timerfd, signalfd, epoll, pipes, pairs
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
    ("memfd_create, sealed", 319, 279, (b"x", 2)),
    ("memfd_create, huge", 319, 279, (b"x", 4)),
    ("eventfd", 284, None, (0,)),
    ("signalfd", 282, None, (-1, room, 8)),
    ("epoll_create", 213, None, (1,)),
    ("epoll_ctl", 233, 21, (0, 1, 1, room)),
    ("pipe2", 293, 59, (room, 0)),
    ("socketpair", 53, 199, (1, 1, 0, room)),
    ("socket, vsock", 41, 198, (40, 1, 0)),
    ("socket, netlink", 41, 198, (16, 3, 0)),
    ("socket, alg", 41, 198, (38, 5, 0)),
    ("socket, packet", 41, 198, (17, 3, 0)),
    ("dup", 32, 23, (3,)),
    ("dup3", 292, 24, (3, 9, 0)),
    ("accept4", 288, 242, (3, None, None, 0)),
    ("recvmmsg", 299, 243, (3, room, 1, 0, None)),
    ("sendmmsg", 307, 269, (3, room, 1, 0)),
    ("recvfrom", 45, 207, (3, room, 8, 0x40, None, None)),
    ("sendto", 44, 206, (3, room, 0, 0, None, 0)),
):
    call = on_arm if arm else x86
    if call is not None and (libc.syscall(call, *arguments) != -1 or ctypes.get_errno() != errno.EACCES):
        print("GOT past the filter:", name)
