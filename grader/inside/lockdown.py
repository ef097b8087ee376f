"""What a job gives up before it meets the hand-in. The order matters: see `enter`."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import kernel, landlock, seccomp

if sys.platform != "win32":
    import resource

PR_SET_NO_NEW_PRIVS = 38
PR_CAPBSET_READ, CAP_KILL = 23, 5
ROOT_FOLDER = "empty root folder"
USER_ID = "own user id"
UNDUMPABLE = "undumpable"
LIMITS = "resource limits"
NO_NEW_PRIVILEGES = "no new privileges"
NO_FILES = "no files (Landlock)"
SYSTEM_CALLS = "few system calls (seccomp)"
LAYERS = (ROOT_FOLDER, USER_ID, UNDUMPABLE, LIMITS, NO_NEW_PRIVILEGES, NO_FILES, SYSTEM_CALLS)
CHANNEL_FD = 3  # standard input, output and error come first; nothing else stays open,
REQUESTS_FD = 4  # but where the channel is a pipe, the other pipe
NOT_HERE = f"not on { {'darwin': 'macOS', 'win32': 'Windows'}.get(sys.platform, sys.platform) }"


@dataclass(frozen=True)
class Bars:
    """What a job may use and who it becomes.

    Attributes:
        uid: user and group id to become; None to stay who we are.
        cpu_s: processor seconds.
        memory_bytes: address space.
        system_calls: the seccomp filter's program; empty for none.
        descriptors: how many stay open.
    """

    uid: int | None
    cpu_s: int
    memory_bytes: int
    system_calls: bytes
    descriptors: int = CHANNEL_FD + 1


@dataclass
class Layers:
    """Which layers are on, and which are off, with why."""

    on: list[str]
    off: list[str]


def peak_bytes() -> int:
    """Return the most memory that this process has had at once; 0 where that is not known."""
    if sys.platform != "win32":
        return of_usage(resource.getrusage(resource.RUSAGE_SELF))
    return 0


def _put_on(layers: Layers, name: str, switch: Callable[[], object]) -> None:
    """Put on one layer, and note whether the kernel let us."""
    try:
        switch()
    except (OSError, ValueError) as error:
        layers.off.append(f"{name}: {error}")
    else:
        layers.on.append(name)


def enter(bars: Bars) -> Layers:
    """Give up everything that a hand-in does not need; nothing of it can be taken back.

    The root folder and the user id go first, since they need privileges; limits on processes count only for
    an ordinary user; Landlock and seccomp require no_new_privs; seccomp goes last, for it forbids all of
    the others; and all of it comes before the hand-in is compiled. That it ends with the zygote is asked for
    after the change of user, which would take it back.
    """
    layers = Layers(on=[], off=[])

    def layer(name: str, switch: Callable[[], object]) -> None:
        _put_on(layers, name, switch)

    if sys.platform == "linux":
        if bars.uid is None:
            layers.off += [f"{name}: cellgrade was not started as root" for name in (ROOT_FOLDER, USER_ID)]
        else:
            # The process stands in an empty folder: that becomes all of the file system.
            layer(ROOT_FOLDER, lambda: os.chroot("."))
            layer(USER_ID, lambda: _become(bars.uid))
        os.chdir("/")
        kernel.end_with_parent()
        layer(UNDUMPABLE, kernel.set_undumpable)
        layer(LIMITS, lambda: _limit(bars))
        layer(NO_NEW_PRIVILEGES, lambda: kernel.prctl(PR_SET_NO_NEW_PRIVS, 1))
        layer(NO_FILES, landlock.deny_everything)
        os.closerange(bars.descriptors, 1 << 16)
        if bars.system_calls:
            layer(SYSTEM_CALLS, lambda: seccomp.confine(bars.system_calls, os.uname().machine))
        else:
            layers.off.append(f"{SYSTEM_CALLS}: there is no filter for this machine")
    else:
        os.closerange(bars.descriptors, 1 << 16)
        for name in LAYERS:
            if name == LIMITS and sys.platform != "win32":
                layer(LIMITS, lambda: _limit(bars))
            else:
                layers.off.append(f"{name}: {NOT_HERE}")
    return layers


if sys.platform == "linux":

    def _become(uid: int | None) -> None:
        assert uid is not None
        if ctypes.CDLL(None).prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0) == 0:
            # Who started us could not end it any more, and would wait for a loop without end.
            raise OSError("the capability KILL is missing")
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


if sys.platform != "win32":

    def of_usage(usage: resource.struct_rusage) -> int:
        """Return the most memory in bytes that a process has had at once, which macOS gives in
        other units.
        """
        return usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss << 10

    def _limit(bars: Bars) -> None:
        """Set every limit, or what is allowed of it where a lower one was inherited.

        Raises:
            OSError: some could not be set; all the others are.
        """
        refused = []
        cpu_s = bars.cpu_s + int(time.process_time())  # a fresh process has used some to start
        for name, soft, hard in (
            # Past the soft limit the kernel sends SIGXCPU, which can be caught; past the hard one, SIGKILL.
            ("CPU", cpu_s, cpu_s + 1),
            ("AS", bars.memory_bytes, bars.memory_bytes),
            ("FSIZE", 0, 0),
            ("CORE", 0, 0),
            ("NPROC", 0, 0),
            ("NOFILE", 16, 16),
        ):
            what = getattr(resource, f"RLIMIT_{name}")
            inherited = resource.getrlimit(what)[1]
            if inherited != resource.RLIM_INFINITY:
                soft, hard = min(soft, inherited), min(hard, inherited)
            try:
                resource.setrlimit(what, (soft, hard))
            except (OSError, ValueError) as error:
                refused.append(f"{name} ({error})")
        if refused:
            raise OSError(f"refused: {', '.join(refused)}")
