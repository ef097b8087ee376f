# attack: replace os._exit, so that the process lives on when the grader is done with it
# earns: 0
# stopped by: the kill by pidfd at the end
import atexit
import os
import time

os._exit = lambda status: None
atexit.register(time.sleep, 100)


class GRU_Cell:
    pass
