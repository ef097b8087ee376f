"""The way back through a program, derived as a program in the same letters.

Line by line from the last: what reaches a letter's derivative is handed on to those of the letters that its
line is made of, by the rule of each operation. So the derivative of the loss by z is the letter dz, and each
term of its line knows the number of the equation that it goes back through:

    dn   = delta ⊙ z                    back through (4)
    da_n = dn ⊙ (1 − n ⊙ n)             back through (3)

Source of the rules: the vector-Jacobian products of reverse mode, one for each operation (Griewank, Walther,
Evaluating Derivatives, 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.equations import sizes
from grader.equations.algebra import added, negative, product, times, transposed
from grader.equations.nodes import (
    Applied,
    Function,
    Hadamard,
    Letter,
    Negative,
    Node,
    Number,
    OverEntries,
    OverSamples,
    Product,
    Slice,
    Slope,
    Stacked,
    Sum,
    Transposed,
    Zeros,
)
from grader.equations.program import Line, Program, Term
from grader.equations.sizes import Dimensions


@dataclass(frozen=True)
class WayBack:
    """A cell's way back.

    Attributes:
        lines: in an order in which they can be computed, after those of the way forward.
        shapes: of every letter of both ways.
        derivative: letter -> what the derivative of the loss by it is called, of all that were asked for and
            of those on the way to them.
    """

    lines: tuple[Line, ...]
    shapes: Mapping[str, Dimensions]
    derivative: Mapping[str, str]

    def __str__(self) -> str:
        """Return the lines in the statement's notation."""
        return "\n".join(map(str, self.lines))


Known = dict[tuple[Line, Node], list[tuple[str, list[Node]]]]
"""(line, the derivative by its letter) -> what is handed on through it."""


def derived(program: Program, seeds: Mapping[str, str], known: Known | None = None) -> WayBack:
    """Return the way back to everything that is given.

    Args:
        program: the way forward.
        seeds: letter -> the name of the derivative of the loss by it, as far as it comes from outside: what
            the letter does to the loss through others of the program is added here.
        known: what programs that differ in a few lines have in common is kept there.
    """
    back = _Back(program, seeds, known if known is not None else {})
    for line in reversed(program.lines):
        if line.letter in back.reached:
            back.through(line)
    for name in program.given:
        back.total(name, always=True)
    return WayBack(tuple(back.lines), back.shapes, back.called)


