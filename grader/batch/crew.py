"""The workers of a batch, as the process that leads them sees them: started, asked, replaced, ended.

A worker that dies, or that has not answered long after any grading must have ended, is replaced by another;
what it was asked is reported as lost, and the caller decides what becomes of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grader
from grader import threads
from grader.batch.lock import TEMPORARY
from grader.batch.setup import END_S, Setup, setup_line
from grader.errors import GraderError
from grader.inside import lockdown

# Where we were imported from, a worker imports from too, and never from the folder that it is started in:
# that may hold hand-ins.
BOOT = """
import sys
if sys.argv[1] not in sys.path:
    sys.path.insert(0, sys.argv[1])
from grader.batch import worker
worker.main()
"""
FROM_OUTSIDE = (signal.SIGTERM, lockdown.KILL)  # signals that no fault of a process's own sends it
START_S = 120.0  # for a worker to be ready, on a very busy machine
STARTS = 3  # in a row that may fail
GROWTH_MIB = 256.0  # beyond what its first grading took, after which a worker is replaced


class Cause(Enum):
    """Why a worker is gone."""

    STOPPED = "stopped"  # by us, long after any grading must have ended
    KILLED = "killed"  # by a signal that anybody may have sent: a person, or the kernel, short of memory
    ENDED = "ended"  # by itself, or by a crash


@dataclass(frozen=True)
class Lost:
    """A worker is gone, and with it the answer.

    Attributes:
        why: half a sentence: "was killed by SIGKILL".
        cause: whose doing it may have been.
    """

    why: str
    cause: Cause = Cause.ENDED


class Hand:
    """One worker process."""

    def __init__(self, slot: int, setup: Setup, folder: Path) -> None:
        self.slot = slot
        self.first_mib: float | None = None
        self.is_ready = False
        self._received = bytearray()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        environment = {**os.environ, **dict.fromkeys(threads.VARIABLES, "1"), "TMPDIR": str(folder)}
        root = str(Path(grader.__file__).parents[1])
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            [sys.executable, "-P", "-c", BOOT, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            start_new_session=True,  # a terminal's Ctrl-C is for the one who leads
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self.stdout = self._process.stdin, self._process.stdout
        if sys.platform != "win32":  # where nobody gets as far as this: see `cellgrade batch`
            os.set_blocking(self.stdout.fileno(), False)
        self.busy_until = 0.0
        self.tell(setup_line(setup, slot), START_S)

    def tell(self, message: Mapping[str, Any], limit_s: float) -> None:
        """Send a message whose answer may take so long. A worker that is gone is noticed by `read`."""
        self.busy_until = time.monotonic() + limit_s
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(json.dumps(message).encode() + b"\n")
            self._stdin.flush()

    @property
    def is_free(self) -> bool:
        """Whether it waits for a message."""
        return self.busy_until == 0

    def read(self) -> dict[str, Any] | Lost | None:
        """Its answer; None if it is not all there yet."""
        chunk = b""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self.stdout.fileno(), 1 << 20):
                self._received += chunk
        if self._received.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(self._received)
            self._received.clear()
            self.busy_until = 0
            return answer
        if chunk == b"" and self._process.poll() is not None:
            by = -self._process.returncode
            return Lost(self._why(), Cause.KILLED if by in FROM_OUTSIDE else Cause.ENDED)
        return None

    def close(self, *, within_s: float = END_S) -> None:
        """End it: by itself if it can."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._process.terminate()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.stdout.close()
        self._errors.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def _why(self) -> str:
        code = self._process.returncode
        if code < 0:
            names = {int(one): one.name for one in signal.Signals}
            return f"was killed by {names.get(-code, f'signal {-code}')}"
        self._errors.seek(0)
        said = self._errors.read()[-2_000:].decode(errors="backslashreplace").strip().rpartition("\n")[2]
        return f"ended by itself (exit status {code}){': ' if said else ''}{said}"


class Crew:
    """So many workers; a context manager. Their slots count from 0.

    Args:
        setup: what their graders are made from.
        workers: how many.
        scratch: where their temporary files are; None for the usual place.

    Raises (`wait`):
        GraderError: workers do not start.
    """

    def __init__(self, setup: Setup, workers: int, scratch: Path | None = None) -> None:
        self._setup = setup
        self._failed_starts = 0
        self._selector = selectors.DefaultSelector()
        # What a killed worker leaves behind goes with this folder.
        self._folder = tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=scratch, ignore_cleanup_errors=True)
        self._hands: list[Hand] = []
        try:
            for slot in range(workers):
                self._hands.append(self._started(slot))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def free(self) -> list[int]:
        """Slots whose worker waits for a message."""
        return [hand.slot for hand in self._hands if hand.is_ready and hand.is_free]

    def tell(self, slot: int, message: Mapping[str, Any], limit_s: float) -> None:
        """Send a message to a worker that is free; `wait` gives its answer."""
        self._hands[slot].tell(message, limit_s)

    def wait(self, limit_s: float, wake: int) -> Iterator[tuple[int, dict[str, Any] | Lost]]:
        """Answers, as (slot, answer), as soon as there are some, or nothing after so many seconds.

        Args:
            limit_s: seconds.
            wake: a descriptor that ends the waiting when it can be read.
        """
        self._selector.register(wake, selectors.EVENT_READ)
        try:
            ready = self._selector.select(limit_s)
        finally:
            self._selector.unregister(wake)
        for key, _ in ready:
            if isinstance(key.data, Hand):
                yield from self._heard(key.data)
        now = time.monotonic()
        for hand in list(self._hands):
            if not hand.is_free and now > hand.busy_until:
                hand.kill()
                yield from self._lost(hand, Lost("did not answer, and was stopped", Cause.STOPPED))

    def close(self) -> None:
        """End all workers, and wait until they are gone."""
        for hand in self._hands:
            hand.terminate()
        for hand in self._hands:
            hand.close()
        self._hands.clear()
        self._selector.close()
        self._folder.cleanup()

    def kill(self) -> None:
        """End all workers at once; for a process that is about to end."""
        for hand in self._hands:
            hand.kill()

    def _heard(self, hand: Hand) -> Iterator[tuple[int, dict[str, Any] | Lost]]:
        answer = hand.read()
        if answer is None:
            return
        if isinstance(answer, Lost):
            yield from self._lost(hand, answer)
        elif not hand.is_ready:
            hand.is_ready = True
            self._failed_starts = 0
        else:
            self._watch_memory(hand, answer)
            yield hand.slot, answer

    def _lost(self, hand: Hand, lost: Lost) -> Iterator[tuple[int, Lost]]:
        if not hand.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= STARTS:
                raise GraderError(f"a worker does not start: it {lost.why}")
        self._replace(hand)
        if hand.is_ready:
            yield hand.slot, lost

    def _watch_memory(self, hand: Hand, answer: Mapping[str, Any]) -> None:
        resident_mib = answer.get("resident_mib")
        if resident_mib is None:
            return
        if hand.first_mib is None:
            hand.first_mib = resident_mib
        elif resident_mib > hand.first_mib + GROWTH_MIB:
            self._replace(hand)

    def _replace(self, hand: Hand) -> None:
        self._selector.unregister(hand.stdout)
        hand.close()
        self._hands[hand.slot] = self._started(hand.slot)

    def _started(self, slot: int) -> Hand:
        try:
            hand = Hand(slot, self._setup, Path(self._folder.name))
        except OSError as error:
            raise GraderError(f"a worker does not start: {error}") from None
        self._selector.register(hand.stdout, selectors.EVENT_READ, hand)
        return hand
