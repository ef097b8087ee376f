"""Loads a seccomp filter that was built elsewhere. Source: seccomp(2), linux/filter.h."""

from __future__ import annotations

import ctypes
import errno
import os

PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1
INSTRUCTION_BYTES = 8


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(program: bytes, machine: str) -> None:
    """Let the kernel check every further system call of this process with `program`. Requires no_new_privs.

    All its threads are meant, also those that a library may have started.

    Args:
        program: an array of struct sock_filter.
        machine: as `os.uname` names it. Where we do not know its number of the call, the older one serves,
            which confines the calling thread alone.

    Raises:
        OSError: the kernel has no seccomp, or refuses the program, or a thread cannot be confined.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    described = ctypes.byref(_Program(len(program) // INSTRUCTION_BYTES, program))
    if machine in SYS_SECCOMP:
        flag = SECCOMP_FILTER_FLAG_TSYNC
        result = libc.syscall(SYS_SECCOMP[machine], SECCOMP_SET_MODE_FILTER, flag, described)
    else:
        result = libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, described, 0, 0)
    if result > 0:  # the thread that could not be
        raise OSError(errno.ESRCH, f"thread {result} could not be confined")
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
