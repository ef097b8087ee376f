# attack: raise an exception whose message, name and line are of many megabytes
# earns: 0
# stopped by: messages are cut in the job; the bounds of the channel
from honest import *


def forward(self, x, h):
    raise type("E" * 20_000_000, (Exception,), {})("\x1b]0;" * 5_000_000)


GRU_Cell.forward = forward
