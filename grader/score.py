"""From criteria to points: the gradebook's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from grader.assigned import Assigned, place
from grader.criteria import as_judged, criterion, notices
from grader.declaration import Check, Person, Problem, Reading, Rule
from grader.records import CriterionResult, Finding, Method, ProblemResult, earned
from grader.snippet import Source
from grader.verdicts import Ruling, Verdict

WITHHELD = "withheld"  # the reason of what is right, and for which the course gives nothing
ALONE = "alone"  # the reason of what is right, and counts only with something that is not


@dataclass(frozen=True)
class Beside:
    """What is known of a hand-in beside its answers.

    Attributes:
        files: by wanted path: path in the hand-in and content of the files that are there.
        methods: by name: where the student's functions and methods are.
        assigned: by name: what they assign, and where.
        source: what a snippet to try a failing case with must know of the hand-in.
        main: path of the main file; "" if there is none.
        facts: what was found in it before any of it ran; nothing where it could not be read.
    """

    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    methods: Mapping[str, Method] = field(default_factory=dict)
    assigned: Assigned = field(default_factory=dict)
    source: Source | None = None
    main: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def scored(
    problem: Problem,
    found: Mapping[tuple[str, str], Sequence[Verdict | Ruling]],
    beside: Beside = Beside(),
) -> tuple[ProblemResult, tuple[Finding, ...]]:
    """Score one problem.

    A criterion counts when it holds in every case, or, where sizes of 1 are only told, in every other one.
    Points are maximum x passed / total, computed exactly.

    Args:
        problem: what is judged.
        found: by `Check.key`: what came of each of the check's outputs, in order.
        beside: what else is known of the hand-in.

    Returns:
        The gradebook's row, and notices: what is worth knowing of criteria that hold, and costs nothing.
    """
    total = Fraction(str(problem.points))  # the decimal that the declaration says: 0.3 is three tenths
    share = float(total / len(problem.criteria))
    criteria: list[CriterionResult] = []
    findings: list[Finding] = []
    for check in problem.checks:
        match check:
            case Person():
                criteria.append(CriterionResult(check.name, None, 0.0, share, check.task))
            case Reading():
                criteria.append(as_judged(check.name, check.read(beside.files), share))
            case Rule():
                judged, said = check.read(beside.main, beside.facts)
                criteria.append(as_judged(check.name, judged, share))
                findings += said
            case Check():
                mine = found[check.key]
                criteria += [
                    _placed(criterion(check, one, share, beside.methods, beside.source), check, one, beside)
                    for one in mine
                ]
                findings += notices(mine, beside.source)
    return _row(problem, _held_together(problem, criteria)), tuple(findings)


def _placed(
    result: CriterionResult, check: Check, found: Verdict | Ruling, beside: Beside
) -> CriterionResult:
    """Say where a wrong array is assigned; of what raised, the place where it did is known better."""
    if isinstance(found, Ruling):  # what a judge says of a cell is said of the notebook that is graded
        return replace(result, file=result.file or beside.main) if result.cell is not None else result
    if result.passed is not False or result.file is not None:
        return result
    return replace(result, assigned=place(check, found.output, beside.assigned))


def _row(problem: Problem, criteria: Sequence[CriterionResult]) -> ProblemResult:
    """Return the gradebook's row: the maximum x passed / total, computed exactly."""
    points = earned(problem.points, criteria)
    return ProblemResult(problem.name, points, float(problem.points), tuple(criteria))


def _held_together(problem: Problem, criteria: Sequence[CriterionResult]) -> list[CriterionResult]:
    """Return the criteria, those that count only with others failed where one of these did not hold."""
    needs = {output.name: output.only_with for check in problem.calls for output in check.outputs}
    held = {criterion.name for criterion in criteria if criterion.passed}
    return [_with_others(criterion, needs.get(criterion.name, ()), held) for criterion in criteria]


def _with_others(criterion: CriterionResult, needs: Sequence[str], held: set[str]) -> CriterionResult:
    lacking = ", ".join(name for name in needs if name not in held)
    if not criterion.passed or not lacking:
        return criterion
    message = f"it is right, and earns nothing: it counts only with {lacking}, which did not hold"
    return replace(criterion, passed=False, points=0.0, message=message, reason=ALONE)


def withheld(problem: Problem, row: ProblemResult, because: Mapping[str, tuple[bool, str]]) -> ProblemResult:
    """Take the points from a row for what certain functions answered, though it is right.

    Args:
        problem: what was judged.
        row: what came of it.
        because: function or method of the student's -> whether a person decides (or else it fails), and why.
    """
    criteria = []
    for one in row.criteria:
        person, why = because.get(one.method.name if one.method and one.passed else "", (None, ""))
        if person is not None:
            reason = None if person else WITHHELD
            one = replace(one, passed=None if person else False, points=0.0, message=why, reason=reason)
        criteria.append(one)
    return _row(problem, criteria)


def person_decides(problem: Problem, message: str) -> ProblemResult:
    """Make the row of a problem that waits for a person as a whole, and say why."""
    share = float(Fraction(str(problem.points)) / len(problem.criteria))
    criteria = tuple(CriterionResult(name, None, 0.0, share, message) for name in problem.criteria)
    return ProblemResult(problem.name, 0.0, float(problem.points), criteria)
