"""What is wrong with one problem: a block for each mistake, what explains it first; and the smallest case.

A block has all criteria of one cause, or all that say the same. Nothing is told twice on a page: a mistake,
a traceback or an example that stands under an earlier problem is only named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.records import CriterionResult, ProblemResult, SourceLine
from grader.report import curve, try_it
from grader.report.outline import UNDECIDED, about_own_gradients, are, listed
from grader.report.page import Page, Style
from grader.report.points import as_text

_MOST_NAMES = 20
_NAME_CHARS = 60
_MOST_PLACES = 6
_INDENT = 2
_ARRAYS = ("value", "shape", "finite")  # reasons of arrays that are there: their numbers differ
_UNSAID = {True: "right", False: "it did not hold", None: UNDECIDED}
MARKS = {
    True: ("ok    ", Style.GOOD),
    False: ("FAIL  ", Style.BAD),
    None: ("?     ", Style.OPEN),
}


@dataclass(frozen=True)
class _Block:
    """Criteria of a problem of which the same is to be told.

    Attributes:
        criteria: in their order.
        share: what they are worth, in words, where there are other blocks; else "".
        is_all: whether the problem has no others.
    """

    criteria: tuple[CriterionResult, ...]
    share: str
    is_all: bool

    @property
    def first(self) -> CriterionResult:
        """The first of them, which has what they share."""
        return self.criteria[0]


def explain(
    page: Page, problem: ProblemResult, before: Sequence[ProblemResult] = (), *, marked: bool = False
) -> None:
    """Put below a problem's row what its criteria have to say; nothing when all is well.

    Args:
        page: where it is put.
        problem: the problem, with the criteria to tell of.
        before: the problems above it on the page.
        marked: put before each block whether it is wrong, and behind it what it is worth if there are others.
    """
    facts(page, problem, before, marked=marked)
    own_gradient(page, problem)
    example(page, problem, before)
    curves(page, problem)
    attached(page, problem)


def facts(
    page: Page, problem: ProblemResult, before: Sequence[ProblemResult] = (), *, marked: bool = False
) -> None:
    """Put what its criteria say in words: see `explain`."""
    above = _Above(before)
    for block in _blocks(problem):
        _put(page, block, above, marked)


def own_gradient(page: Page, problem: ProblemResult) -> None:
    """Put whether wrong gradients are those of the student's own forward, and what they earn for it."""
    for sentence in about_own_gradients(problem.criteria):
        page.prose(sentence, indent=2, style=Style.HINT)


def example(page: Page, problem: ProblemResult, before: Sequence[ProblemResult] = ()) -> None:
    """Put the first smallest failing case of its criteria, as lines of Python; one for a mistake."""
    shown = {one.cause for row in before for one in row.criteria if one.cause and one.counterexample}
    for criterion in problem.criteria:
        if criterion.counterexample is None or criterion.passed is True:
            continue
        if criterion.cause not in shown:
            page.gap()
            try_it.put(page, criterion.name, criterion.counterexample)
            break


def curves(page: Page, problem: ProblemResult) -> None:
    """Put the pictures of its criteria."""
    for criterion in problem.criteria:
        if criterion.curve is not None:
            page.gap()
            page.prose(f"{criterion.curve.title}:", indent=2)
            page.block("\n".join(curve.as_text(criterion.curve)), head=curve.ROWS + 1)


def attached(page: Page, problem: ProblemResult) -> None:
    """Name the files that came of its criteria."""
    found = [one for criterion in problem.criteria for one in criterion.attached]
    if found:
        page.gap()
        page.prose(
            f"Beside this report: {', '.join(f'{one.name} ({one.size_bytes:,} bytes)' for one in found)}.",
            indent=2,
        )


def has_more(problem: ProblemResult) -> bool:
    """Whether something stands below a problem's row."""
    return any(map(_is_told, problem.criteria)) or any(
        one.curve is not None or one.attached or (one.counterexample is not None and one.passed is not True)
        for one in problem.criteria
    )


