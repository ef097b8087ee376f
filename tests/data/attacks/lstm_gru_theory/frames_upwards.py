# attack: walk from a function to the adapter and the job, for the truth and for the channel
# earns: 100
# stopped by: the truth is in another process
# with: frames.py
import honest
from honest import *
from frames import look_upwards


def dW_xz(*arguments):
    look_upwards()
    return honest.dW_xz(*arguments)
