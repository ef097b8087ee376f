"""Landlock: the kernel takes this process's right to reach files, TCP, abstract sockets and outer processes.

Landlock has no kept Python binding; these are its three system calls. A ruleset *handles* rights; whatever
it handles and no rule allows is denied. There are no rules here, so every handled right is gone, for ever and
for all descendants. Descriptors that are already open stay usable.

Source: https://docs.kernel.org/userspace-api/landlock.html and linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import os

# The same numbers on every architecture: they were added after the tables were unified.
SYS_CREATE_RULESET = 444
SYS_RESTRICT_SELF = 446
CREATE_RULESET_VERSION = 1

# How many rights over files each version of the interface knows (bits from 0 upwards).
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NET_RIGHTS_SINCE = 4  # bind and connect over TCP
NET_RIGHTS = 0b11
SCOPES_SINCE = 6  # abstract Unix sockets and signals
SCOPES = 0b11


class _RulesetAttr(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def deny_everything() -> int:
    """Give up every right that Landlock can take. Requires no_new_privs.

    Returns:
        The version of the kernel's interface.

    Raises:
        OSError: this kernel has no Landlock, or it is switched off.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = _checked(libc.syscall(SYS_CREATE_RULESET, None, 0, CREATE_RULESET_VERSION))
    attr = _RulesetAttr(
        handled_access_fs=(1 << FILE_RIGHTS[min(version, max(FILE_RIGHTS))]) - 1,
        handled_access_net=NET_RIGHTS if version >= NET_RIGHTS_SINCE else 0,
        scoped=SCOPES if version >= SCOPES_SINCE else 0,
    )
    # An older kernel refuses a structure that is longer than it knows and not zero behind that; it is zero.
    ruleset = _checked(libc.syscall(SYS_CREATE_RULESET, ctypes.byref(attr), ctypes.sizeof(attr), 0))
    try:
        _checked(libc.syscall(SYS_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return version


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
