# attack: reap the zygote's children in its place, or become the parent of orphans
# earns: 100
# stopped by: few system calls (seccomp)
import ctypes
import os

from honest import *

libc = ctypes.CDLL(None, use_errno=True)
for wait in (
    lambda: os.wait(),
    lambda: os.waitpid(-1, os.WNOHANG),
    lambda: os.wait4(os.getppid(), os.WNOHANG),
    lambda: os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG),
    lambda: os.waitid(os.P_PIDFD, 3, os.WEXITED | os.WNOHANG),
):
    try:
        print("GOT", wait())
    except ChildProcessError as error:
        print("GOT past the filter:", error)
    except OSError:
        pass
if libc.prctl(36, 1, 0, 0, 0) == 0:
    print("GOT to be the parent of orphans")
