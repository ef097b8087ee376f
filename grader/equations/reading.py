"""The numbered equations of a statement: which lines they are, and where.

An equation is an indented line with its number in brackets behind it, and maybe a remark:

    z  = σ(Wzh h + Wzx x)               (1)   the update gate
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.equations import grammar
from grader.equations.nodes import Node
from grader.errors import EquationError

_NUMBERED = re.compile(r"^(?: {4,}|\t)\s*(?P<equation>\S.*?)\s+\((?P<number>\d+)\)(?:\s+(?P<remark>\S.*))?$")


@dataclass(frozen=True)
class Place:
    """Where something stands: a file's path, and its line, counted from 1."""

    file: str
    line: int

    def error(self, says: str, column: int | None = None) -> EquationError:
        """Return the error, with the place before it; a column is counted from 1."""
        at = f", column {column}" if column is not None else ""
        return EquationError(f"{self.file}, line {self.line}{at}: {says}")


@dataclass(frozen=True)
class Equation:
    """One line of a statement.

    Attributes:
        left: the letter that it defines; several, from the top, of an array that is stacked of them.
        right: what it is.
        number: as in the statement; "" if it has none.
        remark: what the statement says beside it.
        place: where it stands.
        sampled: the letters that it marks as each sample's own.
    """

    left: tuple[str, ...]
    right: Node
    number: str
    remark: str
    place: Place
    sampled: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What a message calls it."""
        return f"Equation ({self.number})" if self.number else "the equation"


def numbered(statement: str, file: str, numbers: Collection[int] = ()) -> tuple[Equation, ...]:
    """Return the numbered equations of a statement, in the order in which they stand.

    Args:
        statement: the text, in Markdown.
        file: its path, for messages.
        numbers: those that are wanted; all, if none is given.

    Raises:
        EquationError: one of them is no equation of this grammar, a number stands twice or is not there.
    """
    found: dict[str, Equation] = {}
    for index, line in enumerate(statement.split("\n"), start=1):
        match = _NUMBERED.match(line.rstrip())
        if match is None or "=" not in match["equation"] or (numbers and int(match["number"]) not in numbers):
            continue
        place, number = Place(file, index), match["number"]
        if number in found:
            raise place.error(f"there is an Equation ({number}) already, in line {found[number].place.line}")
        left, right = _parsed(match["equation"], place, match.start("equation"))
        marked = grammar.samples(match["equation"])
        found[number] = Equation(left, right, number, match["remark"] or "", place, marked)
    if missing := [str(number) for number in numbers if str(number) not in found]:
        raise EquationError(f"{file}: there is no Equation ({missing[0]})")
    if not found:
        raise EquationError(
            f"{file}: there is no numbered equation: an indented line such as 'h′ = tanh(W x + U h)   (1)'"
        )
    return tuple(found.values())


def plain(lines: Sequence[str], file: str) -> tuple[Equation, ...]:
    """Equations without a number, one in each line: what a declaration adds to those of the statement.

    Raises:
        EquationError: one of them is no equation of this grammar.
    """
    found = []
    for index, line in enumerate(lines, start=1):
        place = Place(f"{file}, {line!r}", index)
        found.append(Equation(*_parsed(line, place, 0), "", "", place))
    return tuple(found)


def _parsed(equation: str, place: Place, offset: int) -> tuple[tuple[str, ...], Node]:
    try:
        return grammar.equation(equation)
    except grammar.NotInTheGrammarError as error:
        raise place.error(error.says, offset + error.at + 1) from None