def why(criterion: CriterionResult) -> list[str]:
    """List the sentences on one criterion alone, in the order in which they are told."""
    cause = criterion.cause.says if criterion.cause is not None else None
    told = [cause, criterion.message, criterion.pattern, criterion.hint if criterion.hint != cause else None]
    return [one for one in told if one]


# --- blocks


class _Above:
    """What stands on the page already."""

    def __init__(self, before: Sequence[ProblemResult]) -> None:
        self.causes = {one.cause: row.name for row in reversed(before) for one in row.criteria if one.cause}
        self.tracebacks = {one.traceback for row in before for one in row.criteria if one.traceback}
        self.hint: str | None = None  # of the block before


def _is_told(one: CriterionResult) -> bool:
    return one.passed is not True or bool(one.message or one.hint or one.traceback)


def _blocks(problem: ProblemResult) -> list[_Block]:
    """Group criteria of one cause, or of which the same is to be told; the first ones keep order."""
    found = _alike(filter(_is_told, problem.criteria), _key)
    several = sum(group[0].passed is not True for group in found) > 1
    return [_block(group, several, len(group) == len(problem.criteria)) for group in found]


def _alike(
    criteria: Iterable[CriterionResult], key: Callable[[CriterionResult, str], object]
) -> list[list[CriterionResult]]:
    """Group criteria by a key that is made with their names or without: either will do.

    "self.dWx was never set" is said of others in their names, and "returned None, not dx and dh" of both.
    """
    groups: list[list[CriterionResult]] = []
    known: dict[object, list[CriterionResult]] = {}
    for one in criteria:
        keys = [key(one, one.name), key(one, "")]
        group = next((known[one] for one in keys if one in known), None)
        if group is None:
            groups.append(group := [])
        group.append(one)
        known.update(dict.fromkeys(keys, group))
    return groups


def _block(group: Sequence[CriterionResult], several: bool, is_all: bool) -> _Block:
    if (cause := group[0].cause) is not None:  # a table's entry comes after the array that it is of
        group = sorted(group, key=lambda one: one.name not in cause.outputs)
    points, earned = as_text(sum(one.max_points for one in group)), sum(one.points for one in group)
    worth = f"{as_text(earned)} of {points} points" if earned else f"{points} point{'s' * (points != '1')}"
    share = f"({worth})" if several or earned else ""
    return _Block(tuple(group), share if group[0].passed is not True else "", is_all)


def _key(one: CriterionResult, name: str) -> object:
    """Return what is the same for all criteria of a block; a name is left out of what is said."""
    if one.cause is not None:  # one mistake is told once, whatever it makes of each array
        return one.cause
    is_array = one.passed is False and one.reason in _ARRAYS
    said = one.reason if is_array else _anonymous(one.message, name)
    hint = _anonymous(one.hint, name)
    return one.passed, said, hint, one.pattern, one.traceback, one.file, one.line, one.cell


def _anonymous(text: str | None, name: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "\0", text) if text and name else text or ""


def _put(page: Page, block: _Block, above: _Above, marked: bool) -> None:
    first, (mark, style) = block.first, MARKS[block.first.passed]
    indent = _INDENT + (len(mark) if marked else 0)
    sentences = list(_sentences(page, block, above))
    if not marked:
        page.gap()
    for number, sentence in enumerate(sentences):
        share = f" {block.share}" if marked and block.share and number == len(sentences) - 1 else ""
        if marked and number == 0:
            page.prose(sentence + share, indent=_INDENT, mark=mark, style=style)
        else:
            page.prose(sentence + share, indent=indent)
    if first.pattern:
        page.prose(first.pattern, indent=indent)
    is_above = first.traceback in above.tracebacks
    hint = None if is_above or (first.cause and first.hint == first.cause.says) else first.hint
    if hint != above.hint:
        page.hint(hint, indent=indent)
    above.hint = hint
    if first.file is not None and (is_above or not first.traceback):
        page.line(f"{' ' * indent}at {page.path(first.file)}{page.at(first.line, first.cell)}")
    _assigned(page, block.criteria, indent)
    if first.traceback and not is_above:
        above.tracebacks.add(first.traceback)
        page.block(first.traceback, head=6, tail=14, before=f"{' ' * indent}| ")


