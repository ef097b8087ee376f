"""A job, as the grader sees it: ask, kill, learn how it ended.

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
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from grader.errors import SandboxError
from grader.inside import wire
from grader.words import Array, Printed

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


class Job:
    """One student process. Not to be used after it raised JobEndedError.

    Args:
        ending: waits until it is dead and says how it ended.
        channel: the conversation with it.
        streams: "stdout" and "stderr" -> descriptor to read what it prints.
        pidfd: to kill it by.
    """

    def __init__(
        self, ending: Callable[[], Ending], channel: socket.socket, streams: Mapping[str, int], pidfd: int
    ) -> None:
        self.layers: dict[str, Any] = {}
        self._alive = True
        self.output_limit_bytes = 1 << 20
        self._ending = ending
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
            ending = self._ending()
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
