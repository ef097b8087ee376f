# attack: write one byte at 1 TiB, on every descriptor that it was given
# earns: 100
# stopped by: resource limits (file size); the descriptors are pipes; few system calls (seccomp)
import os

from honest import *

FAR = 1 << 40
for fd in (0, 1, 2, 3):
    for grow in (
        lambda fd: os.ftruncate(fd, FAR),
        lambda fd: os.posix_fallocate(fd, 0, FAR),
        lambda fd: os.pwrite(fd, b"x", FAR),
        lambda fd: os.write(fd, b"GOT it written" if os.lseek(fd, FAR, os.SEEK_SET) == FAR else b""),
    ):
        if fd == 0 and grow.__code__.co_names[-1] == "SEEK_SET":
            continue  # /dev/null goes anywhere
        try:
            grow(fd)
            print("GOT", fd, grow.__code__.co_names)
        except OSError:
            pass
