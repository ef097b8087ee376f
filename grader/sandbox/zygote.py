"""A zygote, as the grader sees it: a student's interpreter, started once, that forks jobs. Linux alone."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys

from grader.declaration import Environment
from grader.errors import SandboxError
from grader.inside import zygote as protocol
from grader.sandbox import launcher, student
from grader.sandbox.launcher import START_S, Launcher
from grader.sandbox.line import Ending
from grader.sandbox.process import Job

assert sys.platform == "linux"

from grader.sandbox.socket_line import SocketLine  # noqa: E402 - not there elsewhere

KEPT_BYTES = 2_000  # of what a zygote wrote where it failed: the end


class Zygote(Launcher):
    """A student interpreter with NumPy in memory; use it as a context manager."""

    def __init__(self, kind: Environment = Environment.NUMPY) -> None:
        super().__init__(kind)
        command = student.zygote(str(self.python), kind.packages, str(self.code))
        with contextlib.ExitStack() as undo:
            self._process = student.taken_ahead(command) or launcher.tried(
                lambda: student.Started(command), command[0]
            )
            undo.callback(self._process.end)
            self.control = self._process.control
            self._stand_in(launcher.temporary(undo))
            self._undo = undo.pop_all()

    def close(self) -> None:
        """End the process; its jobs end by themselves."""
        self._undo.close()

    def _stand_in(self, folder: str) -> None:
        """Tell it the folder to stand in, which becomes all of the file system for a job of root's.

        Raises:
            SandboxError: no descriptor is left to do so.
        """
        try:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise SandboxError(f"the student process did not start: {error}") from None
        try:
            with contextlib.suppress(OSError):  # it is gone, and says why when a job is to begin
                socket.send_fds(self.control, [protocol.BEGIN], [fd])
        finally:
            os.close(fd)

    def _begin(self, undo: contextlib.ExitStack) -> Job:
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
            self.control.settimeout(START_S)
            socket.send_fds(self.control, [protocol.BEGIN], fds)
            started, pidfds, _, _ = socket.recv_fds(self.control, protocol.STARTED.size, 1)
            if not pidfds:
                raise _no_job(started)
            undo.callback(os.close, pidfds[0])
            return Job(SocketLine(self.ending, ours, streams, pidfds[0]))

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
        """Return the last line that it wrote, which names the exception; the rest would be a traceback of
        ours.
        """
        end = os.fstat(self._process.errors).st_size
        said = os.pread(self._process.errors, KEPT_BYTES, max(0, end - KEPT_BYTES))
        return said.decode(errors="backslashreplace").strip().rpartition("\n")[2]


def _no_job(started: bytes) -> OSError:
    """Why a zygote has handed over no job."""
    if len(started) == protocol.STARTED.size and (number := protocol.STARTED.unpack(started)[0]) < 0:
        return launcher.no_process(OSError(-number, os.strerror(-number)))
    return OSError("its zygote is gone, or no file descriptor is left")
