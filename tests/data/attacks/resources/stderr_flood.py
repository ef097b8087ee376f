# attack: write to standard error without end, and below Python's own buffers
# earns: 0
# stopped by: the limit on output
import os

from honest import *


def forward(self, x, h):
    while True:
        os.write(2, b"\xff\xfe\x00A" * 10_000)


GRU_Cell.forward = forward
