# attack: look for descriptors that were left open, and make more of those that it has
# earns: 100
# stopped by: closed descriptors; few system calls (seccomp)
import fcntl
import os
import resource

from honest import *

for fd in range(4, 1 << 16):
    try:
        print("GOT", fd, fcntl.fcntl(fd, fcntl.F_GETFD))
    except OSError:
        pass
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 16, 1 << 16))
    print("GOT a higher limit")
except (OSError, ValueError):
    pass
for fd in range(4):
    for more in (
        lambda fd: os.dup(fd),
        lambda fd: os.dup2(fd, 9),
        lambda fd: fcntl.fcntl(fd, fcntl.F_DUPFD, 9),
        lambda fd: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 9),
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK),
        lambda fd: fcntl.fcntl(fd, 1031, 1 << 20),  # F_SETPIPE_SZ
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK),
        lambda fd: fcntl.fcntl(fd, fcntl.F_NOTIFY, fcntl.DN_ACCESS),
        lambda fd: fcntl.fcntl(fd, 1033, 15),  # F_ADD_SEALS
        lambda fd: fcntl.flock(fd, fcntl.LOCK_EX),
        lambda fd: fcntl.lockf(fd, fcntl.LOCK_EX),
    ):
        try:
            more(fd)
            print("GOT", fd, more.__code__.co_names)
        except OSError:
            pass
