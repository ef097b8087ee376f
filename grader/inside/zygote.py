"""The zygote: a process with NumPy in memory and no secrets, which forks one job at a time. On Linux alone.

Its control socket speaks first a length (u64) with three descriptors beside it, then a request frame; it
answers with the job's pid and a pidfd, and, when the job is dead, with how it ended. It reads nothing that a
job wrote.
"""

from __future__ import annotations

import gc
import os
import socket
import struct
import sys
from typing import Any

from . import job, lockdown, preload, wire

assert sys.platform == "linux"

LENGTH = struct.Struct("<Q")
STARTED = struct.Struct("<i")
ENDED = struct.Struct("<id")  # wait status, processor seconds


def main() -> None:
    """Serve until the grader closes the control socket.

    The arguments: where this package is, the packages of the environment, the control socket's descriptor.
    """
    control = socket.socket(fileno=int(sys.argv[-1]))
    lockdown.set_undumpable()
    lockdown.end_with_parent()
    preload.everything(sys.argv[2:-1])
    sys.argv = ["handin"]
    gc.freeze()  # a child that collects garbage must not touch, and so copy, all of these pages
    while (received := _receive(control)) is not None:
        request, fds = received
        _serve(control, request, fds)


def _serve(control: socket.socket, request: dict[str, Any], fds: list[int]) -> None:
    pid = os.fork()
    if pid == 0:
        control.close()
        job.start(dict(zip((lockdown.CHANNEL_FD, 1, 2), fds, strict=True)), request)
    for fd in fds:
        os.close(fd)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [STARTED.pack(pid)], [pidfd])
    os.close(pidfd)
    _, status, usage = os.wait4(pid, 0)
    control.sendall(ENDED.pack(status, usage.ru_utime + usage.ru_stime))


def _receive(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    head, fds, _, _ = socket.recv_fds(control, LENGTH.size, 3)
    if not head:
        return None
    (length,) = LENGTH.unpack(head)
    body = bytearray()
    while len(body) < length:
        chunk = control.recv(min(1 << 20, length - len(body)))
        if not chunk:
            return None
        body += chunk
    about, _ = wire.decode(bytes(body), wire.FROM_GRADER)
    return about, fds
