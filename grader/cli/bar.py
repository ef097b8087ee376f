"""A bar on a terminal, with the time that is left, for what takes minutes and is done step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def progress(total: int, stream: TextIO | None) -> Iterator[Callable[[str], None]]:
    """Draw a bar with the time that is left, on a terminal; beside it what is being checked."""
    if stream is None or not stream.isatty():
        yield lambda about: None
        return
    # Here, since no other command needs it for what it does.
    from rich import progress
    from rich.console import Console

    columns = (
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
        progress.TextColumn("{task.description}", markup=False),
    )
    with progress.Progress(*columns, console=Console(file=stream), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("", total=total)
        done = iter(range(total))

        def advance(about: str) -> None:
            bar.update(task, completed=next(done), description=about, refresh=True)

        yield advance
