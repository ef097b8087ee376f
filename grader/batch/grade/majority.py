"""Which assignment a class hands in, when the caller does not say: that of more than half of the hand-ins."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.batch.entry import Entry
from grader.batch.grade.process import LostError
from grader.batch.grade.workers import Workers

RECOGNISE_S = 120.0  # for reading one hand-in


@dataclass(frozen=True)
class Majority:
    """What the hand-ins of a class are for.

    Attributes:
        counts: assignment -> how many hand-ins are recognised as that.
    """

    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def assignment(self) -> str | None:
        """That of more than half of those that are recognised; None if there is none."""
        for name, count in self.counts.items():
            if 2 * count > sum(self.counts.values()):
                return name
        return None

    @property
    def note(self) -> str | None:
        """What is to be said of it, where not all are for the same."""
        if self.assignment is None or len(self.counts) < 2:
            return None
        others = ", ".join(
            f"{count} {name}" for name, count in sorted(self.counts.items()) if name != self.assignment
        )
        return (
            f"Taken for a class of {self.assignment} ({self.counts[self.assignment]} hand-ins; also there: "
            f"{others}). --assignment NAME says otherwise; --mixed grades each for what it is."
        )


async def recognised(workers: Workers, entries: Sequence[Entry]) -> Majority:
    """Have every hand-in looked at, without running anything of it.

    Raises:
        GraderError: workers do not start.
    """
    waiting, counts = deque(entries), Counter[str]()

    async def look(slot: int) -> None:
        while waiting:
            path = str(waiting.popleft().path)
            worker = await workers.ready(slot)
            with contextlib.suppress(LostError):  # whoever grades it will say so
                answer = await worker.ask({"do": "recognise", "path": path}, RECOGNISE_S)
                if answer["assignment"] is not None:
                    counts[answer["assignment"]] += 1

    async with asyncio.TaskGroup() as together:
        for slot in workers.slots:
            together.create_task(look(slot))
    return Majority(dict(sorted(counts.items())))
