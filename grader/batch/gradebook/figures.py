"""How an assignment went: how the points are spread, and how often each problem and criterion was solved."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.batch.gradebook.grades import Grade
from grader.records import ProblemResult, Report
from grader.report import escape
from grader.report.points import as_text

_BINS = 10
_BAR_CHARS = 40
_MOST_REASONS = 3
_MOST_CRITERIA = 60
_NAME_CHARS = 50


@dataclass
class _Counts:
    """How often a criterion passed, failed and waits; why it failed, and how often it earns points then."""

    passed: int = 0
    failed: int = 0
    still_open: int = 0
    following: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class Figures:
    """The figures of one assignment. Counts reports one by one and keeps none of them."""

    def __init__(self) -> None:
        self._criteria: dict[tuple[str, str], _Counts] = {}
        self._order: dict[tuple[str, str], int] = {}
        self._places: dict[str, int] = {}

    def add(self, report: Report) -> None:
        """Count the criteria of a report on a hand-in that was graded."""
        for row, problem in enumerate(report.problems):
            self._count(problem, row)

    def parts(self, rows: Sequence[Grade]) -> list[list[str]]:
        """Write the lines of each part.

        Args:
            rows: all grades of the assignment, those included that were not graded.
        """
        return [_distribution(rows), _problems(rows), self._success()]

    def _count(self, problem: ProblemResult, row: int) -> None:
        self._places[problem.name] = min(row, self._places.get(problem.name, row))
        for position, criterion in enumerate(problem.criteria):
            key = (problem.name, criterion.name)
            counts = self._criteria.setdefault(key, _Counts())
            self._order[key] = min(position, self._order.get(key, position))
            if criterion.passed is None:
                counts.still_open += 1
            elif criterion.passed:
                counts.passed += 1
            else:
                counts.failed += 1
                counts.reasons[criterion.reason or "failed"] += 1
                counts.following += criterion.share > 0

    def _success(self) -> list[str]:
        """Tell of each criterion how many passed it, and what the others failed by."""
        if not self._criteria:
            return []
        lines = ["Passed, of those that were graded, by criterion:"]
        ordered = sorted(
            self._criteria.items(),
            key=lambda one: (self._places[one[0][0]], one[0][0], self._order[one[0]], one[0][1]),
        )
        problem = None
        for (name, criterion), counts in ordered[:_MOST_CRITERIA]:
            if name != problem:
                problem = name
                lines.append(f"  {_name(name)}")
            lines.append(f"    {_name(criterion):<28} {_passed(counts)}")
        if len(ordered) > _MOST_CRITERIA:
            lines.append(f"  ... and {len(ordered) - _MOST_CRITERIA} more criteria")
        return lines


def _distribution(rows: Sequence[Grade]) -> list[str]:
    """Write mean, median, quartiles and a histogram of the totals, without what still waits for a person."""
    totals = sorted(grade.total for grade in rows if grade.total is not None)
    if not totals:
        return []
    most = max(grade.max_total for grade in rows)
    first, median, third = _quartiles(totals)
    lines = [
        f"Points, of {as_text(most)}" + (" (some still wait for a person)" if _any_waits(rows) else "") + ":",
        f"  mean {as_text(math.fsum(totals) / len(totals))}, median {as_text(median)}, "
        f"quartiles {as_text(first)} and {as_text(third)}, "
        f"lowest {as_text(totals[0])}, highest {as_text(totals[-1])}",
    ]
    return lines + _histogram(totals, most)


def _any_waits(rows: Sequence[Grade]) -> bool:
    return any(grade.waiting for grade in rows)


def _quartiles(totals: Sequence[float]) -> tuple[float, float, float]:
    """Find the quartiles of a sorted list, by linear interpolation between its entries (R's type 7)."""
    if len(totals) == 1:
        return totals[0], totals[0], totals[0]
    first, median, third = statistics.quantiles(totals, n=4, method="inclusive")
    return first, median, third


def _histogram(totals: Sequence[float], most: float) -> list[str]:
    """Draw ten bars; the last takes full points in, and whatever is above them."""
    if most <= 0:
        return []
    counts = Counter(min(_BINS - 1, int(total * _BINS / most)) for total in totals)
    highest = max(counts.values())
    width = len(as_text(most))
    lines = []
    for number in range(_BINS):
        low, high = most * number / _BINS, most * (number + 1) / _BINS
        bar = "#" * math.ceil(counts[number] * _BAR_CHARS / highest)
        label = f"{as_text(low):>{width + 3}} - {as_text(high):<{width + 3}}"
        lines.append(f"  {label} {counts[number]:>5} {bar}".rstrip())
    return lines


def _problems(rows: Sequence[Grade]) -> list[str]:
    """Tell of each problem the mean and how many have all of it or nothing; what waits is left out."""
    places: dict[str, int] = {}  # in the order of the reports, whichever came first
    for grade in rows:
        for place, problem in enumerate(grade.problems):
            places[problem.name] = min(place, places.get(problem.name, place))
    if not places:
        return []
    lines = ["Problems:"]
    for name in sorted(places, key=lambda name: (places[name], name)):
        found = [problem for grade in rows for problem in grade.problems if problem.name == name]
        decided = [one for one in found if one.waiting is None and one.points is not None]
        waits = sum(one.waiting is not None for one in found)
        parts = []
        if decided:
            points = [one.points or 0.0 for one in decided]
            full = sum(one.points is not None and one.points >= one.max_points for one in decided)
            parts.append(f"mean {as_text(math.fsum(points) / len(points))} of {as_text(found[0].max_points)}")
            parts.append(f"{full} in full, {sum(point == 0 for point in points)} with nothing")
        if waits:
            parts.append(f"{waits} waiting for a person")
        lines.append(f"  {_name(name)}: {', '.join(parts) or 'no grade'}")
    return lines


def _passed(counted: _Counts) -> str:
    decided = counted.passed + counted.failed
    text = f"{counted.passed:>5} of {decided:<5} {100 * counted.passed / decided:>4.0f} %" if decided else ""
    if counted.reasons:
        common = sorted(counted.reasons.items(), key=lambda one: (-one[1], one[0]))[:_MOST_REASONS]
        text += "   failed by: " + ", ".join(f"{_name(reason)} {count}" for reason, count in common)
    if counted.following:
        text += f"   {counted.following} earn points as follow-through"
    if counted.still_open:
        text += f"   {counted.still_open} waiting for a person"
    return text.strip() if not decided else text


def _name(text: str) -> str:
    return escape.line(text, limit=_NAME_CHARS)
