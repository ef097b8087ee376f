# attack: leave its session and group, or enter the grader's, so that a kill of the group would miss
# earns: 100
# stopped by: few system calls (seccomp); and what is killed is a process by its pidfd, not a group
import os
import pty

from honest import *

parent = os.getppid()
for move in (
    lambda: os.setsid(),
    lambda: os.setpgid(0, parent),
    lambda: os.setpgid(parent, 0),
    lambda: os.setpgid(0, 0),
    lambda: os.setpgrp(),
    lambda: os.tcsetpgrp(0, os.getpgrp()),
    lambda: os.login_tty(3),
    lambda: pty.openpty(),
    lambda: os.posix_openpt(os.O_RDWR),
):
    try:
        move()
        print("GOT", move.__code__.co_names)
    except (OSError, AttributeError):
        pass
