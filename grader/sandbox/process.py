"""A zygote and its jobs, as the grader sees them: start, ask, kill, learn how it ended.

Whatever a job sends is held to the bounds of `wire` before anything is made of it. A deadline belongs to
every wait: a job can delay the grader, never stop it.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import selectors
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn, Self

from grader import inside
from grader.declaration import Environment
from grader.errors import SandboxError
from grader.inside import lockdown, wire, zygote
from grader.sandbox import environment
from grader.words import Array, Printed

BOOT = "import sys; sys.path.append(sys.argv[1]); from inside import zygote; zygote.main()"
START_S = 30.0  # for a zygote to be ready and a job to be locked down, on a very busy machine
KEPT_BYTES = 8_192  # of what a job prints on each stream
CHUNK = 1 << 16


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes:
        status: as `os.wait4` reports it.
        cpu_s: processor seconds that it used.
    """

    status: int
    cpu_s: float


class JobEndedError(Exception):
    """The job is dead, by itself or killed by us; `reason` says why we killed it, if we did."""

    def __init__(self, ending: Ending, reason: str | None = None) -> None:
        super().__init__(f"{reason or 'ended'}: {ending}")
        self.ending = ending
        self.reason = reason


TOO_SLOW = "too slow"
TOO_LOUD = "too loud"
GARBLED = "garbled"
HUNG_UP = "hung up"  # it closed its channel and lives on


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
            socket.send_fds(self.control, [zygote.LENGTH.pack(len(frame))], fds)
            self.control.sendall(frame)
            _, pidfds, _, _ = socket.recv_fds(self.control, zygote.STARTED.size, 1)
            if not pidfds:
                raise OSError("its zygote is gone, or no file descriptor is left")
            undo.callback(os.close, pidfds[0])
            return Job(self, ours, streams, pidfds[0])

    def ending(self) -> Ending:
        """How the job ended, which must be dead or dying.

        Raises:
            SandboxError: the zygote does not say.
        """
        try:
            self.control.settimeout(START_S)
            message = self.control.recv(zygote.ENDED.size, socket.MSG_WAITALL)
            return Ending(*zygote.ENDED.unpack(message))
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


class Job:
    """One student process. Not to be used after it raised JobEndedError."""

    def __init__(
        self, zygote_: Zygote, channel: socket.socket, streams: Mapping[str, int], pidfd: int
    ) -> None:
        self.layers: dict[str, Any] = {}
        self._alive = True
        self.output_limit_bytes = 1 << 20
        self._zygote = zygote_
        self._channel = channel
        self._pidfd = pidfd
        self._streams = dict(streams)
        self._kept = {name: bytearray() for name in streams}
        self._printed_bytes = dict.fromkeys(streams, 0)
        channel.setblocking(False)
        # Of all selectors the one that needs no descriptor of its own: a job must end when none is left, too.
        self._selector = selectors.PollSelector()
        self._selector.register(channel, selectors.EVENT_READ)
        for name, fd in streams.items():
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ, name)

    def ask(
        self, about: Mapping[str, Any], arrays: Mapping[str, Array], deadline_s: float
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """Send one request and return its answer, within `deadline_s` wall-clock seconds.

        Raises:
            JobEndedError: there is no answer; the job is dead.
        """
        frame = memoryview(wire.encode(about, arrays))
        until = time.monotonic() + deadline_s
        self._selector.modify(self._channel, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while frame:
            for key, events in self._ready(until):
                if key.fileobj is not self._channel:
                    self._drain(key.data)
                elif events & selectors.EVENT_WRITE:
                    try:
                        frame = frame[self._channel.send(frame) :]
                    except (BrokenPipeError, ConnectionResetError):
                        self._end()
                else:
                    self._end(GARBLED if self._received(1, socket.MSG_PEEK) else None)  # it was not asked yet
        self._selector.modify(self._channel, selectors.EVENT_READ)
        return self.receive(until - time.monotonic())

    def receive(self, deadline_s: float) -> tuple[dict[str, Any], dict[str, Array]]:
        """The next frame, within `deadline_s` wall-clock seconds.

        Raises:
            JobEndedError: there is none; the job is dead.
        """
        until = time.monotonic() + deadline_s
        buffer = bytearray()
        while True:
            for key, _ in self._ready(until):
                if key.fileobj is not self._channel:
                    self._drain(key.data)
                    continue
                chunk = self._received(CHUNK)
                if not chunk:
                    self._end()
                buffer += chunk
                try:
                    length = wire.frame_length(buffer, wire.FROM_STUDENT)
                    if length is not None and len(buffer) >= length:
                        return wire.decode(bytes(buffer))
                except wire.FrameError:
                    self._end(GARBLED)

    def _received(self, most_bytes: int, flags: int = 0) -> bytes:
        """What has come over the channel; nothing if the job closed it, with unread bytes or without."""
        try:
            return self._channel.recv(most_bytes, flags)
        except ConnectionResetError:
            return b""
        except BlockingIOError:  # out-of-band data: something came, and it is no byte of a frame
            self._end(GARBLED)

    def close(self) -> dict[str, Printed]:
        """End the job if it lives, and return what it printed."""
        if self._alive:
            with contextlib.suppress(JobEndedError):
                self._end()
        return {
            name: _printed(bytes(kept), min(self._printed_bytes[name], self.output_limit_bytes) - len(kept))
            for name, kept in self._kept.items()
        }

    def _ready(self, until: float) -> list[tuple[selectors.SelectorKey, int]]:
        left_s = until - time.monotonic()
        events = self._selector.select(left_s) if left_s > 0 else []
        if not events:
            self._end(TOO_SLOW)
        return events

    def _drain(self, name: str) -> bool:
        """Take what a stream holds; False when there is nothing now."""
        try:
            chunk = os.read(self._streams[name], CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            self._selector.unregister(self._streams[name])
            return False
        self._kept[name] += chunk[: KEPT_BYTES - len(self._kept[name])]
        self._printed_bytes[name] += len(chunk)
        if self._printed_bytes[name] > self.output_limit_bytes:
            self._end(TOO_LOUD)
        return True

    def _end(self, reason: str | None = None) -> NoReturn:
        """Kill the job if it still lives, take its last output, and raise JobEndedError."""
        if not self._alive:
            raise SandboxError("a job was used after its end")
        self._alive = False
        self._channel.close()
        try:
            if reason is None and not _dies_within(self._pidfd, 1.0):
                # Its channel is closed, so it cannot answer any more: it is over, whatever it still does.
                reason = HUNG_UP
            if reason is not None:
                with contextlib.suppress(ProcessLookupError):  # it died by itself at this moment
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            ending = self._zygote.ending()
        finally:
            self._selector.close()
            self._last_output()
            os.close(self._pidfd)
        raise JobEndedError(ending, reason)

    def _last_output(self) -> None:
        for name, fd in self._streams.items():
            with contextlib.suppress(BlockingIOError):
                while chunk := os.read(fd, CHUNK):
                    self._kept[name] += chunk[: max(0, KEPT_BYTES - len(self._kept[name]))]
                    self._printed_bytes[name] += len(chunk)
            os.close(fd)


def _printed(kept: bytes, dropped_bytes: int) -> Printed:
    """The beginning of a stream as text; a character that the cut went through is left out."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    text = decoder.decode(kept, final=not dropped_bytes)
    return Printed(text, dropped_bytes + len(decoder.getstate()[0]))


def _dies_within(pidfd: int, seconds: float) -> bool:
    with selectors.PollSelector() as selector:
        selector.register(pidfd, selectors.EVENT_READ)
        return bool(selector.select(seconds))
