"""How much a course tells its students of their mistakes, and from when on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from grader.declaration import HintLevel
from grader.errors import UsageError


@dataclass(frozen=True)
class Shown:
    """What the reader of one report is shown.

    Attributes:
        level: how much of what is known of the mistakes.
        counterexample: the smallest failing case, too.
    """

    level: HintLevel = HintLevel.TERM
    counterexample: bool = True


@dataclass(frozen=True)
class HintRule:
    """A level that holds for a time, or for some attempts, or for both at once.

    Attributes:
        level: what students are told then.
        begins: from this moment on; None for always.
        ends: before this moment; None for ever.
        from_attempt: the first attempt that it is about.
        to_attempt: the last one; None for all that follow.

    Raises:
        UsageError: it can never hold, or always does.
    """

    level: HintLevel
    begins: datetime | None = None
    ends: datetime | None = None
    from_attempt: int = 1
    to_attempt: int | None = None

    def __post_init__(self) -> None:
        """See that it decides something."""
        if self.begins is not None and self.ends is not None and self.begins >= self.ends:
            raise UsageError(f"ends ({said(self.ends)}) before it begins ({said(self.begins)})")
        if self.to_attempt is not None and self.to_attempt < self.from_attempt:
            raise UsageError(f"begins with attempt {self.from_attempt} and ends with {self.to_attempt}")
        if not (self.has_dates or self.has_attempts):
            raise UsageError("always holds: give it a date or an attempt, or say `level` without a rule")

    @property
    def has_dates(self) -> bool:
        """Whether it depends on when something was handed in."""
        return self.begins is not None or self.ends is not None

    @property
    def has_attempts(self) -> bool:
        """Whether it depends on which attempt it is."""
        return self.from_attempt > 1 or self.to_attempt is not None

    def holds(self, moment: datetime, attempt: int) -> bool:
        """Tell whether it is about what was handed in at this moment, as this attempt."""
        return (
            (self.begins is None or self.begins <= moment)
            and (self.ends is None or moment < self.ends)
            and self.from_attempt <= attempt
            and (self.to_attempt is None or attempt <= self.to_attempt)
        )

    def overlap(self, other: HintRule) -> str | None:
        """Say for what both rules would hold; None if they are never about the same hand-in."""
        begins = max((one for one in (self.begins, other.begins) if one is not None), default=None)
        ends = min((one for one in (self.ends, other.ends) if one is not None), default=None)
        first = max(self.from_attempt, other.from_attempt)
        last = min((one for one in (self.to_attempt, other.to_attempt) if one is not None), default=None)
        if (begins is not None and ends is not None and begins >= ends) or (
            last is not None and last < first
        ):
            return None
        when = [f"from {said(begins)}"] if begins is not None else []
        when += [f"until {said(ends)}"] if ends is not None else []
        return " ".join([f"attempt {first}", *when])


@dataclass(frozen=True)
class HintPolicy:
    """How much a course tells its students.

    Attributes:
        level: where no rule says otherwise.
        counterexample: whether the smallest failing case is shown.
        rules: of which at most one holds for a hand-in, so that their order says nothing.

    Raises:
        UsageError: two rules hold for the same hand-in.
    """

    level: HintLevel = HintLevel.TERM
    counterexample: bool = True
    rules: Sequence[HintRule] = ()

    def __post_init__(self) -> None:
        """Refuse what depends on the order of the rules."""
        for (i, one), (j, other) in combinations(enumerate(self.rules, 1), 2):
            if both := one.overlap(other):
                raise UsageError(
                    f"rules {i} and {j} both hold for {both}: let one end where the other begins"
                )

    @property
    def has_dates(self) -> bool:
        """Whether it matters when something was handed in."""
        return any(rule.has_dates for rule in self.rules)

    @property
    def has_attempts(self) -> bool:
        """Whether it matters which attempt it is."""
        return any(rule.has_attempts for rule in self.rules)

    def at(self, moment: datetime, attempt: int) -> Shown:
        """Return what the student is shown of what was handed in.

        Args:
            moment: when, with an offset from UTC.
            attempt: which of the student's hand-ins it is, from 1.
        """
        level = next((rule.level for rule in self.rules if rule.holds(moment, attempt)), self.level)
        return Shown(level, self.counterexample)


def said(moment: datetime) -> str:
    """Write a moment as course.toml has it."""
    return moment.isoformat(timespec="auto")
