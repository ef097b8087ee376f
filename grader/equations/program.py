"""The way forward as a program: lines of one operation each, of which everything has a letter.

What the statement leaves without a name gets one: a_z is what goes into the activation of z, and an operand
such as r ⊙ h is called as it is written. So the way back can speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.equations import sizes
from grader.equations.nodes import (
    ONE,
    Applied,
    Hadamard,
    Letter,
    Negative,
    Node,
    Number,
    Product,
    Slice,
    Stacked,
    Sum,
    Transposed,
    letters,
    with_below,
)
from grader.equations.printing import text
from grader.equations.reading import Equation
from grader.equations.sizes import Dimensions


@dataclass(frozen=True)
class Term:
    """One summand of a line.

    Attributes:
        node: the expression.
        through: the number of the equation that it is, or goes back through; "" if that has none.
    """

    node: Node
    through: str


@dataclass(frozen=True)
class Line:
    """One assignment: the letter becomes the sum of the terms."""

    letter: str
    terms: tuple[Term, ...]

    @property
    def node(self) -> Node:
        """The sum."""
        return self.terms[0].node if len(self.terms) == 1 else Sum(tuple(term.node for term in self.terms))

    def __str__(self) -> str:
        """Return the line in the statement's notation."""
        return f"{self.letter} = {text(self.node)}"


@dataclass(frozen=True)
class Program:
    """A cell's way forward.

    Attributes:
        lines: in an order in which they can be computed.
        shapes: of every letter.
        given: the letters that no line defines, in the order of the equations.
        data: those of them that each sample has its own of; the others are weights.
        equations: what it was made of.
    """

    lines: tuple[Line, ...]
    shapes: Mapping[str, Dimensions]
    given: tuple[str, ...]
    data: tuple[str, ...]
    equations: tuple[Equation, ...] = field(repr=False, default=())

    @property
    def weights(self) -> tuple[str, ...]:
        """The letters that all samples share."""
        return tuple(name for name in self.given if name not in self.data)

    @property
    def by_letter(self) -> Mapping[str, Line]:
        """Each letter's line."""
        return {line.letter: line for line in self.lines}

    def equation(self, number: str) -> Equation:
        """Return the equation of that number."""
        return next(one for one in self.equations if one.number == number)

    def __str__(self) -> str:
        """Return the lines in the statement's notation."""
        return "\n".join(map(str, self.lines))


def compiled(
    equations: Sequence[Equation],
    data: Mapping[str, str],
    alike: Sequence[tuple[str, str]] = (),
    rows: Mapping[str, str] | None = None,
) -> Program:
    """Return the program of some equations.

    Args:
        equations: in any order.
        data: the letters that each sample has its own of -> the name of their size.
        alike: pairs of letters that have one shape, such as a state before and after the step.
        rows: further letters whose size is known, such as an output's.

    Raises:
        EquationError: a letter is defined twice, or by itself; data are not used; sizes do not fit.
    """
    ordered = _ordered(equations)
    used = dict.fromkeys(name for one in equations for name in letters(one.right))
    defined = {name for one in equations for name in one.left}
    for name in data:
        if name not in used or name in defined:
            what = "is defined by one of them" if name in defined else "is in none of them"
            raise equations[0].place.error(f"{name} is data of the equations that begin here, and {what}")
    shapes = sizes.infer(ordered, {**(rows or {}), **data}, tuple(data), alike)
    for one in ordered:
        for name in sorted(one.sampled):
            if not shapes[name].has_samples:
                raise one.place.error(f"{one.name}: {name} is marked as each sample's own, and all share it")
    flat = _Flat({*used, *defined})
    for one in ordered:
        flat.add(one)
    given = tuple(name for name in used if name not in defined)
    shapes = dict(shapes)
    for line in flat.lines:
        if line.letter not in shapes:
            found = sizes.of(line.node, shapes)
            assert found is not None
            shapes[line.letter] = found
    return Program(tuple(flat.lines), shapes, given, tuple(data), tuple(ordered))


def _ordered(equations: Sequence[Equation]) -> list[Equation]:
    """Each after those that define what it uses; otherwise as they stand."""
    by_letter: dict[str, Equation] = {}
    for one in equations:
        for name in one.left:
            if name in by_letter:
                raise one.place.error(f"{one.name} defines {name}, which {by_letter[name].name} does already")
            by_letter[name] = one
    found: list[Equation] = []
    begun: list[Equation] = []

    def visit(one: Equation) -> None:
        if one in found:
            return
        if one in begun:
            raise one.place.error(f"{one.name} needs what it defines, {', '.join(one.left)}")
        begun.append(one)
        for name in letters(one.right):
            if name in by_letter:
                visit(by_letter[name])
        found.append(one)

    for one in equations:
        visit(one)
    return found


class _Flat:
    """Lines of one operation each."""

    def __init__(self, known: set[str]) -> None:
        self.known = known  # letters of the equations, which no other may be called as
        self.lines: list[Line] = []
        self.made: dict[str, Node] = {}

    def add(self, one: Equation) -> None:
        if len(one.left) > 1:
            whole = self._operand(one.right, one.number)
            for index, name in enumerate(one.left):
                self._line(name, Slice(whole, index, one.left), one.number)
            return
        self._define(one.left[0], one.right, one.number)

    def _line(self, name: str, node: Node, number: str) -> None:
        self.lines.append(Line(name, (Term(node, number),)))

    def _define(self, name: str, node: Node, number: str) -> None:
        if isinstance(node, Applied):
            of = node.of
            if not isinstance(of, Letter):
                of = self._named(self._free(f"a_{name}"), of, number)
            self._line(name, Applied(node.function, of), number)
        else:
            self._line(name, self._flat(node, number), number)

    def _free(self, name: str) -> str:
        while name in self.known:
            name += "_"
        return name

    def _named(self, name: str, node: Node, number: str) -> Letter:
        """Return a letter for an operand; the same operand has the same letter."""
        if self.made.get(name) != node:
            self.made[name] = node
            self._define(name, node, number)
        return Letter(name)

    def _flat(self, node: Node, number: str) -> Node:
        """Return an expression whose operands are all letters."""
        match node:
            case Sum() | Negative():
                return with_below(node, tuple(self._flat(one, number) for one in node.below))
            case Hadamard() | Product() | Stacked():
                return with_below(node, tuple(self._operand(one, number) for one in node.below))
        return self._operand(node, number)

    def _operand(self, node: Node, number: str) -> Node:
        """Return what may stand in a product: a letter, a number, Wᵀ, 1 − z; anything else gets a letter."""
        match node:
            case Letter() | Number() | Transposed(Letter()):
                return node
            case Negative(of):
                return Negative(self._operand(of, number))
            case Sum((first, Negative(Letter()))) if first == ONE:
                return node
        return self._named(text(node), node, number)
