"""Being asked to stop: the first time cleanly, the second time at once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = [signal.SIGINT, signal.SIGTERM]  # Ctrl-C, `kill`
if sys.platform != "win32":
    SIGNALS.append(signal.SIGHUP)  # a terminal that was closed
INTERRUPTED = 130  # the exit status that shells give to Ctrl-C


def nothing() -> object:
    """Do nothing: nothing is under way."""


class Interruption:
    """Notes that the process was asked to stop; a context manager, for the main thread.

    Attributes:
        asked: whether it was asked.
        stop: is called when it is asked, to end cleanly what is under way.
        at_once: is called when it is asked a second time, just before the process ends.
    """

    def __init__(self) -> None:
        self.asked = False
        self.stop: Callable[[], object] = nothing
        self.at_once: Callable[[], object] = nothing
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

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        if self.asked:
            with contextlib.suppress(Exception):
                self.at_once()
            os._exit(INTERRUPTED)
        self.asked = True
        self.stop()
