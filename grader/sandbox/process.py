"""A job, as the grader sees it: ask, kill, learn how it ended.

Whatever a job sends is held to the bounds of `wire` before anything is made of it. A deadline belongs to
every wait: a job can delay the grader, never stop it.
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from grader.deadline import Deadline
from grader.errors import SandboxError
from grader.inside import wire
from grader.records import Array, Printed
from grader.sandbox.line import CHANNEL, Ending, FrameLine

KEPT_BYTES = 8_192  # of what a job prints on each stream
OUTPUT_BYTES = 1 << 20  # that a job may print before it is locked down
STREAMS = ("stdout", "stderr")


Announced = Callable[[object], None]


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
        line: the way to it, which is closed with it.
    """

    def __init__(self, line: FrameLine) -> None:
        self.layers: dict[str, Any] = {}  # which are on and off, and the memory that it had by then
        self._output_limit_bytes = OUTPUT_BYTES
        self._line = line
        self._alive = True
        self._kept = {name: bytearray() for name in STREAMS}
        self._printed_bytes = dict.fromkeys(STREAMS, 0)

    def begin(self, ours: Mapping[str, Any], deadline: Deadline, output_limit_bytes: int) -> None:
        """Have it locked down, and keep which layers it has put on.

        Args:
            ours: the first frame to it: nothing of a hand-in.
            deadline: when it must be ready.
            output_limit_bytes: what it may print from then on.

        Raises:
            JobEndedError: it was not to be locked down.
        """
        self.layers, _ = self.ask(ours, {}, deadline)
        self._output_limit_bytes = output_limit_bytes

    def ask(
        self,
        about: Mapping[str, Any],
        arrays: Mapping[str, Array],
        deadline: Deadline,
        announced: Announced | None = None,
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """Send one request and return its answer, which must be there by the deadline.

        What the job says on the way to it, before a statement that may end it, goes to `announced`.

        Raises:
            JobEndedError: there is no answer; the job is dead.
        """
        frame = wire.encode(about, arrays)
        self._line.send(frame)
        self._finish_sending(deadline)
        return self.receive(deadline, announced)

    def receive(
        self, deadline: Deadline, announced: Announced | None = None
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the next frame, which must be there by the deadline.

        Raises:
            JobEndedError: there is none; the job is dead.
        """
        self._finish_sending(deadline)
        buffer = bytearray()
        try:
            while True:
                for chunk in self._said(deadline):
                    buffer += chunk
                    if announced is not None:
                        wire.take_announcements(buffer, announced)
                    length = wire.frame_length(buffer, wire.FROM_STUDENT)
                    if length is not None and len(buffer) >= length:
                        return wire.decode(bytes(buffer))
        except wire.FrameError:
            self._end(GARBLED)
        except JobEndedError as error:
            if announced is not None and buffer and error.reason == TOO_SLOW:
                # What is under way is told in whole frames: somebody else has begun one.
                raise JobEndedError(error.ending, GARBLED) from None
            raise

    def close(self) -> dict[str, Printed]:
        """End the job if it lives, and return what it printed."""
        if self._alive:
            with contextlib.suppress(JobEndedError):
                self._end()
        return {
            name: _printed(bytes(kept), min(self._printed_bytes[name], self._output_limit_bytes) - len(kept))
            for name, kept in self._kept.items()
        }

    def _finish_sending(self, deadline: Deadline) -> None:
        while self._line.is_sending:
            if self._said(deadline):
                self._end(GARBLED)  # it was not asked yet

    def _said(self, deadline: Deadline) -> list[bytes]:
        """Return what it says over the channel, perhaps nothing yet; what it prints meanwhile is kept."""
        pieces = self._line.next(deadline)
        if pieces is None:
            self._end(TOO_SLOW)
        said = [chunk for name, chunk in pieces if name == CHANNEL]
        for name, chunk in pieces:
            self._keep(name, chunk)
        if any(printed > self._output_limit_bytes for printed in self._printed_bytes.values()):
            self._end(TOO_LOUD)
        if None in said:
            self._end(GARBLED)
        if b"" in said:
            self._end()
        return [chunk for chunk in said if chunk]

    def _keep(self, name: str, chunk: bytes | None) -> None:
        if name in STREAMS and chunk:
            self._kept[name] += chunk[: max(0, KEPT_BYTES - len(self._kept[name]))]
            self._printed_bytes[name] += len(chunk)

    def _end(self, reason: str | None = None) -> NoReturn:
        """Kill the job if it still lives, take its last output, and raise JobEndedError."""
        if not self._alive:
            raise SandboxError("a job was used after its end")
        self._alive = False
        self._line.hang_up()
        try:
            if reason is None and not self._line.dies_within(1.0):
                # Its channel is closed, so it cannot answer any more: it is over, whatever it still does.
                reason = HUNG_UP
            if reason is not None:
                self._line.kill()
            ending = self._line.ending()
        finally:
            for name, chunk in self._line.last_output():
                self._keep(name, chunk)
            self._line.close()
        raise JobEndedError(ending, reason)


def _printed(kept: bytes, dropped_bytes: int) -> Printed:
    """Return the beginning of a stream as text; a character that the cut went through is left out."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    text = decoder.decode(kept, final=not dropped_bytes)
    return Printed(text, dropped_bytes + len(decoder.getstate()[0]))
