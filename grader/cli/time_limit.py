"""A platform's time limit: what is left of it to us, and how to end should something of ours hang."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator

from grader import supervisor
from grader.supervisor import RESERVE_S
from grader.supervisor import age_s as age_s  # part of what this module says of time


def left_s(limit_s: float) -> float:
    """Count the seconds left to us of a platform's time limit, which runs since it started us."""
    return max(0.0, round(limit_s - RESERVE_S - age_s(), 1))


@contextlib.contextmanager
def last_resort(within_s: float | None, last_words: Callable[[], None]) -> Iterator[None]:
    """End the process with these last words, and status 0, if what is done here does not end in time.

    The engine ends earlier by itself, with what it has: so this is for when something of ours hangs. Whoever
    watches this process sees to it; a thread of our own does where nobody is, as on macOS and Windows.

    Args:
        within_s: seconds that the engine has; None if there is no limit.
        last_words: writes what stands there at the end.
    """
    if within_s is None or supervisor.is_there():
        if within_s is not None:
            supervisor.end_within(within_s)
        yield
        return
    ending = threading.Lock()

    def give_up() -> None:
        if ending.acquire(blocking=False):
            try:
                last_words()
            finally:
                os._exit(0)

    timer = threading.Timer(within_s + RESERVE_S / 2, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        ending.acquire()  # if it is ending already, nothing more is written: wait for the end
