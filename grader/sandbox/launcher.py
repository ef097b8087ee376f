"""What starts jobs, and what all ways to start one share."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from grader.deadline import Deadline
from grader.declaration import Environment
from grader.errors import DeclarationError, SandboxError
from grader.inside import kernel
from grader.sandbox import environment, student
from grader.sandbox.process import OUTPUT_BYTES, Job, JobEndedError

if TYPE_CHECKING:
    import subprocess

RETRIED_S = 10.0  # while no process can be started, which may pass
START_S = 30.0  # for an interpreter to be ready and a job to be locked down, on a very busy machine
S = TypeVar("S")


class Launcher(ABC):
    """Starts jobs in one environment; use it as a context manager.

    Attributes:
        code: the folder with the package `inside`, which the jobs run.
    """

    code: ClassVar[Path] = Path(student.CODE)

    def __init__(self, kind: Environment = Environment.NUMPY) -> None:
        kernel.set_undumpable()  # what this process knows, no other of the same user may read
        self.kind = kind
        self.python = environment.student_python(kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """End what was started, and remove what was made."""

    def start(self, ours: Mapping[str, Any], output_limit_bytes: int = OUTPUT_BYTES) -> Job:
        """Begin a job, and wait until it is locked down and ready for a hand-in.

        Args:
            ours: the first frame to it, as `grader.inside.job.start` says: nothing of a hand-in.
            output_limit_bytes: what it may print before it is stopped.

        Raises:
            SandboxError: it could not be started, or could not be locked down.
            DeclarationError: the assignment's adapter does not run.
        """
        with contextlib.ExitStack() as undo:
            try:
                job = self._begin(undo)
            except (OSError, ValueError, RuntimeError) as error:  # no descriptor, no thread
                raise SandboxError(
                    f"the student process did not start: {error}. {self._last_words()}"
                ) from None
            undo.pop_all()  # from here on the job closes them
        try:
            job.begin(ours, Deadline.within(START_S), output_limit_bytes)
        except JobEndedError as error:
            said = job.close()["stderr"].text.strip() or self._last_words()
            if fault := _adapters_fault(said):
                raise DeclarationError(fault) from None
            raise SandboxError(f"the student process could not be locked down: {error}\n{said}") from None
        return job

    @abstractmethod
    def _begin(self, undo: contextlib.ExitStack) -> Job:
        """Return a job that has only been started; `undo` closes what it has of ours."""

    def _command(self, part: str, inherited: str) -> list[str]:
        """Return what runs a part of `inside` in the environment, and tells it what it inherits."""
        return student.command(str(self.python), self.kind.packages, part, inherited, str(self.code))

    def _last_words(self) -> str:
        """Return what went wrong where the jobs come from, if anybody knows."""
        return ""


def _adapters_fault(said: str) -> str | None:
    """Return what is wrong with adapter.py, by what a job said before any student's code ran; None if
    nothing.
    """
    last = said.rpartition("\n")[2]
    if places := re.findall(r'^  File "adapter\.py", line (\d+)', said, re.MULTILINE):
        return f"adapter.py, line {places[-1]}: {last}"
    return last.removeprefix("LookupError: ") if last.startswith("LookupError: adapter.py ") else None


def temporary(undo: contextlib.ExitStack) -> str:
    """Return an empty folder, nobody's, for a student process to stand in.

    Raises:
        SandboxError: there is none to be had.
    """
    try:
        folder = undo.enter_context(
            tempfile.TemporaryDirectory(prefix="cellgrade-", ignore_cleanup_errors=sys.platform != "linux")
        )
        if sys.platform != "win32":
            os.chmod(folder, 0o555)  # noqa: S103 - a job of another user must be able to stand in it
        return folder
    except OSError as error:
        raise SandboxError(
            f"there is no folder for temporary files: {error}. In a container that is --read-only, "
            "add --tmpfs /tmp"
        ) from None


def started(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Return a student's Python, without shell and without any variable of ours.

    Raises:
        SandboxError: it does not start.
    """
    import subprocess  # a zygote is started without

    return tried(lambda: subprocess.Popen(command, env=student.VARIABLES, **options), command[0])  # noqa: S603 - no shell


def tried(start: Callable[[], S], python: str) -> S:
    """Start a student's Python; where the system has no process to spare, it is tried again for a while.

    Args:
        start: starts it, and raises OSError if it does not start.
        python: its path, for the message.

    Raises:
        SandboxError: it does not start.
    """
    deadline = Deadline.within(RETRIED_S)
    wait_s = 0.02
    while True:
        try:
            return start()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ENOMEM) or wait_s > deadline.left_s:
                raise SandboxError(
                    f"the student's Python, {python}, does not start: {no_process(error)}"
                ) from None
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, 1.0)


def no_process(error: OSError) -> OSError:
    """Return the error; where it is a limit on processes that was met, with what to do about it."""
    if error.errno != errno.EAGAIN:
        return error
    return OSError(
        error.errno,
        f"no further process may be started here, and none became free within {RETRIED_S:g} s: the limit on "
        "processes (ulimit -u, which counts all of one user id on the whole machine; in a container "
        "--pids-limit and --ulimit nproc) is too low, or too much runs at once",
    )
