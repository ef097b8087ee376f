# attack: starve the grader: its priority and processors lowered, its own raised to real time
# earns: 100
# stopped by: few system calls (seccomp)
import ctypes
import os

from honest import *

parent = os.getppid()
libc = ctypes.CDLL(None, use_errno=True)
for starve in (
    lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
    lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    lambda: os.setpriority(os.PRIO_PGRP, 0, -20),
    lambda: os.nice(-5),
    lambda: os.nice(1),
    lambda: os.sched_setaffinity(parent, {0}),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: os.sched_setscheduler(parent, os.SCHED_IDLE, os.sched_param(0)),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
    lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)),
    lambda: os.sched_setparam(0, os.sched_param(0)),
):
    try:
        starve()
        print("GOT", starve.__code__.co_names, starve.__code__.co_consts)
    except OSError:
        pass
arm = os.uname().machine == "aarch64"
attributes = (ctypes.c_uint32 * 14)(56)
if libc.syscall(30 if arm else 251, 1, parent, 3 << 13) != -1:
    print("GOT ioprio_set")
if libc.syscall(274 if arm else 314, 0, attributes, 0) != -1:
    print("GOT sched_setattr")
