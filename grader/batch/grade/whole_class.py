"""Grades a class to its end, or until somebody asks to stop: the one place where coroutines begin and end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from grader.batch.entry import Entry
from grader.batch.grade.grading import Grading
from grader.batch.grade.progress import LOOK_S, Progress
from grader.batch.grade.workers import Workers
from grader.batch.interruption import Interruption, nothing


def grade(
    entries: Sequence[Entry],
    grading: Grading,
    workers: Workers,
    progress: Progress,
    interruption: Interruption,
) -> str | None:
    """Grade what the journal lacks; gives what is to be said of the class as a whole.

    Returns early, and without anything to say, when the process is asked to stop.

    Raises:
        UsageError: the journal is damaged, or not ours to write.
        GraderError: workers do not start, the journal cannot be written, or everything fails.
    """

    def end_at_once() -> None:
        workers.kill()
        progress.abandon()

    interruption.at_once = end_at_once
    try:
        with progress:
            return asyncio.run(_graded(entries, grading, workers, progress, interruption))
    except asyncio.CancelledError:
        return None
    except BaseExceptionGroup as group:
        raise _first(group) from None
    finally:
        interruption.at_once = nothing


async def _graded(
    entries: Sequence[Entry],
    grading: Grading,
    workers: Workers,
    progress: Progress,
    interruption: Interruption,
) -> str | None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    cancel = task.cancel
    async with workers:
        # A signal comes between any two lines of Python: what it asks for is left to the loop.
        interruption.stop = lambda: loop.call_soon_threadsafe(cancel)
        try:
            if interruption.asked:
                return None
            async with asyncio.TaskGroup() as together:
                showing = together.create_task(_show(progress))
                note = await grading.run(entries)
                showing.cancel()
            return note
        finally:
            interruption.stop = nothing


async def _show(progress: Progress) -> None:
    """Show how far it has come, again and again."""
    while True:
        progress.show()
        await asyncio.sleep(LOOK_S)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Take what went wrong first out of the groups around it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
