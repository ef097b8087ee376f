# attack: let the kernel send SIGKILL to the grader when a descriptor of the job becomes ready
# earns: 100
# stopped by: few system calls (seccomp): the list of fcntl commands and the one ioctl
import fcntl
import os
import signal
import struct

from honest import *

OWNER = struct.pack("i", os.getppid())
for fd in (0, 1, 2, 3):
    for ask in (
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETOWN, os.getppid()),
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getppid()),
        lambda fd: fcntl.fcntl(fd, 15, struct.pack("ii", 1, os.getppid())),  # F_SETOWN_EX
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL),
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_ASYNC | os.O_RDWR),
        lambda fd: fcntl.fcntl(fd, 0x100000000 + fcntl.F_SETOWN - (1 << 32), os.getppid()),
        lambda fd: fcntl.ioctl(fd, 0x8901, OWNER),  # FIOSETOWN
        lambda fd: fcntl.ioctl(fd, 0x8902, OWNER),  # SIOCSPGRP
        lambda fd: fcntl.ioctl(fd, 0x5452, struct.pack("i", 1)),  # FIOASYNC
    ):
        try:
            ask(fd)
            print("GOT", fd, ask.__code__.co_consts)
        except OSError:
            pass
