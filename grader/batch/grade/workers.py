"""The workers of a batch: so many at once, each replaced when it is gone or has grown."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.batch.grade.process import LostError, WorkerProcess
from grader.batch.grade.setup import Setup, setup_line
from grader.batch.journal.lock import TEMPORARY
from grader.errors import GraderError

START_S = 120.0  # for a worker to be ready, on a very busy machine
STARTS = 3  # in a row that may fail


class Workers:
    """So many workers, started when they are needed; an asynchronous context manager.

    Args:
        setup: what their graders are made from.
        count: how many; their slots count from 0.
        scratch: where their temporary files are; None for the usual place.
    """

    def __init__(self, setup: Setup, count: int, scratch: Path | None = None) -> None:
        self.slots = range(count)
        self._setup = setup
        self._failed_starts = 0
        self._processes: dict[int, WorkerProcess] = {}
        # What a killed worker leaves behind goes with this folder.
        self._folder = tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=scratch, ignore_cleanup_errors=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for process in self._processes.values():
            process.terminate()
        for slot in list(self._processes):
            await self._end(slot)
        self._folder.cleanup()

    async def ready(self, slot: int) -> WorkerProcess:
        """Give the worker of a slot, and another one in place of one that is gone or has grown.

        Raises:
            GraderError: workers do not start.
        """
        process = self._processes.get(slot)
        if process is not None and process.is_worn:
            await self._end(slot)
        while slot not in self._processes:
            await self._start(slot)
        return self._processes[slot]

    def kill(self) -> None:
        """End all workers at once; for a process that is about to end."""
        for process in self._processes.values():
            process.kill()

    async def _start(self, slot: int) -> None:
        """Start a worker, and wait until it is ready or gone."""
        try:
            process = self._processes[slot] = await WorkerProcess.start(Path(self._folder.name))
        except OSError as error:
            raise GraderError(f"a worker does not start: {error}") from None
        try:
            await process.ask(setup_line(self._setup, slot), START_S)
            self._failed_starts = 0
        except LostError as lost:
            await self._end(slot)
            self._failed_starts += 1
            if self._failed_starts >= STARTS:
                raise GraderError(f"a worker does not start: it {lost.why}") from None

    async def _end(self, slot: int) -> None:
        await self._processes[slot].close()
        del self._processes[slot]
