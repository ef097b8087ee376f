"""Who is there to the end of every command: a small process that starts the working one and outlives it.

A worker can hang in C code, be stopped, crash, or be killed for its memory, before it has read its arguments
or with half of a report printed. No thread of its own helps it then. So the process that was started does
nothing itself: it forks, before anything large is imported, and watches. On Linux alone.

What it promises:

- A platform that reads the last line (`--format autolab`) gets one whole report, or one that records no
  score, and exit status 0. So the worker's output goes through a pipe, and counts once the worker has said
  that it is complete.
- The worker ends at the platform's time limit, the kernel ends it when this process is killed, and
  whatever lost its parent below it is ended too.
- Everything else is as if there were one process: standard output and error are the worker's own, signals
  reach it once, since it is in a process group of its own, and its exit status is passed on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from grader.supervisor.limits import RESERVE_S, TIME_LIMIT_VARIABLE, age_s, said, told_limit_s
from grader.supervisor.worker import done, end_within, expect, is_there

__all__ = [
    "RESERVE_S",
    "TIME_LIMIT_VARIABLE",
    "age_s",
    "done",
    "end_within",
    "expect",
    "is_there",
    "said",
    "supervise",
    "told_limit_s",
]


def supervise(arguments: Sequence[str], foretell: Callable[[Sequence[str]], object]) -> None:
    """Go on in a new process, the worker, and return there alone; here, watch it and exit as it does.

    Args:
        arguments: the command line's.
        foretell: calls `expect` if it can, in a process of its own; for when a worker did not live to do so.
    """
    if sys.platform == "linux":
        from grader.supervisor.watching import Supervisor

        _fill_descriptors()
        Supervisor(arguments, foretell).start()


def _fill_descriptors() -> None:
    """Open what was closed of 0, 1 and 2, so that no pipe of ours is taken for one of them."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)
