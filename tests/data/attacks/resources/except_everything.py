# attack: swallow whatever is raised into it, and go on
# earns: 0
# stopped by: the wall clock of a call
# call_s: 0.3
import signal

from honest import *


def angry(number, frame):
    raise KeyboardInterrupt


def forward(self, x, h):
    for number in (signal.SIGXCPU, signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, angry)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    while True:
        try:
            sum(range(1000))
        except BaseException:
            continue


GRU_Cell.forward = forward