class _Back:
    def __init__(self, program: Program, seeds: Mapping[str, str], known: Known) -> None:
        self.program, self.seeds, self.known = program, seeds, known
        self.shapes = {**program.shapes, **{seed: program.shapes[of] for of, seed in seeds.items()}}
        self.reached: dict[str, list[Term]] = {of: [Term(Letter(seed), "")] for of, seed in seeds.items()}
        self.lines: list[Line] = []
        self.called: dict[str, str] = {}

    def through(self, line: Line) -> None:
        """Hand on what has reached a line's letter."""
        cotangent = self.total(line.letter)
        if (line, cotangent) not in self.known:
            pieces: dict[str, list[Node]] = {}
            for name, node in self.pieces(line.node, cotangent, line.letter):
                pieces.setdefault(name, []).append(node)
            handed = [(name, _factored(cotangent, nodes)) for name, nodes in pieces.items()]
            self.known[line, cotangent] = handed
        for name, nodes in self.known[line, cotangent]:
            terms = [Term(node, line.terms[0].through) for node in nodes]
            self.reached.setdefault(name, []).extend(terms)

    def total(self, name: str, always: bool = False) -> Node:
        """Return the derivative by a letter, all that has reached it; with a line of its own unless it is a
        seed.
        """
        terms = _restacked(self.reached.get(name, [Term(Zeros(name), "")]))
        if len(terms) == 1 and isinstance(seed := terms[0].node, Letter) and not always:
            self.called[name] = seed.name
            return seed
        d = f"d({name})" if set(name) & set(" ([") else f"d{name}"
        while d in self.shapes:  # a seed of this name is a part of it
            d = f"∂{d[1:]}" if d[0] == "d" else f"{d}_"
        self.lines.append(Line(d, tuple(terms)))
        self.shapes[d], self.called[name] = self.program.shapes[name], d
        return Letter(d)

    def pieces(self, node: Node, cotangent: Node, of: str) -> Iterator[tuple[str, Node]]:
        """(letter, what reaches its derivative) for each letter in an expression.

        Args:
            node: the expression, or a part of it.
            cotangent: the derivative of the loss by it.
            of: the letter that the whole expression defines.
        """
        match node:
            case Letter(name):
                yield name, self._shared(name, cotangent)
            case Sum(terms):
                for one in terms:
                    yield from self.pieces(one, cotangent, of)
            case Negative(inner):
                yield from self.pieces(inner, negative(cotangent), of)
            case Hadamard(factors):
                for i, one in enumerate(factors):
                    yield from self.pieces(one, times(cotangent, *factors[:i], *factors[i + 1 :]), of)
            case Product(left, right):
                if not self._has_samples(node) and self._has_samples(cotangent):
                    cotangent = OverSamples(cotangent)
                yield from self.pieces(left, product(cotangent, transposed(right)), of)
                yield from self.pieces(right, product(transposed(left), cotangent), of)
            case Transposed(inner):
                yield from self.pieces(inner, transposed(cotangent), of)
            case Applied(function, inner):
                yield from self.pieces(inner, _before(function, Letter(of), cotangent), of)
            case Stacked(parts):
                yield from self._of_parts(parts, cotangent, of)
            case Slice(Letter(whole), index, among):
                zeros: list[Node] = [Zeros(name) for name in among]
                yield whole, Stacked((*zeros[:index], cotangent, *zeros[index + 1 :]))
            case Number():
                return
            case _:
                raise TypeError(node)

    def _shared(self, name: str, cotangent: Node) -> Node:
        """Return what reaches a letter: of one that all samples share, the sum of theirs."""
        is_shared = self._has_samples(cotangent) and not self.shapes[name].has_samples
        return OverSamples(cotangent) if is_shared else cotangent

    def _has_samples(self, node: Node) -> bool:
        shape = sizes.of(node, self.shapes)
        return shape is not None and shape.has_samples

    def _of_parts(self, parts: tuple[Node, ...], cotangent: Node, of: str) -> Iterator[tuple[str, Node]]:
        names = tuple(one.name for one in parts if isinstance(one, Letter))
        assert len(names) == len(parts)
        for index, one in enumerate(parts):
            yield from self.pieces(one, Slice(cotangent, index, names), of)


def _before(function: Function, y: Letter, cotangent: Node) -> Node:
    """Return the derivative by what went into a function, of that by what came of it, y."""
    if function is Function.SOFTMAX:
        return times(y, added(cotangent, negative(OverEntries(times(y, cotangent)))))
    return times(cotangent, Slope(function, y))


def _factored(cotangent: Node, nodes: list[Node]) -> list[Node]:
    """delta ⊙ n − delta ⊙ h as delta ⊙ (n − h), as a person writes it; what has another form as it is."""
    if len(nodes) < 2:
        return nodes
    others: list[Node] = []
    for node in nodes:
        bare = node.of if isinstance(node, Negative) else node
        if not isinstance(bare, Hadamard) or cotangent not in bare.factors:
            return nodes
        factors = list(bare.factors)
        factors.remove(cotangent)
        others.append(times(*factors) if bare is node else negative(times(*factors)))
    others.sort(key=lambda node: isinstance(node, Negative))
    return [times(cotangent, added(*others))]


def _restacked(terms: list[Term]) -> list[Term]:
    """Parts of one stacked array, each among zeros, as one stacked array."""
    if len(terms) < 2:
        return terms
    stacked = [term.node.parts for term in terms if isinstance(term.node, Stacked)]
    if len(stacked) < 2 or len(stacked) < len(terms) or len({len(parts) for parts in stacked}) > 1:
        return terms
    places = [[part for part in place if not isinstance(part, Zeros)] for place in zip(*stacked, strict=True)]
    if any(len(place) > 1 for place in places):
        return terms
    whole = tuple(place[0] if place else stacked[0][i] for i, place in enumerate(places))
    return [Term(Stacked(whole), "")]
