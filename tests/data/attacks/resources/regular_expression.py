# attack: a regular expression that takes exponential time, inside of one C call
# earns: 0
# stopped by: the wall clock of a call
# call_s: 0.3
import re

from honest import *

GRU_Cell.forward = lambda self, x, h: re.match(r"(a+)+$", "a" * 60 + "b")
