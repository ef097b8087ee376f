"""What a platform allows a command: its time limit, from wherever it is told, and how old the command is."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from collections.abc import Sequence

# Kept back of a platform's limit, for writing the report and for what the platform does itself.
RESERVE_S = 5.0
MOST_AGE_S = 900.0  # the longest limit there is
MOST_COURSE_BYTES = 1 << 20
TIME_LIMIT_VARIABLE = "AUTODRIVER_TIME_LIMIT_S"  # of autodriver/autodriver.h: the job's own limit

_born_s: float | None = None  # when the command began, by `time.monotonic`; the supervisor is the elder


def said(arguments: Sequence[str], option: str) -> str | None:
    """Return what the arguments say for an option, though they may be wrong otherwise; None if nothing."""
    found = None
    for at, argument in enumerate(arguments):
        if argument == option and at + 1 < len(arguments):
            found = arguments[at + 1]
        elif argument.startswith(f"{option}="):
            found = argument.partition("=")[2]
    return found


def remember_age() -> None:
    """Note when this command began, for itself and for whatever is forked from it."""
    global _born_s
    _born_s = time.monotonic() - age_s()


def age_s() -> float:
    """Seconds since this command began, which are many on a busy machine; 0 where the system does not say."""
    if _born_s is not None:
        return time.monotonic() - _born_s
    if sys.platform != "linux":
        return 0.0
    try:
        # starttime of proc_pid_stat(5), its 22nd field; the second may hold spaces, and ends in a bracket.
        with open("/proc/self/stat", encoding="utf-8") as file:
            began_ticks = int(file.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - began_ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
    return age if 0 <= age < MOST_AGE_S else 0.0  # an engine's own /proc may count otherwise


def told_limit_s() -> float | None:
    """Return the time limit that the job was told, in seconds; None if it was told none."""
    told = os.environ.get(TIME_LIMIT_VARIABLE, "")
    return float(told) if told.isascii() and told.isdigit() and int(told) > 0 else None


def platforms_limit_s(arguments: Sequence[str]) -> float | None:
    """When the platform stops a grading: the shorter of what the job was told and what its course says.

    What is wrong with that file is the worker's to say.
    """
    if arguments[:1] != ["grade"]:
        return None
    told = told_limit_s()
    limits_s = [told] if told is not None else []
    if (path := said(arguments, "--course")) is not None:
        import tomllib

        with contextlib.suppress(OSError, ValueError):
            if stat.S_ISREG(os.stat(path).st_mode):  # a pipe can be read once
                with open(path, "rb") as file:
                    content = file.read(MOST_COURSE_BYTES).decode("utf-8-sig")
                limit_s = tomllib.loads(content).get("time_limit_s")
                if isinstance(limit_s, int | float) and 0 < limit_s <= MOST_AGE_S:
                    limits_s.append(float(limit_s))
    return min(limits_s, default=None)
