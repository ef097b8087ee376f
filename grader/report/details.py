"""What is wrong with one problem: each fact once, its traceback once, and the smallest failing case."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.records import Counterexample, CriterionResult, ProblemResult
from grader.report import curve, outline
from grader.report.page import Page, Style

_MOST_NAMES = 20
_NAME_CHARS = 60
_MOST_PLACES = 3
_MOST_LINES = 120  # of what is to be pasted: a case that is small enough to be shown has fewer


def explain(page: Page, problem: ProblemResult) -> None:
    """Put below a problem's rows what its criteria have to say; nothing when all is well."""
    facts(page, problem)
    own_gradient(page, problem)
    example(page, problem)
    curves(page, problem)


def own_gradient(page: Page, problem: ProblemResult) -> None:
    """Put whether wrong gradients are those of the student's own forward, and what they earn for it."""
    said = outline.about_own_gradients(problem.criteria)
    if said:
        page.gap()
    for sentence in said:
        page.prose(sentence, indent=2, style=Style.HINT)


def facts(page: Page, problem: ProblemResult) -> None:
    """Put what its criteria say in words: each fact once, with its hint and the student's own traceback."""
    told = [one for one in problem.criteria if one.message or one.hint or one.traceback]
    seen_tracebacks: set[str] = set()
    hint_before: str | None = None
    for group in _groups(told):
        page.gap()
        _fact(page, group, everything=len(group) == len(told))
        if group[0].hint != hint_before:
            page.hint(group[0].hint, indent=2)
        hint_before = group[0].hint
        traceback = group[0].traceback
        if group[0].file is not None and not traceback:
            page.line(f"  at {page.path(group[0].file)}{page.at(group[0].line, group[0].cell)}")
        _assigned(page, group)
        if traceback and traceback not in seen_tracebacks:
            seen_tracebacks.add(traceback)
            page.block(traceback, head=6, tail=14, before="  | ")


def example(page: Page, problem: ProblemResult) -> None:
    """Put the first smallest failing case of its criteria, as lines of Python."""
    for criterion in problem.criteria:
        if criterion.counterexample is not None and criterion.passed is not True:
            page.gap()
            _counterexample(page, criterion.name, criterion.counterexample)
            break


def curves(page: Page, problem: ProblemResult) -> None:
    """Put the pictures of its criteria."""
    for criterion in problem.criteria:
        if criterion.curve is not None:
            page.gap()
            page.prose(f"{criterion.curve.title}:", indent=2)
            page.block("\n".join(curve.as_text(criterion.curve)), head=curve.ROWS + 1)


def _groups(criteria: Sequence[CriterionResult]) -> list[list[CriterionResult]]:
    """Group criteria of one cause, or that say the same, their own names aside; the first ones keep order."""
    groups: dict[object, list[CriterionResult]] = {}
    for one in criteria:
        words = (_anonymous(one.message, one.name), _anonymous(one.hint, one.name))
        if one.cause is not None:  # one mistake is told once, whatever it makes of each array
            groups.setdefault(one.cause, []).append(one)
            continue
        key = (*words, one.traceback, one.file, one.line, one.cell)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _anonymous(text: str | None, name: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "\0", text) if text and name else text or ""


def _fact(page: Page, group: Sequence[CriterionResult], *, everything: bool) -> None:
    """Put the message that a group shares, with whose it is unless that is plain."""
    first = group[0]
    message = first.message or "see below"
    names_itself = _anonymous(message, first.name) != message
    if first.cause is not None:
        page.prose(message if names_itself else f"{_names(page, [first])}: {message}", indent=2)
        if len(group) > 1:
            page.prose(f"{_names(page, group[1:])} {'are' if len(group) > 2 else 'is'} wrong, too.", indent=2)
        return
    if not names_itself and not (everything and len(group) > 1):
        message = f"{_names(page, group)}: {message}"
    page.prose(message, indent=2)
    if names_itself and len(group) > 1:
        page.prose(f"The same goes for {_names(page, group[1:])}.", indent=2)


def _assigned(page: Page, group: Sequence[CriterionResult]) -> None:
    """Put where the first arrays of a group are assigned, each place once."""
    places = {one.assigned: one.name for one in reversed(group) if one.assigned is not None}
    for place, name in list(reversed(places.items()))[:_MOST_PLACES]:
        at = f"{page.path(place.file)}{page.at(place.line, place.cell)}"
        page.line(f"  {page.name(name, _NAME_CHARS)} is assigned at {at}")


def _names(page: Page, criteria: Sequence[CriterionResult]) -> str:
    names = ", ".join(page.name(one.name, _NAME_CHARS) for one in criteria[:_MOST_NAMES])
    more = len(criteria) - _MOST_NAMES
    return f"{names} and {more} more" if more > 0 else names


def _counterexample(page: Page, name: str, example: Counterexample) -> None:
    """Put a block that is valid Python when it is pasted as a whole: no indent, and words as comments."""
    page.line(f"# Try it: the smallest case where {name} fails ({example.case})", Style.FAINT)
    page.block("\n".join(example.call), head=_MOST_LINES)
    if example.raises is not None:
        _array(page, "raises", example.raises)
    else:
        _array(page, "yours:   ", "nothing" if example.yours is None else example.yours)
    _array(page, "expected:", example.expected)


def _array(page: Page, title: str, letters: str) -> None:
    if "\n" in letters.strip("\n"):
        page.line(f"# {title.strip()}", Style.FAINT)
        page.block(letters.strip("\n"), head=20, tail=5, before="#   ", style=Style.FAINT)
    else:
        page.line(f"# {title} {letters}", Style.FAINT)
