# attack: look for descriptors that somebody left open: the zygote's control socket, the grader's files
# earns: 100
# stopped by: close_range; no open
import contextlib
import os

from honest import GRU_Cell  # noqa: F401

for fd in range(4, 5_000):
    with contextlib.suppress(OSError):
        print("GOT", fd, os.fstat(fd))
for folder in ("/proc/self/fd", "/proc/self/task", "/dev/fd"):
    with contextlib.suppress(OSError):
        print("GOT", os.listdir(folder))
    with contextlib.suppress(OSError):
        print("GOT", os.readlink(f"{folder}/3"))
