"""What this process asks of the kernel for itself, whoever it is: on Linux, and elsewhere nothing.

Imports little, since who watches a grading needs it before anything else.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
KILL = 9  # signal.SIGKILL, which Windows has not


def set_undumpable() -> None:
    """Keep other processes of the same user from reading this one's memory or tracing it, on Linux.

    Raises:
        OSError: the kernel refused.
    """
    if sys.platform == "linux":
        prctl(PR_SET_DUMPABLE, 0)


def end_with_parent(by: int = KILL) -> None:
    """Have the kernel send this process a signal when the thread that started it is gone, on Linux.

    What a process that was killed cannot do any more is to end those below it. A change of user id undoes it.

    Raises:
        OSError: the kernel refused.
    """
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, by)


def be_taken_first() -> None:
    """Have the kernel, when it is short of memory, end this process or one below it first, on Linux.

    It would take the largest else, which may be the grader.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")


def prctl(option: int, value: int) -> None:
    """Make the system call of this name.

    Raises:
        OSError: the kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
