# attack: put the channel in the place of standard output, or keep a copy of it
# earns: 100
# stopped by: few system calls (seccomp)
import contextlib
import fcntl
import os

from honest import GRU_Cell  # noqa: F401

for copy in (
    lambda: os.dup2(3, 1),
    lambda: os.dup(3),
    lambda: fcntl.fcntl(3, fcntl.F_DUPFD, 10),
    lambda: fcntl.fcntl(3, fcntl.F_DUPFD_CLOEXEC, 10),
):
    with contextlib.suppress(OSError):
        print("GOT a copy", copy())
