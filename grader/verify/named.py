"""Whether the mistake of a mutant is named: by the causes that its report gives.

Only mutants that are wrong in their values alone count. A cause is false if it does not hold on fresh cases
too, or if it is said of another equation than that which a changed line defines, where that can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from grader.declaration import Loaded
from grader.equations import reading
from grader.errors import EquationError
from grader.records import Cause, Report, Status
from grader.verify.mutants import Mutant

ALONE = "alone"  # the reason of what is right, and counts only with something that is not


class Named(StrEnum):
    """What a report says of a mutant's mistake."""

    OTHERWISE = "it fails otherwise than by its values, or not at all"
    EXPLAINED = "all that is wrong is explained"
    ZERO = "all that is left is zeros"
    PART = "a part of what is wrong is explained"
    NOTHING = "nothing is explained"
    FALSE = "it is explained falsely"


@dataclass(frozen=True)
class Naming:
    """What came of some mutants.

    Attributes:
        each: mutant, where it is of ("model", "right/stacked"), and what its report says.
    """

    each: tuple[tuple[Mutant, str, Named], ...]

    def count(self, *of: Named) -> int:
        """How many there are of these."""
        return sum(one in of for *_, one in self.each)

    @property
    def wrong(self) -> int:
        """How many are wrong in their values alone."""
        return len(self.each) - self.count(Named.OTHERWISE)

    def __str__(self) -> str:
        """Return the figures, in a line."""
        if not self.wrong:
            return f"of {len(self.each)} none is wrong in its values alone"
        explained = self.count(Named.EXPLAINED)
        share = f"{100 * explained / self.wrong:.0f} %"
        return (
            f"of {self.wrong} plausible ones with wrong values {explained} explained ({share}), "
            f"{self.count(Named.PART)} in part, {self.count(Named.ZERO)} zeros, "
            f"{self.count(Named.NOTHING)} not, {self.count(Named.FALSE)} falsely"
        )


def named(assignment: Loaded, mutant: Mutant, report: Report, fresh: Sequence[Report]) -> Named:
    """Return what a report says of the mistake of a mutant.

    Args:
        assignment: what was asked.
        mutant: what was graded.
        report: on it.
        fresh: the reports on it with the cases of other seeds; needed where there is a cause.
    """
    judged = _judged(assignment)
    failing = [
        one
        for row in report.problems
        for one in row.criteria
        if one.passed is False and (row.name, one.name) not in judged
    ]
    wrong = [one for one in failing if one.reason != ALONE]
    if report.status is Status.REJECTED or not wrong or any(one.reason != "value" for one in wrong):
        return Named.OTHERWISE
    causes = _causes(report)
    if causes and (any(causes != _causes(one) for one in fresh) or _elsewhere(assignment, mutant, causes)):
        return Named.FALSE
    left = [one for one in wrong if one.cause is None]
    if not left:
        return Named.EXPLAINED
    if all("every entry is 0" in (one.hint or "") for one in left):
        return Named.ZERO
    return Named.PART if causes else Named.NOTHING


def _judged(assignment: Loaded) -> set[tuple[str, str]]:
    """Return the criteria that have a judge of their own: what they are wrong by is no array's values."""
    return {
        (problem.name, name)
        for problem in assignment.problems
        for check in problem.calls
        if check.is_judged
        for name in check.names
    }


def _causes(report: Report) -> frozenset[tuple[str, str, str, tuple[str, ...]]]:
    found: Iterable[Cause | None] = (one.cause for row in report.problems for one in row.criteria)
    return frozenset((one.equation, one.kind, one.mode, one.outputs) for one in found if one is not None)


def _elsewhere(
    assignment: Loaded, mutant: Mutant, causes: Iterable[tuple[str, str, str, tuple[str, ...]]]
) -> bool:
    """Whether a cause of forward is said of another equation than those that the changed lines are."""
    numbers = _numbers(assignment)
    changed = [numbers.get(letter, frozenset()) for letter in mutant.letters]
    said = {equation for equation, _, mode, _ in causes if mode in ("forward", "consistent") and equation}
    return bool(said) and bool(changed) and all(changed) and not said & frozenset().union(*changed)


def _numbers(assignment: Loaded) -> Mapping[str, frozenset[str]]:
    """Letter -> the numbers of the statement's equations that define it: one for each cell that has it."""
    file = assignment.folder / "statement.md"
    try:
        found = reading.numbered(file.read_text(encoding="utf-8"), str(file))
    except (EquationError, OSError):  # a statement that has none
        return {}
    letters = {letter for one in found for letter in one.left}
    return {letter: frozenset(one.number for one in found if letter in one.left) for letter in letters}
