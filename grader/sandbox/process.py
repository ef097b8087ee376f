"""A job, as the grader sees it: ask, kill, learn how it ended.

Whatever a job sends is held to the bounds of `wire` before anything is made of it. A deadline belongs to
every wait: a job can delay the grader, never stop it.
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Callable, Iterator, Mapping
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
Reply = tuple[dict[str, Any], dict[str, Array]]
"""What a job said, and the arrays that it sent."""


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
        self._heard = bytearray()  # of frames that nobody has taken yet
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
    ) -> Reply:
        """Send one request and return its answer, which must be there by the deadline.

        What the job says on the way to it, before a statement that may end it, goes to `announced`.

        Raises:
            JobEndedError: there is no answer; the job is dead.
        """
        self._line.send(wire.encode(about, arrays))
        self._finish_sending(deadline)
        return self.receive(deadline, announced)

    def ask_each(
        self,
        about: Mapping[str, Any],
        arrays: Mapping[str, Array],
        count: int,
        next_deadline: Callable[[], Deadline],
    ) -> Iterator[Reply]:
        """Send one request and yield its answers, each as soon as it is there.

        Args:
            about, arrays: the request.
            count: how many answers there are.
            next_deadline: tells when the next one must be there; asked when it is waited for.

        Raises:
            JobEndedError: there is no next one; the job is dead.
        """
        self._line.send(wire.encode(about, arrays))
        self._finish_sending(next_deadline())
        for left in range(count, 0, -1):
            try:
                reply = self.receive(next_deadline(), is_last=left == 1)
            except JobEndedError as error:
                if error.reason == TOO_LOUD:
                    yield from self._not_too_loud(left)
                raise
            yield reply

    def receive(
        self, deadline: Deadline, announced: Announced | None = None, *, is_last: bool = True
    ) -> Reply:
        """Return the next frame, which must be there by the deadline, and with nothing behind it if it is the
        last.

        Raises:
            JobEndedError: there is none; the job is dead.
        """
        heard = self._heard
        try:
            while True:
                if announced is not None:
                    wire.take_announcements(heard, announced)
                length = wire.frame_length(heard, wire.FROM_STUDENT)
                if length is not None and len(heard) >= length:
                    end = len(heard) if is_last else length
                    frame, heard[:end] = heard[:end], b""
                    about, arrays = wire.decode(frame)
                    if self._is_too_loud(
                        about
                    ):  # where threads read, an answer may overtake what was printed
                        self._end(TOO_LOUD)
                    return about, arrays
                self._listen(deadline)
        except wire.FrameError:
            self._end(GARBLED)
        except JobEndedError as error:
            if announced is not None and heard and error.reason == TOO_SLOW:
                # What is under way is told in whole frames: somebody else has begun one.
                raise JobEndedError(error.ending, GARBLED) from None
            raise

    def _not_too_loud(self, most: int) -> Iterator[Reply]:
        """Yield the answers that a job which printed too much had sent before it did, by its own count.

        It may have gone on while its output was on its way to us: else the number of its answers that count
        would be a matter of chance.
        """
        for _ in range(most):
            try:
                length = wire.frame_length(self._heard, wire.FROM_STUDENT)
                if length is None or len(self._heard) < length:
                    return
                about, arrays = wire.decode(self._heard[:length])
            except wire.FrameError:
                return
            if self._is_too_loud(about):
                return
            del self._heard[:length]
            yield about, arrays

    def close(self, most_bytes: Mapping[str, int] | None = None) -> dict[str, Printed]:
        """End the job if it lives, and return what it printed.

        Args:
            most_bytes: how much of each stream counts: behind that, it answered what nobody takes.
        """
        if self._alive:
            with contextlib.suppress(JobEndedError):
                self._end()
        for name, most in (most_bytes or {}).items():
            self._printed_bytes[name] = min(self._printed_bytes[name], most)
            del self._kept[name][most:]
        return {
            name: _printed(bytes(kept), min(self._printed_bytes[name], self._output_limit_bytes) - len(kept))
            for name, kept in self._kept.items()
        }

    def _is_too_loud(self, about: Mapping[str, Any]) -> bool:
        """Whether it had printed too much by an answer, as it says itself."""
        return max(printed_bytes(about).values()) > self._output_limit_bytes

    def _finish_sending(self, deadline: Deadline) -> None:
        while self._line.is_sending:
            self._listen(deadline)
            if self._heard:
                self._end(GARBLED)  # it was not asked yet

    def _listen(self, deadline: Deadline) -> None:
        """Take what it says and prints next, perhaps nothing yet."""
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

    def _keep(self, name: str, chunk: bytes | None) -> None:
        if name == CHANNEL and chunk:
            self._heard += chunk
        elif chunk:
            self._kept[name] += chunk[: max(0, KEPT_BYTES - len(self._kept[name]))]
            self._printed_bytes[name] += len(chunk)

    def _end(self, reason: str | None = None) -> NoReturn:
        """Kill the job if it still lives, take its last output, and raise JobEndedError."""
        if not self._alive:
            raise SandboxError("a job was used after its end")
        self._alive = False
        if reason != TOO_LOUD:  # then what it has said still counts, up to there
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
                if name != CHANNEL or reason == TOO_LOUD:
                    self._keep(name, chunk)
            self._line.close()
        raise JobEndedError(ending, reason)


def printed_bytes(about: Mapping[str, Any]) -> dict[str, int]:
    """Return how many bytes a job says that it has printed on each stream, up to this answer.

    It is only its word: nothing but the place of the cut depends on it.
    """
    said = about.get("printed")
    if isinstance(said, list) and [type(one) for one in said] == [int, int]:
        return {name: max(0, one) for name, one in zip(STREAMS, said, strict=True)}
    return dict.fromkeys(STREAMS, 0)


def _printed(kept: bytes, dropped_bytes: int) -> Printed:
    """Return the beginning of a stream as text; a character that the cut went through is left out."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    text = decoder.decode(kept, final=not dropped_bytes)
    return Printed(text, dropped_bytes + len(decoder.getstate()[0]))
