# attack: sleep, which takes no processor time at all
# earns: 0
# stopped by: the wall clock of a call
# call_s: 0.3
import time

from honest import *


def forward(self, x, h):
    time.sleep(1e6)


GRU_Cell.forward = forward
