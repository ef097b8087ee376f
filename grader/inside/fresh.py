"""A job that is a process of its own from the start: for systems on which no zygote can fork one.

Requests come over standard input. Answers go over a pipe that is inherited beside the standard streams.
"""

from __future__ import annotations

import os
import sys

from . import job, kernel, lockdown, preload

if sys.platform == "win32":
    import msvcrt

REQUESTS_FD = 0


def main() -> None:
    """Become a job. Never returns.

    The arguments: where this package is, the packages of the environment, the pipe for answers.
    """
    kernel.set_undumpable()
    answers = _inherited(sys.argv[-1])
    preload.everything(sys.argv[2:-1])
    sys.argv = ["handin"]
    streams = {1: 1, 2: 2}
    job.start({lockdown.CHANNEL_FD: answers, **streams, lockdown.REQUESTS_FD: REQUESTS_FD})


def _inherited(name: str) -> int:
    """Return the descriptor of an inherited pipe, which Windows knows as a handle."""
    if sys.platform == "win32":
        return msvcrt.open_osfhandle(int(name), os.O_WRONLY)
    return int(name)
