# attack: die by a signal of its own choice, one that the grader may mistake for its own
# earns: 0
# stopped by: few system calls (seccomp); no result is no credit
import ctypes
import os
import resource
import signal

from honest import *


def forward(self, x, h):
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGXCPU, signal.SIGSYS, signal.SIGRTMAX):
        try:
            os.kill(os.getpid(), number)
            print("GOT killed by", number)
        except OSError:
            pass
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
        print("GOT killed by its own limit")
    except (OSError, ValueError):
        pass
    ctypes.CDLL(None).abort()


GRU_Cell.forward = forward
