"""The system calls that a job may still make, as the program that the kernel checks each of them with.

Built here, in the grader, by libseccomp, for the machine's own architecture alone: a call by another (x32,
int 0x80) kills the job. A job only loads the bytes. What is not listed is answered with EACCES, as if the
student had no right to it: so a late import is a ModuleNotFoundError, and opening a file a PermissionError.

There is no open and nothing like it, no process, no thread, no signal to anybody, no socket, and nothing that
tells of the machine or of other processes: what a job has when the filter is loaded, its memory and its open
descriptors, is all that it will ever have.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import errno
import os
import sys
from collections.abc import Iterator
from functools import cache

from grader.errors import SandboxError
from grader.inside import lockdown

# Grouped by what they are for.
ALLOWED = """
    read readv write writev lseek fstat close poll ppoll select pselect6
    mremap munmap madvise brk membarrier
    futex rseq set_robust_list sched_yield
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack setitimer getitimer alarm restart_syscall
    nanosleep gettimeofday time getrandom getcwd umask
    getpid gettid getuid geteuid getgid getegid getresuid getresgid getgroups
    exit exit_group
""".split()

PROT_EXEC = 4
CLOCKS = 15  # the highest of the fixed clocks; others are those of other processes, and of devices
FCNTL = (1, 2, 3)  # F_GETFD, F_SETFD, F_GETFL: never F_SETOWN or F_SETSIG, which send signals
TCGETS = 0x5401  # isatty


class NoFilterError(SandboxError):
    """There can be no filter on this system."""


@cache
def program(architecture: int | None = None) -> bytes:
    """Return the filter, ready to be loaded: an array of struct sock_filter.

    Args:
        architecture: as libseccomp numbers them (an AUDIT_ARCH); None for this machine's own.

    Raises:
        NoFilterError: this is not Linux, libseccomp is not installed, or it knows this machine not.
        SandboxError: the filter could not be built.
    """
    if sys.platform != "linux":
        raise NoFilterError(f"{lockdown.SYSTEM_CALLS}: {lockdown.NOT_HERE}")
    try:
        with _found_by_name():
            import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise NoFilterError(f"libseccomp is missing (Debian's libseccomp2): {error}") from None
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EACCES))
    if architecture not in (None, seccomp.system_arch()):
        rules.add_arch(architecture)
        rules.remove_arch(seccomp.Arch.NATIVE)
    for name in ALLOWED:
        # Newer architectures lack the old names (time, select, alarm): there they need no rule.
        if seccomp.resolve_syscall(architecture or seccomp.Arch.NATIVE, name) >= 0:
            rules.add_rule(seccomp.ALLOW, name)
    for name in ("mmap", "mprotect"):
        rules.add_rule(seccomp.ALLOW, name, seccomp.Arg(2, seccomp.MASKED_EQ, PROT_EXEC, 0))
    # Not newfstatat: older glibcs make fstat of it, by a flag and an empty path; but with that flag the
    # kernel takes any other path too, and would tell of every file where the root folder is not empty.
    for command in FCNTL:
        rules.add_rule(seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for name in ("clock_gettime", "clock_getres", "clock_nanosleep"):
        rules.add_rule(seccomp.ALLOW, name, seccomp.Arg(0, seccomp.LE, CLOCKS))
    rules.add_rule(seccomp.ALLOW, "getrusage", seccomp.Arg(0, seccomp.EQ, 0))  # of oneself
    rules.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, TCGETS))
    # getrlimit: of oneself, and setting nothing.
    rules.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0), seccomp.Arg(2, seccomp.EQ, 0))
    try:
        with open(os.memfd_create("filter"), "w+b") as file:  # no disk, which may be full and cut it short
            rules.export_bpf(file)
            file.seek(0)
            return file.read()
    except OSError as error:
        raise SandboxError(f"the filter of system calls could not be built: {error}") from None


@contextlib.contextmanager
def _found_by_name() -> Iterator[None]:
    """Let a module that loads libraries load them by the names that the linker knows.

    Python's own way to find them starts ldconfig or a compiler: where processes are short, the library that
    is there would seem to be missing.
    """
    names = {"c": None, "seccomp": "libseccomp.so.2"}
    found = ctypes.util.find_library
    ctypes.util.find_library = names.__getitem__  # type: ignore[assignment]
    try:
        yield
    finally:
        ctypes.util.find_library = found
