"""The student's interpreter: which one it is, with which variables it runs, and how one is started on Linux.

Imports nothing large: a command that grades starts one before it imports anything else, so that both import
NumPy side by side.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys

from grader import threads
from grader.inside import kernel

VARIABLES = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    # The order of a set of strings would differ from run to run otherwise, and with it what is printed.
    "PYTHONHASHSEED": "0",
    # More threads would only wait for one another, and count against the limit on processes.
    **dict.fromkeys(threads.VARIABLES, "1"),
}

if sys.platform == "win32":  # by these Windows finds its own libraries
    VARIABLES |= {name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR") if name in os.environ}

NUMPY = "numpy"  # the environment that most homeworks are for, and its only package
CODE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # where the package `inside` is
BOOT = "import sys; sys.path.append(sys.argv[1]); from inside import {part}; {part}.main()"
CONTROL_FD = 3  # in a zygote


def variable(environment: str) -> str:
    """Return the name of the variable that names the interpreter of an environment."""
    return f"CELLGRADE_STUDENT{'' if environment == NUMPY else f'_{environment.upper()}'}_PYTHON"


def interpreter(environment: str) -> str:
    """Return the path of an environment's interpreter, which need not be there."""
    kind = "" if environment == NUMPY else f"-{environment}"
    where = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    return os.environ.get(variable(environment)) or os.path.join(f"{sys.prefix}-student{kind}", *where)


def command(python: str, packages: tuple[str, ...], part: str, inherited: str, code: str = CODE) -> list[str]:
    """Return what runs a part of `inside` in an environment, and tells it what it inherits."""
    return [python, "-s", "-P", "-c", BOOT.format(part=part), code, *packages, inherited]


def zygote(python: str, packages: tuple[str, ...], code: str = CODE) -> list[str]:
    """Return what runs a zygote in an environment."""
    return command(python, packages, "zygote", str(CONTROL_FD), code)


if sys.platform == "linux":

    class Started:
        """A zygote on its way, to which nothing was said yet.

        Args:
            command: what runs it.

        Raises:
            OSError: there is no such interpreter, or no process, descriptor or memory for it.

        Attributes:
            command: what runs it.
            pid: its process id.
            control: our end of the socket that it listens to.
            errors: descriptor of a file in memory, into which it writes where it fails.
        """

        def __init__(self, command: list[str]) -> None:
            self.command = command
            with contextlib.ExitStack() as undo, contextlib.ExitStack() as handed_over:
                while (nothing := os.open(os.devnull, os.O_RDONLY)) <= 2:  # else a pipe of ours were there
                    handed_over.callback(os.close, nothing)
                handed_over.callback(os.close, nothing)
                self.control, theirs = socket.socketpair()
                undo.callback(self.control.close)
                handed_over.callback(theirs.close)
                self.errors = os.memfd_create("errors")
                undo.callback(os.close, self.errors)
                self.pid = os.posix_spawn(
                    command[0],
                    command,
                    VARIABLES,
                    file_actions=[  # the last is the first that may be overwritten: it comes from above 2
                        (os.POSIX_SPAWN_DUP2, self.errors, 2),
                        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                        (os.POSIX_SPAWN_DUP2, theirs.fileno(), CONTROL_FD),
                    ],
                )
                undo.pop_all()

        def end(self) -> None:
            """Kill it, wait for its end, and close what is ours; its jobs end by themselves."""
            self.control.close()
            os.close(self.errors)
            os.kill(self.pid, kernel.KILL)
            os.waitpid(self.pid, 0)

    _ahead: Started | None = None

    def start_ahead() -> None:
        """Start a zygote for NumPy now; if that fails, it is said when one is needed."""
        global _ahead
        with contextlib.suppress(OSError):
            _ahead = Started(zygote(interpreter(NUMPY), (NUMPY,)))

    def taken_ahead(command: list[str]) -> Started | None:
        """Return the zygote that was started ahead, to one alone, if it is the one that is wanted."""
        global _ahead
        found = _ahead
        if found is None or found.command != command:
            return None
        _ahead = None
        return found

    def end_ahead() -> None:
        """End the zygote that was started ahead, if nobody took it."""
        global _ahead
        if _ahead is not None:
            _ahead.end()
            _ahead = None
