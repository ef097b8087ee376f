# attack: go on after the grader has hung up, by rewriting our own loop in its process
# earns: 100
# stopped by: a SIGKILL by pidfd, one second after the channel is closed
# call_s: 0.3
import sys

from honest import *

job = sys.modules["inside.job"]
receive = job.Job._receive


def never_ending(self):
    frame = receive(self)
    while frame is None:
        pass
    return frame


job.Job._receive = never_ending
