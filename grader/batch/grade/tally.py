"""How far a batch has come, in numbers."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 30.0  # over which the rate is taken


@dataclass
class Tally:
    """Counts of hand-ins.

    Attributes:
        total: of the plan.
        done: that have a grade.
        graded: of those, how often something was really graded in this run.
        faults: that failed by our fault, and are left for later.
        unknown: that fit no assignment, or cannot be read: a person has to say more.
        percent: sum over `done` of the percentage of the points to be had.
    """

    total: int
    done: int = 0
    graded: int = 0
    faults: int = 0
    unknown: int = 0
    percent: float = 0.0
    _passed: deque[tuple[float, int]] = field(default_factory=lambda: deque([(time.monotonic(), 0)]))

    def add(self, score: float, max_score: float) -> None:
        """Count a hand-in that has a grade."""
        self.done += 1
        self.percent += 100 * score / max_score if max_score else 0.0
        self._pass()

    def add_fault(self) -> None:
        """Count a hand-in that is left for later."""
        self.faults += 1
        self._pass()

    def add_unknown(self) -> None:
        """Count a hand-in that waits for a person to say more."""
        self.unknown += 1
        self._pass()

    @property
    def passed(self) -> int:
        """Hand-ins that nothing more is to be done about in this run."""
        return self.done + self.faults + self.unknown

    @property
    def mean(self) -> float | None:
        """Mean percentage of the grades so far; None before the first."""
        return self.percent / self.done if self.done else None

    @property
    def per_s(self) -> float:
        """Hand-ins per second, of late."""
        (since, before), now = self._passed[0], time.monotonic()
        return (self.passed - before) / (now - since) if now > since else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds to go at that rate; None if nothing has passed of late."""
        return (self.total - self.passed) / self.per_s if self.per_s else None

    def _pass(self) -> None:
        now = time.monotonic()
        if now - self._passed[-1][0] >= 1:  # a sample a second is enough, and bounds their number
            self._passed.append((now, self.passed))
        while len(self._passed) > 1 and now - self._passed[1][0] > WINDOW_S:
            self._passed.popleft()
