"""A report as its reader gets it: with as much of what is known of the mistakes as they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from grader.declaration import Assignment, HintLevel
from grader.hints.policy import Shown
from grader.records import Cause, CriterionResult, FailureKind, Finding, ProblemResult, Report, notice

FROM: Mapping[str, HintLevel] = {
    **dict.fromkeys(("name", "passed", "points", "max_points", "message", "reason"), HintLevel.ARRAYS),
    **dict.fromkeys(("file", "line", "cell", "traceback", "method", "curve", "attached"), HintLevel.ARRAYS),
    "counterexample": HintLevel.ARRAYS,  # a fact, and no hint; a course can leave it out all the same
    "assigned": HintLevel.EQUATION,  # where to look
    "cause": HintLevel.EQUATION,  # without its term: `_place`
    "pattern": HintLevel.EQUATION,  # where to look; but see `FORMAL`
    "own_gradient": HintLevel.EQUATION,  # which of the two ways to mend; what earns points is always shown
    "hint": HintLevel.TERM,  # but see `FORMAL`
}
"""Each field of a criterion, and from which level on a student is shown it. What is not here is a hint."""

FORMAL = frozenset({*FailureKind, "missing", "dtype", "broken"})
"""Reasons for which there was nothing to compare: a hint then is about Python, and shown at every level."""

KEPT_BACK = {
    HintLevel.ARRAYS: "this report says which arrays are wrong, and not what else is known of the mistakes",
    HintLevel.EQUATION: "this report says where mistakes are, as far as that is known, and not what they are",
}
DERIVED, DECIDED = "the derivation is what is graded", "so the course has decided"

_BACK, _OR = "on the way back", ", or when "
_PLACES = {
    "forward": "in forward",
    "consistent": "in forward",
    "backward": _BACK,
    "borrowed": _BACK,
    "output": "in what is handed back",
    "given": "in what is made of the arrays that are handed in",
    "loop": "in the loop around the cell",
}
_NUMBERS = re.compile(r"Eq\. (\(\w+\)(?:(?:, | and )\(\w+\))*)")


def for_student(report: Report, assignment: Assignment | None, shown: Shown) -> Report:
    """Return the report as the student gets it; where all of it is shown, that very report.

    Args:
        report: with all that is known.
        assignment: what was graded, which may grant less than the course; None if it was not recognised.
        shown: what the course shows.
    """
    most = _most(report, assignment)
    rows: list[ProblemResult] = []
    kept_back: dict[tuple[HintLevel, str], dict[str, None]] = {}
    for row in report.problems:
        criteria = []
        for one in row.criteria:
            at_most = most[row.name, one.name]
            level = min(shown.level, at_most)
            criteria.append(_shown(one, level, shown))
            if level < HintLevel.TERM and _is_less(criteria[-1], one):
                why = DERIVED if at_most < shown.level else DECIDED
                kept_back.setdefault((level, why), {}).setdefault(row.name, None)
        rows.append(_row(row, criteria))
    told = [_told(level, why, list(names)) for (level, why), names in kept_back.items()]
    if tuple(rows) == report.problems:
        return report
    return replace(report, problems=tuple(rows), findings=(*report.findings, *told))


def for_staff(report: Report) -> Report:
    """Return the report as those who teach get it: with all that is known, whatever the course decides."""
    return for_student(report, None, Shown(HintLevel.ALL))


def _most(report: Report, assignment: Assignment | None) -> Mapping[tuple[str, str], HintLevel]:
    """Return the most that is told of each criterion, by its problem and its name.

    A mistake that explains something of which all is told as well is no secret any more.
    """
    declared = {
        (problem.name, name): check.hints
        for problem in (assignment.problems if assignment is not None else ())
        for check in problem.calls
        for name in check.names
    }
    found = [((row.name, one.name), one.cause) for row in report.problems for one in row.criteria]
    told = {cause for key, cause in found if cause and declared.get(key, HintLevel.ALL) is HintLevel.ALL}
    return {key: HintLevel.ALL if cause in told else declared.get(key, HintLevel.ALL) for key, cause in found}


def _row(row: ProblemResult, criteria: list[CriterionResult]) -> ProblemResult:
    return row if tuple(criteria) == row.criteria else replace(row, criteria=tuple(criteria))


def _shown(one: CriterionResult, level: HintLevel, shown: Shown) -> CriterionResult:
    """Return a criterion with what is shown of it."""
    held_back: dict[str, Any] = {
        field.name: field.default
        for field in fields(CriterionResult)
        if FROM.get(field.name, HintLevel.TERM) > level
    }
    if one.reason in FORMAL:
        held_back = {name: value for name, value in held_back.items() if name not in ("hint", "pattern")}
    if one.share:
        held_back.pop("own_gradient", None)
    if not shown.counterexample:
        held_back["counterexample"] = None
    if one.cause is not None and level is HintLevel.EQUATION:
        place = _place(one.cause)
        held_back |= {"cause": place, "hint": place.says}
    if one.cause is not None and level is HintLevel.ALL:
        named = replace(one.cause, says=f"{one.cause.says} {_catalogued(one.cause)}")
        held_back |= {"cause": named, "hint": named.says if one.hint == one.cause.says else one.hint}
    return replace(one, **held_back)


def _is_less(shown: CriterionResult, one: CriterionResult) -> bool:
    """Tell whether something known of a mistake is not shown."""
    lost = any(getattr(shown, name) != getattr(one, name) for name in ("hint", "pattern", "own_gradient"))
    return lost or shown.cause != one.cause


def _place(cause: Cause) -> Cause:
    """Return where a mistake is, without what it is."""
    is_ = "is most likely" if _OR in cause.says else "is"  # no case tells which of two it is
    return replace(cause, says=f"The mistake {is_} {_where(cause)}.", kind="")


def _where(cause: Cause) -> str:
    place = _PLACES.get(cause.mode, "not in one equation alone")
    if not cause.equation:
        return place
    # A mistake that was made in several equations has the first as its own, and names all of them.
    named = [one for some in _NUMBERS.findall(cause.says) for one in re.findall(r"\((\w+)\)", some)]
    numbers = [f"({one})" for one in dict.fromkeys([cause.equation, *named])]
    several = "or" if _OR in cause.says else "and"
    equations = (
        f"Eq. {f' {several} '.join([', '.join(numbers[:-1]), numbers[-1]] if numbers[1:] else numbers)}"
    )
    if cause.mode == "loop":  # around the cell, a line of either way
        return f"in {equations}, or {_BACK} through it"
    return f"{_BACK} through {equations}" if place == _BACK else f"in {equations}"


def _catalogued(cause: Cause) -> str:
    """Return what the catalogue of mistakes calls this one."""
    number = f", Eq. ({cause.equation})" if cause.equation else ""
    return f"In the catalogue: {cause.kind}; {_PLACES.get(cause.mode, cause.mode)}{number}."


def _told(level: HintLevel, why: str, names: list[str]) -> Finding:
    """Say that not all is shown, and why."""
    return notice(f"{', '.join(names)}: {KEPT_BACK[level]}: {why}.")
