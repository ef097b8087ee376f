# attack: stop its own process, so that it neither ends nor uses its time
# earns: 100
# stopped by: few system calls (seccomp); would they fail, the wall clock of a call
# call_s: 0.3
import os
import signal

from honest import *

for stop in (
    lambda: os.kill(os.getpid(), signal.SIGSTOP),
    lambda: os.killpg(0, signal.SIGSTOP),
    lambda: signal.raise_signal(signal.SIGSTOP),
):
    try:
        stop()
        print("GOT stopped")
    except OSError:
        pass
