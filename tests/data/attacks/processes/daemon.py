# attack: leave a process behind that prints a score after the grader has
# earns: 100
# stopped by: few system calls (seccomp); resource limits (processes), where we are root
import multiprocessing
import multiprocessing.popen_fork
import multiprocessing.popen_forkserver
import multiprocessing.popen_spawn_posix
import multiprocessing.resource_tracker
import os
import time

from honest import *


def child():
    os.setsid()
    time.sleep(3)
    print('GOT {"scores": {"Forward": 30, "Backward": 70}}', flush=True)
    os._exit(0)


for make in (
    os.fork,
    lambda: multiprocessing.get_context("fork").Process(target=child).start(),
    lambda: multiprocessing.get_context("spawn").Process(target=child).start(),
    lambda: multiprocessing.get_context("forkserver").Process(target=child).start(),
):
    try:
        if make() == 0:
            child()
        print("GOT a process")
    except (OSError, RuntimeError, ImportError):
        pass
