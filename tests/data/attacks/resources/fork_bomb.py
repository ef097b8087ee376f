# attack: fork, and fork again in each child (bounded, in case that it works)
# earns: 100
# stopped by: few system calls (seccomp); resource limits (processes), where we are root
import os
import pty
import time

from honest import *

for fork in (os.fork, os.forkpty, pty.fork):
    for _ in range(6):
        try:
            pid = fork()
        except OSError:
            continue
        if not isinstance(pid, int):
            pid = pid[0]
        print("GOT a process" if pid else "GOT to be one", flush=True)
        if pid == 0:
            time.sleep(5)
            os._exit(0)