def _sentences(page: Page, block: _Block, above: _Above) -> Iterator[str]:
    """Say what is wrong, and before it why, as far as that is known."""
    first, cause = block.first, block.first.cause
    if cause is None and not (first.hint and first.reason in _ARRAYS and first.passed is False):
        yield from _facts(page, block)
        return
    if cause is not None and cause in above.causes:
        where = page.name(above.causes[cause], _NAME_CHARS)
        yield f"{_names(page, block.criteria)}: the same mistake as in {where}."
    elif cause is not None:
        yield cause.says
    also = [page.name(one.name, _NAME_CHARS) for one in block.criteria[1:]]
    more = f"; {listed(also, _MOST_NAMES)} {are(also, 'wrong')}, too." if also else ""
    yield f"{_fact(page, block.criteria[:1])}{more}"


def _facts(page: Page, block: _Block) -> Iterator[str]:
    """Say each fact of a block once, and whose it is unless that is plain."""
    for group in _alike(block.criteria, lambda one, name: _anonymous(one.message, name)):
        if len(group) == len(block.criteria) > 1 and block.is_all and not _names_itself(group):
            yield group[0].message or _UNSAID[group[0].passed]
            continue
        yield _fact(page, group)
        if len(group) > 1 and _names_itself(group):
            yield f"The same goes for {_names(page, group[1:])}."


def _names_itself(group: Sequence[CriterionResult]) -> bool:
    """Whether what is said names the criterion that it is said of: then it differs by these names."""
    first = group[0]
    if len(group) > 1 and first.message == group[1].message:
        return False
    return _anonymous(first.message, first.name) != (first.message or "")


def _fact(page: Page, group: Sequence[CriterionResult]) -> str:
    """Say the fact that criteria share, and whose it is."""
    message = group[0].message or _UNSAID[group[0].passed]
    if _names_itself(group):
        return message
    if message.startswith(("wrong in ", "not finite in ")):
        return f"{_names(page, group)} {are(group, message)}"
    if message.startswith("has ") and len(group) == 1:
        return f"{_names(page, group)} {message}"
    return f"{_names(page, group)}: {message}"


def _assigned(page: Page, group: Sequence[CriterionResult], indent: int) -> None:
    """Put where the first arrays of a group are assigned: each place once, and those of a file on a line."""
    places: dict[SourceLine, list[str]] = {}
    for one in group:
        if one.assigned is not None:
            places.setdefault(one.assigned, []).append(one.name)
    files: dict[str, list[tuple[SourceLine, str]]] = {}
    for place, names in list(places.items())[:_MOST_PLACES]:
        name = min(names, key=len)  # the array, and not what a table prints of it
        files.setdefault(place.file, []).append((place, page.name(name, _NAME_CHARS)))
    for file, found in files.items():
        if len(found) == 1:
            ((place, name),) = found
            at = f"{page.path(file)}{page.at(place.line, place.cell)}"
            page.line(f"{' ' * indent}{name} is assigned at {at}")
            continue
        told = ", ".join(
            f"{name} in {'' if place.cell is None else f'cell {place.cell}, '}line {place.line}"
            for place, name in found
        )
        page.prose(f"assigned in {page.path(file)}: {told}", indent=indent)


def _names(page: Page, criteria: Sequence[CriterionResult]) -> str:
    return listed([page.name(one.name, _NAME_CHARS) for one in criteria], _MOST_NAMES)
