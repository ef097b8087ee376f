"""A platform's time limit: what is left of it to us, and how to end should something of ours hang."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

# Kept back of the limit, for writing the report, and for what the platform does itself.
RESERVE_S = 5.0
MOST_AGE_S = 900.0  # the longest limit there is


def left_s(limit_s: float) -> float:
    """Seconds that are left to us of a platform's time limit, which runs since it started us."""
    return max(0.0, round(limit_s - RESERVE_S - age_s(), 1))


def age_s() -> float:
    """Seconds since this process began, which are many on a busy machine; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0.0
    try:
        # starttime of proc_pid_stat(5), its 22nd field; the second may hold spaces, and ends in a bracket.
        began_ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - began_ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
    return age if 0 <= age < MOST_AGE_S else 0.0  # an engine's own /proc may count otherwise


@contextlib.contextmanager
def last_resort(within_s: float | None, last_words: Callable[[], None]) -> Iterator[None]:
    """End the process with these last words, and status 0, if what is done here does not end in time.

    The engine ends earlier by itself, with what it has: so this is for when something of ours hangs.

    Args:
        within_s: seconds that the engine has; None if there is no limit.
        last_words: writes what stands there at the end.
    """
    if within_s is None:
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
