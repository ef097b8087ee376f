"""`summary.txt`: the class on a page, the same bytes for the same outcomes.

How the points are spread, what was solved and what not and why, and who needs a person. Whatever students
wrote, their names included, is made harmless to print. No time, no host and no order of arrival is in it.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.batch import grades, marks
from grader.batch.grades import Grade
from grader.batch.marks import Overruled
from grader.batch.students import Student
from grader.batch.words import Entry, Ignored, Outcome
from grader.report import escape
from grader.report.points import letters

_BINS = 10
_BAR_CHARS = 40
_MOST_REASONS = 3
_MOST_CRITERIA = 60
_NAME_CHARS = 50
_SENTENCE_CHARS = 300


@dataclass(frozen=True)
class Remarks:
    """What is to be told beside the outcomes.

    Attributes:
        platforms: whose names the hand-ins had.
        ignored: what was not graded.
        superseded: hand-ins in whose place another one counts.
        unmatched: hand-ins of nobody on the list of students.
        absent: students without a hand-in.
        overruled: marks in place of what the grader had decided.
    """

    platforms: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    superseded: tuple[Ignored, ...] = ()
    unmatched: tuple[Entry, ...] = ()
    absent: tuple[Student, ...] = ()
    overruled: tuple[Overruled, ...] = ()


def render(outcomes: Iterable[Outcome], remarks: Remarks | None = None) -> str:
    """The summary of these outcomes."""
    summary = Summary()
    for outcome in outcomes:
        summary.add(outcome)
    return summary.render(remarks)


@dataclass
class _Tally:
    """How often a criterion passed, failed and waits, and why it failed."""

    passed: int = 0
    failed: int = 0
    still_open: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class Summary:
    """Counts outcomes one by one and keeps none of their reports."""

    def __init__(self) -> None:
        self._grades: list[Grade] = []
        self._criteria: dict[tuple[str, str], _Tally] = {}
        self._order: dict[tuple[str, str], int] = {}
        self._places: dict[str, int] = {}
        self._not_isolated: dict[tuple[str, ...], list[str]] = {}

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self._grades.append(grades.of(outcome))
        isolation = outcome.report["isolation"]
        if isolation is not None and not isolation["isolated"]:
            self._not_isolated.setdefault(tuple(isolation["off"]), []).append(outcome.entry.student)
        if outcome.report["status"] == "graded":
            for row, problem in enumerate(outcome.report["problems"]):
                self._count(problem, row)

    def render(self, remarks: Remarks | None = None) -> str:
        """The summary as text that ends with a newline."""
        told = remarks or Remarks()
        rows = sorted(self._grades, key=lambda grade: (grade.student, grade.version))
        parts = [
            _head(rows, told),
            _distribution(rows),
            _problems(rows),
            self._success(),
            _needs_a_person(rows, told, self._not_isolated),
            _left_out(told),
        ]
        return "\n".join("\n".join(lines) + "\n" for lines in parts if lines)

    def _count(self, problem: Mapping[str, Any], row: int) -> None:
        self._places[problem["name"]] = min(row, self._places.get(problem["name"], row))
        for position, criterion in enumerate(problem["criteria"]):
            key = (problem["name"], criterion["name"])
            tally = self._criteria.setdefault(key, _Tally())
            self._order[key] = min(position, self._order.get(key, position))
            if criterion["passed"] is None:
                tally.still_open += 1
            elif criterion["passed"]:
                tally.passed += 1
            else:
                tally.failed += 1
                tally.reasons[criterion["reason"] or "failed"] += 1

    def _success(self) -> list[str]:
        """Of each criterion, how many passed it, and what the others failed by."""
        if not self._criteria:
            return []
        lines = ["Passed, of those that were graded, by criterion:"]
        ordered = sorted(
            self._criteria.items(),
            key=lambda one: (self._places[one[0][0]], one[0][0], self._order[one[0]], one[0][1]),
        )
        problem = None
        for (name, criterion), tally in ordered[:_MOST_CRITERIA]:
            if name != problem:
                problem = name
                lines.append(f"  {_name(name)}")
            lines.append(f"    {_name(criterion):<28} {_passed(tally)}")
        if len(ordered) > _MOST_CRITERIA:
            lines.append(f"  ... and {len(ordered) - _MOST_CRITERIA} more criteria")
        return lines


def _head(rows: Sequence[Grade], told: Remarks) -> list[str]:
    titles = sorted({grade.title or grade.assignment or "assignment unknown" for grade in rows})
    by_status = Counter(grade.status for grade in rows)
    lines = [_sentence(title) for title in titles]
    students = len({grade.student for grade in rows})
    lines.append(f"{_count(len(rows), 'hand-in')} of {_count(students, 'student')}")
    final = sum(grade.is_final for grade in rows)
    lines.append(
        f"{by_status['graded']} graded, {by_status['rejected']} rejected (0 points), "
        f"{by_status['error']} on which the grader failed (no grade); {final} final"
    )
    if told.platforms:
        lines.append(f"Names read as written by: {', '.join(told.platforms)}")
    return lines


def _distribution(rows: Sequence[Grade]) -> list[str]:
    """Mean, median, quartiles and a histogram of the totals, without what still waits for a person."""
    totals = sorted(grade.total for grade in rows if grade.total is not None)
    if not totals:
        return []
    most = max(grade.max_total for grade in rows)
    first, median, third = _quartiles(totals)
    lines = [
        f"Points, of {letters(most)}" + (" (some still wait for a person)" if _any_waits(rows) else "") + ":",
        f"  mean {letters(math.fsum(totals) / len(totals))}, median {letters(median)}, "
        f"quartiles {letters(first)} and {letters(third)}, "
        f"lowest {letters(totals[0])}, highest {letters(totals[-1])}",
    ]
    return lines + _histogram(totals, most)


def _any_waits(rows: Sequence[Grade]) -> bool:
    return any(grade.waiting for grade in rows)


def _quartiles(totals: Sequence[float]) -> tuple[float, float, float]:
    """Of a sorted list, by linear interpolation between its entries (R's type 7)."""
    if len(totals) == 1:
        return totals[0], totals[0], totals[0]
    first, median, third = statistics.quantiles(totals, n=4, method="inclusive")
    return first, median, third


def _histogram(totals: Sequence[float], most: float) -> list[str]:
    """Ten bars; the last takes full points in, and whatever is above them."""
    if most <= 0:
        return []
    counts = Counter(min(_BINS - 1, int(total * _BINS / most)) for total in totals)
    highest = max(counts.values())
    width = len(letters(most))
    lines = []
    for number in range(_BINS):
        low, high = most * number / _BINS, most * (number + 1) / _BINS
        bar = "#" * math.ceil(counts[number] * _BAR_CHARS / highest)
        label = f"{letters(low):>{width + 3}} - {letters(high):<{width + 3}}"
        lines.append(f"  {label} {counts[number]:>5} {bar}".rstrip())
    return lines


def _problems(rows: Sequence[Grade]) -> list[str]:
    """Of each problem, the mean and how many have all of it or nothing; what waits is left out."""
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
            parts.append(f"mean {letters(math.fsum(points) / len(points))} of {letters(found[0].max_points)}")
            parts.append(f"{full} in full, {sum(point == 0 for point in points)} with nothing")
        if waits:
            parts.append(f"{waits} waiting for a person")
        lines.append(f"  {_name(name)}: {', '.join(parts) or 'no grade'}")
    return lines


def _passed(tally: _Tally) -> str:
    decided = tally.passed + tally.failed
    text = f"{tally.passed:>5} of {decided:<5} {100 * tally.passed / decided:>4.0f} %" if decided else ""
    if tally.reasons:
        common = sorted(tally.reasons.items(), key=lambda one: (-one[1], one[0]))[:_MOST_REASONS]
        text += "   failed by: " + ", ".join(f"{_name(reason)} {count}" for reason, count in common)
    if tally.still_open:
        text += f"   {tally.still_open} waiting for a person"
    return text.strip() if not decided else text


def _needs_a_person(
    rows: Sequence[Grade], told: Remarks, not_isolated: Mapping[tuple[str, ...], Sequence[str]]
) -> list[str]:
    lines: list[str] = []
    ours = [_reason(grade) for grade in rows if grade.total is None]
    lines += _section("The grader failed on these; run it again, or mark them by hand", ours)
    waiting = [
        f"{_name(one.student)}: {_name(one.problem)} ({letters(one.max_points)} points): {_sentence(one.why)}"
        for one in marks.waiting(rows)
    ]
    lines += _section("A person decides", waiting)
    rejected = [_reason(grade) for grade in rows if grade.status == "rejected"]
    lines += _section("Rejected, 0 points; read why before that counts", rejected)
    for layers, students in sorted(not_isolated.items()):
        title = f"NOT ISOLATED ({'; '.join(_sentence(layer) for layer in layers)})"
        lines += _section(title, [_name(student) for student in sorted(students)])
    lines += _section("The same files handed in by several", _identical(rows))
    overruled = [
        f"{_name(one.student)}: {_name(one.problem)}: {letters(one.mark)} in place of "
        f"{'no grade' if one.points is None else letters(one.points)}: {_sentence(one.comment)}"
        for one in sorted(told.overruled, key=lambda one: (one.student, one.problem))
    ]
    lines += _section("Marks in place of what the grader decided", overruled)
    return ["Who needs a person", "==================", *lines] if lines else ["Nobody needs a person."]


def _identical(rows: Sequence[Grade]) -> list[str]:
    groups = {tuple(sorted({grade.student, *grade.identical})) for grade in rows if grade.identical}
    return [", ".join(_name(student) for student in group) for group in sorted(groups)]


def _left_out(told: Remarks) -> list[str]:
    absent = [
        f"{_name(one.student)}{f' ({_name(one.name)})' if one.name else ''}"
        for one in sorted(told.absent, key=lambda one: one.student)
    ]
    lines = _section("No hand-in", absent)
    unmatched = sorted({f"{_name(entry.student)}: {_name(entry.path.name)}" for entry in told.unmatched})
    lines += _section("Not on the list of students", unmatched)
    lines += _section("Another version counts", _paths(told.superseded))
    return lines + _section("Not graded", _paths(told.ignored))


def _paths(ignored: Iterable[Ignored]) -> list[str]:
    return sorted({f"{_sentence(one.path)} {_sentence(one.reason)}" for one in ignored})


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title}: {len(lines)}", *(f"  {line}" for line in lines)] if lines else []


def _reason(grade: Grade) -> str:
    return f"{_name(grade.student)} ({_name(grade.hand_in)}): {_sentence(grade.message or 'no reason')}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _name(text: str) -> str:
    return escape.line(text, limit=_NAME_CHARS)


def _sentence(text: str) -> str:
    return escape.line(text, limit=_SENTENCE_CHARS)
