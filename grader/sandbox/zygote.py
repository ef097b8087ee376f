"""A zygote, as the grader sees it: starts the student's interpreter, and has it fork jobs."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from grader import inside
from grader.declaration import Environment
from grader.errors import SandboxError
from grader.inside import lockdown, wire
from grader.inside import zygote as protocol
from grader.sandbox import environment
from grader.sandbox.process import Ending, Job, JobEndedError

BOOT = "import sys; sys.path.append(sys.argv[1]); from inside import zygote; zygote.main()"
START_S = 30.0  # for a zygote to be ready and a job to be locked down, on a very busy machine


class Zygote:
    """A student interpreter with NumPy in memory; use it as a context manager."""

    def __init__(self, kind: Environment = Environment.NUMPY) -> None:
        if not hasattr(os, "pidfd_open"):
            raise SandboxError(
                "student code is kept apart by means of Linux: run cellgrade in its Docker image"
            )
        lockdown.set_undumpable()  # what this process knows, no other of the same user may read
        python = environment.student_python(kind)
        with contextlib.ExitStack() as undo:
            self._folder, self._errors = _temporary(undo)
            try:
                self.control, theirs = socket.socketpair()
            except OSError as error:
                raise SandboxError(f"there is no connection to a student process: {error}") from None
            undo.callback(self.control.close)
            command = [str(python), "-s", "-P", "-c", BOOT]
            command += [str(Path(inside.__file__).parent.parent), *kind.packages, str(theirs.fileno())]
            with theirs:
                self._process = _started(command, theirs.fileno(), self._folder, self._errors)
            self._undo = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self.control.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._undo.close()

    def start(self, request: Mapping[str, Any]) -> Job:
        """Fork a job that is locked down and ready to be asked.

        Raises:
            SandboxError: it could not be started, or could not be locked down.
        """
        with contextlib.ExitStack() as undo:
            try:
                job = self._forked(request, undo)
            except (OSError, ValueError) as error:
                raise SandboxError(
                    f"the student process did not start: {error}. {self._last_words()}"
                ) from None
            undo.pop_all()  # from here on the job closes them
        try:
            job.layers, _ = job.receive(START_S)
        except JobEndedError as error:
            said = job.close()["stderr"].text.strip() or self._last_words()
            raise SandboxError(f"the student process could not be locked down: {error}\n{said}") from None
        return job

    def _forked(self, request: Mapping[str, Any], undo: contextlib.ExitStack) -> Job:
        """A job that has only been forked; `undo` closes what it has of ours."""
        with contextlib.ExitStack() as handed_over:
            ours, theirs = socket.socketpair()
            undo.callback(ours.close)
            handed_over.callback(theirs.close)
            fds, streams = [theirs.fileno()], {}
            for name in ("stdout", "stderr"):
                streams[name], write = os.pipe()
                undo.callback(os.close, streams[name])
                handed_over.callback(os.close, write)
                fds.append(write)
            frame = wire.encode(request)
            self.control.settimeout(START_S)
            socket.send_fds(self.control, [protocol.LENGTH.pack(len(frame))], fds)
            self.control.sendall(frame)
            _, pidfds, _, _ = socket.recv_fds(self.control, protocol.STARTED.size, 1)
            if not pidfds:
                raise OSError("its zygote is gone, or no file descriptor is left")
            undo.callback(os.close, pidfds[0])
            return Job(self.ending, ours, streams, pidfds[0])

    def ending(self) -> Ending:
        """How the job ended, which must be dead or dying.

        Raises:
            SandboxError: the zygote does not say.
        """
        try:
            self.control.settimeout(START_S)
            message = self.control.recv(protocol.ENDED.size, socket.MSG_WAITALL)
            return Ending(*protocol.ENDED.unpack(message))
        except (OSError, struct.error) as error:  # of a zygote that was killed there is nothing to unpack
            raise SandboxError(f"the zygote is gone: {error}. {self._last_words()}") from None

    def _last_words(self) -> str:
        """The last line that it wrote, which names the exception; the rest would be a traceback of ours."""
        self._errors.seek(0)
        return self._errors.read()[-2_000:].decode(errors="backslashreplace").strip().rpartition("\n")[2]


def _temporary(undo: contextlib.ExitStack) -> tuple[str, IO[bytes]]:
    """An empty folder, nobody's, for a zygote to stand in, and a file for what goes wrong in it."""
    try:
        folder = undo.enter_context(tempfile.TemporaryDirectory(prefix="cellgrade-"))
        os.chmod(folder, 0o555)  # noqa: S103 - a job of another user must be able to stand in it
        return folder, undo.enter_context(tempfile.TemporaryFile())
    except OSError as error:
        raise SandboxError(
            f"there is no folder for temporary files: {error}. In a container that is --read-only, "
            "add --tmpfs /tmp"
        ) from None


def _started(command: list[str], channel: int, folder: str, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command,
            pass_fds=[channel],
            env=environment.VARIABLES,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    except OSError as error:
        raise SandboxError(f"the student's Python, {command[0]}, does not start: {error}") from None
