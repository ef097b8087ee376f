# attack: stop, kill or interrupt the grader by what Python offers, with itself thrown in
# earns: 100
# stopped by: few system calls (seccomp)
import os
import signal
import threading

from honest import *

parent = os.getppid()
for send in (
    lambda: os.kill(parent, 0),
    lambda: os.kill(parent, signal.SIGINT),
    lambda: os.killpg(0, 0),
    lambda: signal.pidfd_send_signal(3, 0),
    lambda: os.pidfd_open(parent),
    lambda: signal.pthread_kill(threading.main_thread().ident, 0),
    lambda: signal.raise_signal(signal.SIGCHLD),
    lambda: os.kill(-1, 0),
):
    try:
        send()
        print("GOT", send.__code__.co_names)
    except OSError:
        pass
