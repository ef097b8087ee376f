"""Loads a seccomp filter that was built elsewhere. Source: seccomp(2), linux/filter.h."""

from __future__ import annotations

import ctypes
import os

PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
INSTRUCTION_BYTES = 8


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(program: bytes) -> None:
    """Let the kernel check every further system call of this process with `program`. Requires no_new_privs.

    Raises:
        OSError: the kernel has no seccomp, or refuses the program.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    described = _Program(len(program) // INSTRUCTION_BYTES, program)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(described), 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
