"""The worker's side: what it tells the process that watches it, and what holds for it from the start."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

from grader.inside import kernel

OUR_FAULT = 3

_tell: int | None = None  # where it tells its supervisor


def is_there() -> bool:
    """Whether this process is a worker, with somebody who watches it."""
    return _tell is not None


def expect(head: str, line: str) -> None:
    """Say what stands at the end should this process not get there: before and below why it did not.

    Args:
        head: the beginning of the last words.
        line: the last line, which a platform reads.
    """
    _say({"head": head, "line": line})


def end_within(seconds: float) -> None:
    """Say how long the work may take from now on; some seconds later it is ended."""
    _say({"within_s": seconds})


def done(code: int) -> None:
    """Say that all output was written, and which exit status there is."""
    _say({"done": code})


def _say(message: dict[str, object]) -> None:
    if _tell is not None:
        import json  # not before the student's Python is started, since it takes a while

        with contextlib.suppress(OSError):  # who watched is gone, and with it this process in a moment
            os.write(_tell, json.dumps(message).encode() + b"\n")


def begin(supervisor: int, tell: int) -> None:
    """Become a worker.

    Args:
        supervisor: process id of who watches.
        tell: descriptor over which it is told.
    """
    global _tell
    if sys.platform == "linux":
        kernel.end_with_parent(signal.SIGKILL)
        if os.getppid() != supervisor:  # it was killed before the kernel knew
            os._exit(OUR_FAULT)
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a terminal's `tostop` is for what runs unseen
    _tell = tell
