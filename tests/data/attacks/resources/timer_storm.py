# attack: a signal every few microseconds, raised into our code as well as into its own
# earns: 0
# stopped by: the job alone is hit; the wall clock of a call
# call_s: 0.3
import signal

from honest import *


def storm(number, frame):
    raise RuntimeError("storm")


signal.signal(signal.SIGALRM, storm)
GRU_Cell.forward = lambda self, x, h: signal.setitimer(signal.ITIMER_REAL, 5e-6, 5e-6)
