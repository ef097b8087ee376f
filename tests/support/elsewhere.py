"""Makes this Python as poor as another system's: `become("darwin")` or `become("win32")`, on Linux.

Takes away what Python does not have there, so that our code that needs it is found, and says that this is
that system, so that our code for it is what runs. What Windows has instead is made of what is here. What
cannot be shown this way is how the system itself behaves.

As the `sitecustomize.py` of a folder on PYTHONPATH, beside a file `system` that names the system, it does so
for a Python that we only start.
"""

from __future__ import annotations

import os
import select
import selectors
import shutil  # noqa: F401 - decides by what there is what it does, so it comes first
import signal
import socket
import subprocess
import sys
import tempfile  # noqa: F401 - likewise
import time
import types
from pathlib import Path
from typing import Any

LINUX_ALONE = {
    os: """
        pidfd_open memfd_create setresuid setresgid getresuid getresgid sched_getaffinity sched_setaffinity
        waitid splice eventfd copy_file_range O_PATH
    """,
    signal: "pidfd_send_signal sigwaitinfo sigtimedwait",
    socket: "SO_PEERCRED SO_PASSCRED",
}
NOT_ON_WINDOWS = {
    os: """
        fork forkpty wait wait3 wait4 getuid geteuid getgid getegid setuid setgid setgroups getgroups setsid
        getsid setpgid getpgid getpgrp killpg chroot chown fchmod fchown mkfifo mknod uname nice getpriority
        set_blocking O_NOFOLLOW O_NONBLOCK O_CLOEXEC O_DIRECTORY sysconf statvfs
    """,
    signal: "SIGKILL SIGXCPU SIGALRM SIGSTOP SIGHUP SIGUSR1 setitimer alarm pthread_kill pthread_sigmask",
    socket: "AF_UNIX socketpair send_fds recv_fds MSG_DONTWAIT",
    select: "poll epoll",
    selectors: "PollSelector EpollSelector",
    time: "tzset",
}
MODULES_NOT_ON_WINDOWS = "resource fcntl pwd grp termios tty pty posix".split()


def become(system: str) -> None:
    """Be `system` from here on."""
    kept = {name: getattr(os, name) for name in ("O_CLOEXEC", "set_inheritable")}
    gone = [LINUX_ALONE, NOT_ON_WINDOWS] if system == "win32" else [LINUX_ALONE]
    for names_of in gone:
        for module, names in names_of.items():
            for name in names.split():
                if hasattr(module, name):
                    delattr(module, name)
    if system == "win32":
        for name in MODULES_NOT_ON_WINDOWS:
            sys.modules[name] = None  # type: ignore[assignment]
        _as_on_windows(kept)
    sys.platform = system


def _as_on_windows(kept: dict[str, Any]) -> None:
    msvcrt = types.ModuleType("msvcrt")
    msvcrt.get_osfhandle = lambda fd: fd  # type: ignore[attr-defined]
    msvcrt.open_osfhandle = lambda handle, flags: handle  # type: ignore[attr-defined]
    sys.modules["msvcrt"] = msvcrt
    for name, value in {
        "O_BINARY": 0,
        "O_NOINHERIT": kept["O_CLOEXEC"],
        "set_handle_inheritable": kept["set_inheritable"],
        "lstat": _windows_lstat(os.lstat),
    }.items():
        setattr(os, name, value)
    for name, value in {
        "STARTUPINFO": types.SimpleNamespace,
        "CREATE_NO_WINDOW": 0x08000000,
        "Popen": _windows_popen(subprocess.Popen, os.kill),
    }.items():
        setattr(subprocess, name, value)


def _windows_lstat(lstat: Any) -> Any:
    class Seen:
        """What was seen of a file, with what Windows tells beside it."""

        st_reparse_tag = 0

        def __init__(self, seen: os.stat_result) -> None:
            self.seen = seen

        def __getattr__(self, name: str) -> Any:
            return getattr(self.seen, name)

    return lambda *args, **options: Seen(lstat(*args, **options))


def _windows_popen(popen: Any, kill: Any) -> Any:
    class Popen(popen):  # type: ignore[misc]
        """Takes handles as Windows does, kills without signals, and ends with statuses alone."""

        def __init__(
            self, command: list[str], *, startupinfo: Any, creationflags: int, **options: Any
        ) -> None:
            assert not {"pass_fds", "start_new_session", "preexec_fn"} & set(options)
            super().__init__(command, pass_fds=startupinfo.lpAttributeList["handle_list"], **options)

        def kill(self) -> None:
            if self.poll() is None:
                kill(self.pid, 9)

        def poll(self) -> int | None:
            code = super().poll()
            return code if code is None or code >= 0 else 1 if code == -9 else 0xC0000005

    return Popen


if __name__ == "sitecustomize":
    become(Path(__file__).with_name("system").read_text())
