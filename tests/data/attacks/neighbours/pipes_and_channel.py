# attack: read what is left in the descriptors from the hand-in before
# earns: 100
# stopped by: each job has a channel and pipes of its own
import os
import select

from honest import *

for fd in range(16):
    try:
        ready = select.select([fd], [], [], 0)[0]
        left = os.read(fd, 1 << 16) if ready else b""
    except OSError:
        continue
    if left:
        print("GOT", fd, left[:100])
