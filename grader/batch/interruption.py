"""Being asked to stop: the first time cleanly, the second time at once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = [signal.SIGINT, signal.SIGTERM]  # Ctrl-C, `kill`
if sys.platform != "win32":
    SIGNALS.append(signal.SIGHUP)  # a terminal that was closed
INTERRUPTED = 130  # the exit status that shells give to Ctrl-C


class Interruption:
    """Notes that the process was asked to stop; a context manager, for the main thread.

    Attributes:
        asked: whether it was asked.
    """

    def __init__(self) -> None:
        self.asked = False
        self._stop: Callable[[], object] | None = None
        self._at_once: Callable[[], object] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for name in SIGNALS:
            # What was started with SIGHUP ignored, as by nohup, shall go on without its terminal.
            if signal.getsignal(name) is not signal.SIG_IGN:
                self._before[name] = signal.signal(name, self._on_signal)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)

    @contextlib.contextmanager
    def stops(self, stop: Callable[[], object]) -> Iterator[None]:
        """Call `stop` once the process is asked to stop, and now if it has been."""
        self._stop = stop
        if self.asked:
            self._tell()
        try:
            yield
        finally:
            self._stop = None

    @contextlib.contextmanager
    def ends(self, at_once: Callable[[], object]) -> Iterator[None]:
        """Call `at_once` when the process is asked a second time, just before it ends."""
        self._at_once = at_once
        try:
            yield
        finally:
            self._at_once = None

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        if self.asked:
            with contextlib.suppress(Exception):
                if self._at_once is not None:
                    self._at_once()
            os._exit(INTERRUPTED)
        self.asked = True
        self._tell()

    def _tell(self) -> None:
        stop, self._stop = self._stop, None  # once: a signal may come while this is being done
        if stop is not None:
            stop()
