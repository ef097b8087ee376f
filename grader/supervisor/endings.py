"""The end of a command that did not end by itself: what became of it, in words, and nothing left below it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys

from grader.inside import kernel

assert sys.platform == "linux"

# When not even the problems' names can be had: `autolab_line.without_scores([])`, and what stands above it.
FAILED = "The grader failed; no score was recorded."
NO_NAMES = '{"scores": {"unknown problem": null}, "scoreboard": []}'


def kill_children() -> None:
    """Kill whatever is this process's child."""
    with contextlib.suppress(OSError):
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="utf-8") as file:
            pids = file.read().split()
        for pid in pids:
            # One of another user, where we are not root, ends with its parent.
            with contextlib.suppress(OSError):
                os.kill(int(pid), signal.SIGKILL)


def why(status: int | None) -> str:
    """Return what became of the worker, as a sentence."""
    if status is None:
        return "The time limit was reached."
    if os.WIFEXITED(status):
        return f"The process that grades ended by itself (exit status {os.WEXITSTATUS(status)})."
    number = os.WTERMSIG(status)
    names = {int(one): one.name for one in signal.Signals}
    likely = ", as the kernel does when memory is short" if number == kernel.KILL else ""
    return f"The process that grades was killed by {names.get(number, f'signal {number}')}{likely}."


def print_all(output: bytes, fd: int = 1) -> None:
    """Write all of it, also where the reader is slow; if there is none, nothing."""
    left = memoryview(output)
    with contextlib.suppress(OSError):
        while left:
            try:
                left = left[os.write(fd, left) :]
            except BlockingIOError:
                select.select([], [fd], [])
