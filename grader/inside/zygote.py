"""The zygote: a process with NumPy in memory and no secrets, which forks one job at a time.

Its control socket speaks first a length (u64) with three descriptors beside it, then a request frame; it
answers with the job's pid and a pidfd, and, when the job is dead, with how it ended. It reads nothing that a
job wrote.
"""

from __future__ import annotations

import codecs
import gc
import importlib
import os
import socket
import struct
import sys
import time
from typing import Any

from . import job, lockdown, source, wire

LENGTH = struct.Struct("<Q")
STARTED = struct.Struct("<i")
ENDED = struct.Struct("<id")  # wait status, processor seconds

# What Python and NumPy import late, at the first use: a job has no files to import from.
PRELOADED = """
    _strptime abc argparse collections.abc contextlib copy dataclasses datetime decimal enum fractions
    functools hashlib heapq inspect io itertools json logging math numpy.random operator pathlib pickle random
    re statistics string struct textwrap time timeit tokenize traceback types typing unicodedata warnings
    weakref
""".split()
CODECS = ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "cp1252", "idna")


def main() -> None:
    """Serve until the grader closes the control socket.

    The arguments: where this package is, the packages of the environment, the control socket's descriptor.
    """
    control = socket.socket(fileno=int(sys.argv[-1]))
    lockdown.set_undumpable()
    lockdown.end_with_parent()
    for module in PRELOADED:
        importlib.import_module(module)
    for package in sys.argv[2:-1]:
        importlib.import_module(package)
        source.INSTALLED.add(package)
    if "torch" in source.INSTALLED:
        _warm_torch()
    for codec in CODECS:
        codecs.lookup(codec)
    time.tzset()
    sys.argv = ["handin"]
    gc.freeze()  # a child that collects garbage must not touch, and so copy, all of these pages
    while (received := _receive(control)) is not None:
        request, fds = received
        _serve(control, request, fds)


def _warm_torch() -> None:
    """Load what torch loads at its first backward pass, and keep it to one thread: a job can do neither."""
    torch = sys.modules["torch"]
    torch.set_num_threads(1)
    weight = torch.ones(1, requires_grad=True)
    (weight * weight).backward(torch.ones(1))


def _serve(control: socket.socket, request: dict[str, Any], fds: list[int]) -> None:
    pid = os.fork()
    if pid == 0:
        control.close()
        job.start(fds, request)
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
