# attack: crash forward and backward, each time anew, by bytecode that reads where nothing is
# earns: 0
# stopped by: a crash of the job alone; the rest of that call is not asked again
from honest import *


def crash():
    pass


FAR_CONSTANT = bytes((151, 0, 144, 127, 144, 255, 144, 255, 100, 255, 83, 0))  # of a tuple that is empty
crash.__code__ = crash.__code__.replace(co_code=FAR_CONSTANT, co_consts=())
GRU_Cell.forward = GRU_Cell.backward = lambda *inputs: crash()
