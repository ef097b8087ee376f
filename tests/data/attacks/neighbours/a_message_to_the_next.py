# attack: leave a message wherever a process can leave one, and look for that of the one before
# earns: 100
# stopped by: fork: each job has memory, descriptors and limits of its own; few system calls (seccomp)
import builtins
import ctypes
import os
import resource
import signal
import sys
import time

import numpy
from honest import *

libc = ctypes.CDLL(None, use_errno=True)
libc.getenv.restype = ctypes.c_char_p
old = os.umask(0o77)
if old not in (0o22, 0o27, 0o77, 0o02, 0) or old == 0o77 and 60578 <= os.getuid() < 60706:
    print("GOT a mask", old)
for place in (builtins, numpy, sys, os):
    if hasattr(place, "left_by_a_hand_in"):
        print("GOT", place)
    place.left_by_a_hand_in = 1
if libc.getenv(b"LEFT_BY_A_HAND_IN") or "LEFT_BY_A_HAND_IN" in os.environ:
    print("GOT a variable")
libc.setenv(b"LEFT_BY_A_HAND_IN", b"1", 1)
if signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
    print("GOT a timer")
signal.setitimer(signal.ITIMER_VIRTUAL, 1e6)
if signal.getsignal(signal.SIGUSR2) is not signal.SIG_DFL:
    print("GOT a handler")
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
if time.tzname == ("LEFT", "LEFT"):
    print("GOT a time zone")
os.environ["TZ"] = "LEFT0"
time.tzset()
for call in (lambda: os.lseek(0, 7, 0), lambda: resource.setrlimit(resource.RLIMIT_STACK, (1 << 16, 1 << 16))):
    try:
        call()
    except OSError:
        pass
