"""Which assignment a class hands in, when the caller does not say: that of more than half of the hand-ins."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.batch.crew import Crew, Lost
from grader.batch.entry import Entry
from grader.batch.interruption import Interruption

RECOGNISE_S = 120.0  # for reading one hand-in
LOOK_S = 0.25


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


def recognised(crew: Crew, entries: Sequence[Entry], interruption: Interruption) -> Majority:
    """Have every hand-in looked at, without running anything of it. Ends early when asked to stop."""
    waiting, counts, busy = deque(entries), Counter[str](), set[int]()
    while (waiting or busy) and not interruption.asked:
        for slot in crew.free:
            if waiting:
                message = {"do": "recognise", "path": str(waiting.popleft().path)}
                crew.tell(slot, message, RECOGNISE_S)
                busy.add(slot)
        for slot, answer in crew.wait(LOOK_S, interruption.fileno()):
            busy.discard(slot)  # else a worker died that had nothing to do
            if not isinstance(answer, Lost) and answer["assignment"] is not None:
                counts[answer["assignment"]] += 1
    return Majority(dict(sorted(counts.items())))
