# attack: be called by timers between the calls, and change what the job holds then
# earns: 100
# stopped by: every question brings its inputs; the truth is in another process
import signal
import sys

from honest import *


def later(number, frame):
    while frame is not None:
        for name in frame.f_locals:
            if name in ("expected", "truth", "lookalikes"):
                print("GOT", name)
        frame = frame.f_back
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.01)


signal.signal(signal.SIGVTALRM, later)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.01)
