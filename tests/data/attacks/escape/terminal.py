# attack: type into the terminal of whoever started the grader, and other requests by ioctl
# earns: 100
# stopped by: few system calls (seccomp): one ioctl, that asks whether it is a terminal
import fcntl
import os
import termios

from honest import *

for fd in range(4):
    for name in dir(termios):
        request = getattr(termios, name)
        if not (
            name.startswith(("TIO", "FIO", "TC")) and isinstance(request, int) and 0x5400 < request < 0x6000
        ):
            continue
        try:
            fcntl.ioctl(fd, request, bytes(1000))
            print("GOT", fd, name)
        except OSError:
            pass
    for ask in (os.ttyname, os.tcgetpgrp, os.get_terminal_size, os.isatty):
        try:
            if ask(fd):
                print("GOT", fd, ask)
        except OSError:
            pass
