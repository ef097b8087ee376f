"""The zygote: a process with NumPy in memory and no secrets, which forks one job at a time. On Linux alone.

It never touches a byte of a hand-in, since what it has once held, freed or not, is in the memory of every
later job. Over its control socket come descriptors, with one byte that says nothing: first the empty folder
that it is to stand in; then a job's channel and its two streams, over which the grader speaks with the job
itself. The zygote answers with the job's pid and a pidfd, and, when the job is dead, with how it ended. It
reads nothing that a job wrote.
"""

from __future__ import annotations

import errno
import gc
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping

from . import kernel, lockdown

assert sys.platform == "linux"

FDS = (lockdown.CHANNEL_FD, 1, 2)  # the places that the three descriptors go to
BEGIN = b"."
STARTED = struct.Struct("<i")  # pid, or the error of fork as a negative number, and then no pidfd
ENDED = struct.Struct("<idQ")  # wait status, processor seconds, largest resident set in bytes
RETRIED = (errno.EAGAIN, errno.ENOMEM)  # too many processes, or too little memory, for the moment
RETRIED_S = 10.0


def main() -> None:
    """Serve until the grader closes the control socket.

    The arguments: where this package is, the packages of the environment, the control socket's descriptor.
    """
    from . import job, preload  # the grader imports this module as well, and is to import nothing of them

    control = socket.socket(fileno=int(sys.argv[-1]))
    os.closerange(control.fileno() + 1, 1 << 16)  # whatever the grader has inherited is nobody's here
    kernel.be_taken_first()
    kernel.set_undumpable()
    kernel.end_with_parent()
    preload.everything(sys.argv[2:-1])
    sys.argv = ["handin"]
    _, folder, _, _ = socket.recv_fds(control, len(BEGIN), 1)
    if not folder:  # nobody has anything to run
        return
    os.fchdir(folder[0])
    os.close(folder[0])
    gc.freeze()  # a child that collects garbage must not touch, and so copy, all of these pages
    while True:
        begin, fds, _, _ = socket.recv_fds(control, len(BEGIN), len(FDS))
        if not begin:
            return
        _serve(control, fds, job.start)


def _serve(control: socket.socket, fds: list[int], become: Callable[[Mapping[int, int]], object]) -> None:
    try:
        pid = _forked()
    except OSError as error:
        for fd in fds:
            os.close(fd)
        control.sendall(STARTED.pack(-(error.errno or errno.EIO)))
        return
    if pid == 0:
        control.close()
        become(dict(zip(FDS, fds, strict=True)))
    for fd in fds:
        os.close(fd)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [STARTED.pack(pid)], [pidfd])
    os.close(pidfd)
    _, status, usage = os.wait4(pid, 0)
    cpu_s = usage.ru_utime + usage.ru_stime
    control.sendall(ENDED.pack(status, cpu_s, lockdown.of_usage(usage)))


def _forked() -> int:
    """Fork, again and again for a while where the kernel has no process to spare at this moment.

    Raises:
        OSError: it still has none.
    """
    until = time.monotonic() + RETRIED_S
    wait_s = 0.01
    while True:
        try:
            return os.fork()
        except OSError as error:
            if error.errno not in RETRIED or time.monotonic() + wait_s > until:
                raise
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, 1.0)
