# attack: hang when the interpreter ends, in an exit handler, a destructor and an exception hook
# earns: 100
# stopped by: the job ends by os._exit
# call_s: 0.3
import atexit
import sys

from honest import *


def hang(*_):
    print("GOT a chance at the end")
    while True:
        pass


class Hanging:
    __del__ = hang


kept = Hanging()
sys.excepthook = sys.unraisablehook = hang
atexit.register(hang)
