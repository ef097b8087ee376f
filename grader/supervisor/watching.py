"""The process that watches: it hears what the worker says, passes signals on, and has the last word."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from grader.inside import kernel
from grader.supervisor import worker
from grader.supervisor.limits import RESERVE_S, age_s, platforms_limit_s, remember_age, said
from grader.supervisor.worker import OUR_FAULT

assert sys.platform == "linux"

from grader.supervisor.endings import (  # noqa: E402 - not there elsewhere
    FAILED,
    NO_NAMES,
    kill_children,
    print_all,
    why,
)

INTERRUPTED = 130
INSISTS = 3  # signals that ask to end, after which a worker that does not heed them is killed
# What the worker leaves behind, such as a batch's workers, ends by itself; then it is ended.
LEFT_S = 12.0
LEFT_ON_A_PLATFORM_S = 1.0
FORETELL_S = 10.0  # for the last words that a worker did not live to send

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
HANDLED = (*FORWARDED, signal.SIGTSTP)


class Supervisor:
    """Watches one worker."""

    def __init__(self, arguments: Sequence[str], foretell: Callable[[Sequence[str]], object]) -> None:
        self._arguments = arguments
        self._foretell = foretell
        self._is_for_platform = said(arguments, "--format") == "autolab"
        self._until: float | None = None  # by `time.monotonic`
        self._printed = bytearray()
        self._heard = bytearray()
        self._words: tuple[str, str] | None = None
        self._done: int | None = None
        self._stopped_by: int | None = None
        self._asked = 0  # how often somebody asked to end
        self._worker = 0

    def start(self) -> None:
        """Fork the worker, and return in it."""
        remember_age()
        # Until the handlers are there, a signal waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        reading, writing = os.pipe()
        out_reading, out_writing = os.pipe() if self._is_for_platform else (-1, -1)
        here = os.getpid()
        try:
            self._worker = os.fork()
        except OSError as error:  # no process is left: work alone, and say nothing of it
            print(f"cellgrade: unwatched, for there is no second process: {error}", file=sys.stderr)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
            return
        if self._worker == 0:
            worker.begin(here, writing)
            os.close(reading)
            if self._is_for_platform:
                os.dup2(out_writing, 1)
                os.close(out_reading)
                os.close(out_writing)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
            return
        os.close(writing)
        if self._is_for_platform:
            os.close(out_writing)
        self._watch(reading, out_reading)

    def _watch(self, tells: int, prints: int) -> NoReturn:
        kernel.set_undumpable()
        # Whoever below loses its parent becomes ours, and is ended.
        with contextlib.suppress(OSError):
            kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        with contextlib.suppress(OSError):  # it has done so itself, or is gone
            os.setpgid(self._worker, self._worker)
        for one in HANDLED:
            if signal.getsignal(one) is not signal.SIG_IGN:  # as nohup has it
                signal.signal(one, self._on_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        limit_s = platforms_limit_s(self._arguments)
        if limit_s is not None:
            self._end_at(limit_s - RESERVE_S - age_s())
        import json  # noqa: F401 - now, while the worker begins, and not when it is heard

        is_in_time = self._listen(tells, prints)
        if self._done is not None:
            if self._is_for_platform:
                print_all(bytes(self._printed))
            self._ended(within_s=2.0)
            self._leave(self._done)
        status = self._ended(within_s=0.0 if not is_in_time else 2.0)
        self._fail(status if is_in_time else None)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGTSTP:  # Ctrl-Z, until `fg`
                os.killpg(self._worker, signal.SIGSTOP)
                os.kill(os.getpid(), signal.SIGSTOP)
                os.killpg(self._worker, signal.SIGCONT)
            else:
                self._stopped_by = number
                self._asked += number in (signal.SIGINT, signal.SIGTERM)
                os.kill(self._worker, number if self._asked < INSISTS else signal.SIGKILL)

    def _end_at(self, within_s: float) -> None:
        self._until = time.monotonic() + max(0.0, within_s) + RESERVE_S / 2

    def _listen(self, tells: int, prints: int) -> bool:
        """Take what the worker says and prints until it is done or gone; False if its time is up."""
        poll = select.poll()
        poll.register(tells, select.POLLIN)
        if prints >= 0:
            poll.register(prints, select.POLLIN)
        while True:
            left_ms = None if self._until is None else (self._until - time.monotonic()) * 1_000
            if left_ms is not None and left_ms <= 0:
                return False
            for fd, _ in poll.poll(left_ms):
                chunk = os.read(fd, 1 << 16)
                if fd == prints:
                    self._printed += chunk
                    if not chunk:
                        poll.unregister(fd)
                    continue
                self._hear(chunk)
                if not chunk or self._done is not None:
                    self._drain(prints)
                    return True

    def _drain(self, prints: int) -> None:
        """Take what is in the pipe still: a worker that says that it is done has printed all of it."""
        if prints >= 0:
            os.set_blocking(prints, False)
            with contextlib.suppress(BlockingIOError):
                while chunk := os.read(prints, 1 << 16):
                    self._printed += chunk

    def _hear(self, chunk: bytes) -> None:
        self._heard += chunk
        *lines, rest = self._heard.split(b"\n")
        self._heard = bytearray(rest)
        import json

        for message in map(json.loads, lines):
            if "done" in message:
                self._done = message["done"]
            elif "within_s" in message:
                self._end_at(message["within_s"])
            else:
                self._words = message["head"], message["line"]

    def _ended(self, within_s: float) -> int:
        """Return the worker's wait status; it is killed if it has not ended in so many seconds."""
        until = time.monotonic() + within_s
        while True:
            pid, status = os.waitpid(self._worker, os.WNOHANG)
            if pid:
                return status
            if time.monotonic() >= until:
                os.kill(self._worker, signal.SIGKILL)
                return os.waitpid(self._worker, 0)[1]
            time.sleep(0.002)

    def _fail(self, status: int | None) -> NoReturn:
        """End without a report.

        Args:
            status: how the worker ended; None if its time was up.
        """
        if self._is_for_platform:
            self._write_last_words(why(status))
            self._leave(0)
        if status is not None and os.WIFEXITED(status):
            self._leave(os.WEXITSTATUS(status))
        if status is not None and os.WTERMSIG(status) == self._stopped_by:  # as one process would end
            self._end_orphans()
            signal.signal(self._stopped_by, signal.SIG_DFL)
            os.kill(os.getpid(), self._stopped_by)
        if self._asked >= INSISTS:
            self._leave(INTERRUPTED)
        print_all(f"cellgrade: {why(status)} Nothing was recorded.\n".encode(), fd=2)
        self._leave(OUR_FAULT)

    def _write_last_words(self, cause: str) -> None:
        head, line = self._words or self._foretold() or (FAILED, NO_NAMES)
        ending = f"{head}\n{cause}\n\n{line}\n".encode()
        output = said(self._arguments, "--output")
        if output is not None:
            # What a student before this one got there must not be read as this one's.
            with contextlib.suppress(OSError):
                Path(output).write_bytes(ending)
                return
        print_all(ending)

    def _foretold(self) -> tuple[str, str] | None:
        """Return the last words, by a process that does no more than to find them."""
        reading, writing = os.pipe()
        here = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            return None
        if pid == 0:
            worker.begin(here, writing)
            os.close(reading)
            with contextlib.suppress(Exception):
                self._foretell(self._arguments)
            os._exit(0)
        os.close(writing)
        self._worker, self._words = pid, None
        self._end_at(FORETELL_S - RESERVE_S / 2)
        self._listen(reading, -1)
        self._ended(within_s=0.0)
        return self._words

    def _leave(self, code: int) -> NoReturn:
        self._end_orphans()
        os._exit(code)

    def _end_orphans(self) -> None:
        """See to it that nothing is left below."""
        until = time.monotonic() + (LEFT_ON_A_PLATFORM_S if self._is_for_platform else LEFT_S)
        with contextlib.suppress(ChildProcessError):
            while True:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    if time.monotonic() >= until:
                        kill_children()
                    time.sleep(0.005)
