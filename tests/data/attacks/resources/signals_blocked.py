# attack: block and ignore every signal that can be, then never return
# earns: 0
# stopped by: the wall clock of a call, by a SIGKILL that cannot be blocked
# call_s: 0.3
import signal

from honest import *


def forward(self, x, h):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass


GRU_Cell.forward = forward
