"""Shows how far a batch has come: a bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import Protocol, Self, TextIO

from grader.batch.grade.tally import Tally

LOOK_S = 0.1  # after which it is asked to show again
REDRAW_S = 0.1
LINE_S = 10.0  # between plain lines, at least; and a twentieth of the whole
PART = 20
SHOW_CURSOR = b"\n\x1b[?25h"


class Progress(Protocol):
    """Shows a tally; a context manager."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Show the end, and leave the terminal as it was."""
        ...

    def show(self) -> None:
        """Show the tally as it is now, if it is time to."""
        ...

    def abandon(self) -> None:
        """Leave the terminal as it was, from within a signal handler: nothing more is shown."""
        ...


def progress(tally: Tally, stream: TextIO | None) -> Progress:
    """Choose what suits the stream: a bar on a terminal that can draw one, else lines.

    Args:
        tally: what is shown.
        stream: where to; None if it was closed by whoever called.
    """
    if stream is not None and stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown"):
        return Bar(tally, stream)
    return Lines(tally, stream)


class Lines:
    """Plain lines, without control codes, as for a log."""

    def __init__(self, tally: Tally, stream: TextIO | None) -> None:
        self._tally = tally
        self._stream = stream
        self._next_s = time.monotonic() + LINE_S
        self._next_passed = 0
        self._said = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._say()

    def show(self) -> None:
        """Write a line, unless the last one is too near."""
        if time.monotonic() >= self._next_s and self._tally.passed >= self._next_passed:
            self._next_s = time.monotonic() + LINE_S
            self._next_passed = self._tally.passed + self._tally.total // PART
            self._say()

    def abandon(self) -> None:
        """Nothing is to be undone."""

    def _say(self) -> None:
        line = _line(self._tally)
        if self._stream is not None and line != self._said:
            print(line, file=self._stream, flush=True)
        self._said = line


class Bar:
    """A bar that is drawn again and again in its line, by rich."""

    def __init__(self, tally: Tally, stream: TextIO) -> None:
        # Here, since a single grading has no bar and shall not wait for its library.
        from rich import progress
        from rich.console import Console

        columns = (progress.BarColumn(), progress.TextColumn("{task.description}", markup=False))
        self._tally = tally
        self._stream = stream
        # No thread of its own: signals and children are the main thread's.
        self._bar = progress.Progress(*columns, console=Console(file=stream), auto_refresh=False)
        self._task = self._bar.add_task(_line(tally), total=tally.total)
        self._next_s = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        self._draw()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._draw()
        self._bar.stop()

    def show(self) -> None:
        """Draw it, unless that was done a moment ago."""
        if time.monotonic() >= self._next_s:
            self._draw()

    def abandon(self) -> None:
        """Show the cursor again, past whatever was being written when the signal came."""
        os.write(self._stream.fileno(), SHOW_CURSOR)

    def _draw(self) -> None:
        self._next_s = time.monotonic() + REDRAW_S
        self._bar.update(self._task, completed=self._tally.passed, description=_line(self._tally))
        self._bar.refresh()


def _line(tally: Tally) -> str:
    parts = [f"{tally.done}/{tally.total} graded"]
    if 0 < tally.passed < tally.total and tally.left_s is not None:
        parts += [f"{tally.per_s:.1f}/s", f"{_clock(tally.left_s)} left"]
    parts += [f"mean {tally.mean:.0f} %"] if tally.mean is not None else []
    parts += [f"{tally.faults} failed by our fault"] if tally.faults else []
    parts += [f"{tally.unknown} of no assignment"] if tally.unknown else []
    return ", ".join(parts)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
