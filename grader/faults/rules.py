"""What may go wrong at one place of an expression: the ways to be wrong that each operation has.

The same rules serve the equations and the way back, since both are written in the same operations. What does
not fit, because of its size, is thrown out where it is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from grader.equations.algebra import added, negative, product, times, transposed
from grader.equations.nodes import (
    ONE,
    Applied,
    Function,
    Hadamard,
    Letter,
    Node,
    OverSamples,
    Product,
    Slice,
    Slope,
    Stacked,
    Sum,
    Transposed,
)
from grader.faults.operations import Kind, Odd, Oddly, Slip, everywhere
from grader.faults.slopes import of_slope, one_minus

Shape = tuple[int, ...]
Found = Iterator[tuple[Node, Slip]]


@dataclass(frozen=True)
class Rules:
    """The ways to be wrong at one place of a line.

    Attributes:
        lines: letter -> its line, of both ways.
        shapes: of all letters, on the probe case.
        scope: the letters that may stand in the line by mistake: not those that need what it defines.
        data: the letters that each sample has its own of.
        opens: letters of which what their line says may be wrong at one use alone.
    """

    lines: Mapping[str, Node]
    shapes: Mapping[str, Shape]
    scope: tuple[str, ...]
    data: Collection[str]
    opens: Collection[str] = ()

    def __call__(self, node: Node) -> Found:
        """(expression in its place, what was done) for each way to be wrong here."""
        for new, slip in _RULES.get(type(node), _nothing)(self, node):
            if new != node:
                yield new, slip

    def opened(self, node: Node) -> Node:
        """Return what a letter's line says."""
        return self.lines.get(node.name, node) if isinstance(node, Letter) else node

    def alike(self, name: str) -> list[str]:
        """Return the other letters of its shape."""
        shape = self.shapes.get(name)
        return [one for one in self.scope if one != name and self.shapes[one] == shape]

    def is_gate(self, name: str) -> bool:
        """Whether it is what a sigmoid makes."""
        node = self.lines.get(name)
        return isinstance(node, Applied) and node.function is Function.SIGMOID


def _nothing(_: Rules, __: Node) -> Found:
    return iter(())


def _without(nodes: tuple[Node, ...], i: int) -> tuple[Node, ...]:
    return (*nodes[:i], *nodes[i + 1 :])


def _hadamard(rules: Rules, node: Hadamard) -> Found:
    for i, one in enumerate(node.factors):
        rest = _without(node.factors, i)
        others = times(*rest)
        kind = Kind.SLOPE if isinstance(one, Slope) else Kind.FACTOR
        yield others, Slip(kind, one, within=node)
        if isinstance(one, Slope) and one.function is Function.SIGMOID:
            yield from _of_its_factors(one, others, node)
        if i:
            both = added(times(*node.factors[:i]), times(*node.factors[i:]))
            yield both, Slip(Kind.PLUS, one, within=node)
        wide, beside = _as_sum(one)
        if wide is not None:
            for j, term in enumerate(wide.terms):
                new = added(times(*rest, *beside, term), *_without(wide.terms, j))
                yield new, Slip(Kind.PARENTHESIS, one, within=node)
        opened = rules.opened(one)
        if isinstance(opened, Product):
            yield product(opened.left, times(*rest, opened.right)), Slip(Kind.MOVED, others, one, within=node)
        if isinstance(opened, Sum):
            for j, term in enumerate(opened.terms):
                left = _without(opened.terms, j)
                yield added(times(*rest, term), *left), Slip(Kind.PARENTHESIS, one, within=node)
                if isinstance(term, Product):
                    early = product(term.left, times(*rest, term.right))
                    yield added(early, *left), Slip(Kind.MOVED, others, term, within=node)


def _of_its_factors(slope: Slope, others: Node, node: Hadamard) -> Found:
    """Yield a sigmoid's derivative as its two factors: all before the last one is lost, or is added."""
    y, last = slope.of, one_minus(slope.of)
    yield last, Slip(Kind.FACTOR, times(others, y), within=node)
    yield added(times(others, y), last), Slip(Kind.PLUS, last, within=node)
    yield times(added(others, y), last), Slip(Kind.PLUS, y, within=node)


def _as_sum(factor: Node) -> tuple[Sum | None, tuple[Node, ...]]:
    """Return a factor as the sum whose brackets may be lost, and the factors beside that."""
    if isinstance(factor, Slope):
        if factor.function is Function.TANH:
            return Sum((ONE, negative(times(factor.of, factor.of)))), ()
        return Sum((ONE, negative(factor.of))), (factor.of,)
    return (factor, ()) if isinstance(factor, Sum) else (None, ())


def _sum(_: Rules, node: Sum) -> Found:
    terms = node.terms
    if terms[0] == ONE and len(terms) == 2:
        yield negative(terms[1]), Slip(Kind.GATE, node, negative(terms[1]))
        yield terms[1], Slip(Kind.GATE, node, terms[1])
        yield ONE, Slip(Kind.FACTOR, node)
        yield negative(node), Slip(Kind.SIGN, node)
        yield Sum((ONE, negative(terms[1]))), Slip(Kind.SIGN, node)
        return
    for i, one in enumerate(terms):
        rest = _without(terms, i)
        yield added(*rest), Slip(Kind.TERM, one, within=node)
        yield added(*terms[:i], negative(one), *terms[i + 1 :]), Slip(Kind.SIGN, one, within=node)
        if isinstance(one, Hadamard):
            yield from _wider(node, i, one)
    yield from _of_blend(node)
    for count in range(1, len(terms) - 1):
        for kept in combinations(terms, count):
            lost = [one for one in terms if one not in kept]
            if len(lost) > 1:
                yield added(*kept), Slip(Kind.TERM, Sum(tuple(lost)), within=node)


def _of_blend(node: Sum) -> Found:
    """Yield what goes wrong with (1 − z) ⊙ a + z ⊙ b where it is written as a + z ⊙ (b − a), or b + ..."""
    factors = [one.factors for one in node.terms if isinstance(one, Hadamard) and len(one.factors) == 2]
    if len(node.terms) != 2 or len(factors) != 2:
        return
    for gate, let_in in (factors[0], factors[0][::-1], factors[1], factors[1][::-1]):
        for kept in (factors[0], factors[1]):
            if one_minus(gate) in kept and let_in not in kept:
                old = kept[1 - kept.index(one_minus(gate))]
                step = times(gate, added(let_in, negative(old)))
                yield step, Slip(Kind.TERM, old, within=node)
                yield added(old, negative(step)), Slip(Kind.SIGN, step, within=node)
                yield added(negative(old), step), Slip(Kind.SIGN, old, within=node)
                yield added(old, times(gate, added(let_in, old))), Slip(Kind.SIGN, old, within=step)
                yield added(old, times(gate, let_in)), Slip(Kind.TERM, old, within=step)
                yield added(old, negative(times(gate, old))), Slip(Kind.TERM, let_in, within=step)


def _wider(node: Sum, i: int, term: Hadamard) -> Found:
    """Yield a factor of one term that multiplies others, too."""
    rest = _without(node.terms, i)
    for j, factor in enumerate(term.factors):
        for k, other in enumerate(rest):
            if not (isinstance(other, Hadamard) and factor in other.factors):
                spread = (*rest[:k], times(factor, other), *rest[k + 1 :])
                yield added(*spread, term), Slip(Kind.PARENTHESIS, factor, other, within=node)
        if len(rest) > 1:
            inner = times(*_without(term.factors, j))
            yield times(factor, added(*rest, inner)), Slip(Kind.PARENTHESIS, factor, within=node)


def _letter(rules: Rules, node: Letter) -> Found:
    name = node.name
    for other in rules.alike(name):
        yield Letter(other), Slip(Kind.LETTER, node, Letter(other))
    if rules.is_gate(name):
        yield one_minus(node), Slip(Kind.GATE, node, one_minus(node))
        for other in rules.alike(name):
            if rules.is_gate(other):
                yield one_minus(Letter(other)), Slip(Kind.GATE, node, one_minus(Letter(other)))
    if name in rules.data:
        yield Oddly(Odd.FIRST_SAMPLE, node), Slip(Kind.SAMPLES, node, how=Odd.FIRST_SAMPLE)
    if name in rules.opens:
        for new, slip in everywhere(rules.lines[name], replace(rules, opens=())):
            yield new, replace(slip, here=name)


def _applied(rules: Rules, node: Applied) -> Found:
    if node.function is Function.SOFTMAX:
        yield node.of, Slip(Kind.ACTIVATION, node)
        for odd in (Odd.OVER_THE_SAMPLES, Odd.OVER_ALL):
            yield Oddly(odd, node.of), Slip(Kind.ACTIVATION, node, how=odd)
        yield (
            Applied(Function.SIGMOID, node.of),
            Slip(Kind.ACTIVATION, node, Applied(Function.SIGMOID, node.of)),
        )
        return
    other = Function.TANH if node.function is Function.SIGMOID else Function.SIGMOID
    yield Applied(other, node.of), Slip(Kind.ACTIVATION, node, Applied(other, node.of))
    yield node.of, Slip(Kind.ACTIVATION, node)
    if node.function is Function.TANH:
        yield Oddly(Odd.RELU, node.of), Slip(Kind.ACTIVATION, node, how=Odd.RELU)
    if node.function is Function.SIGMOID:  # tanh hands a sign on: that is told of what it makes
        yield Applied(node.function, negative(node.of)), Slip(Kind.SIGN, node.of, within=node)
    inside = rules.opened(node.of)
    if isinstance(inside, Sum):
        for i, term in enumerate(inside.terms):
            early = Applied(node.function, added(*_without(inside.terms, i)))
            yield added(early, term), Slip(Kind.PARENTHESIS, term, within=node)


def _slope(rules: Rules, node: Slope) -> Found:
    letter = node.of.name if isinstance(node.of, Letter) else ""
    return of_slope(node, rules.lines.get(letter), [Letter(one) for one in rules.alike(letter)], rules.lines)


def _product(rules: Rules, node: Product) -> Found:
    left, right = node.left, node.right
    yield product(transposed(left), right), Slip(Kind.TRANSPOSED, left, within=node)
    yield product(left, transposed(right)), Slip(Kind.TRANSPOSED, right, within=node)
    if isinstance(right, Transposed):  # an outer product, summed over the samples
        yield product(right.of, transposed(left)), Slip(Kind.TRANSPOSED, node)
        yield Oddly(Odd.OVER_COUNT, node), Slip(Kind.SAMPLES, node, how=Odd.OVER_COUNT)
        for odd in (Odd.ONLY_LAST, Odd.ONLY_FIRST):
            yield product(Oddly(odd, left), right), Slip(Kind.SAMPLES, left, within=node, how=odd)
        yield product(Oddly(Odd.ONES, left), right), Slip(Kind.FACTOR, left, within=node)
        yield product(left, Oddly(Odd.ONES, right)), Slip(Kind.FACTOR, right.of, within=node)
        return
    yield right, Slip(Kind.FACTOR, left, within=node)
    # Left out where a loop adds up the products.
    yield product(Oddly(Odd.ONES, left), right), Slip(Kind.FACTOR, left, within=node)
    yield product(left, Oddly(Odd.ONES, right)), Slip(Kind.FACTOR, right, within=node)
    opened = rules.opened(right)
    if isinstance(opened, Hadamard):
        for i, one in enumerate(opened.factors):
            late = times(one, product(left, times(*_without(opened.factors, i))))
            yield late, Slip(Kind.MOVED, one, node)


def _stacked(_: Rules, node: Stacked) -> Found:
    for i, j in combinations(range(len(node.parts)), 2):
        parts = list(node.parts)
        parts[i], parts[j] = parts[j], parts[i]
        yield Stacked(tuple(parts)), Slip(Kind.ORDER, node.parts[i], node.parts[j], within=node)
    for i, one in enumerate(node.parts):
        without, turned = Oddly(Odd.NOTHING, one), negative(one)
        for new, kind in ((turned, Kind.SIGN), (without, Kind.TERM)):
            yield Stacked((*node.parts[:i], new, *node.parts[i + 1 :])), Slip(kind, one, within=node)


def _slice(_: Rules, node: Slice) -> Found:
    for index in range(len(node.among)):
        if index != node.index:
            new = replace(node, index=index)
            yield (
                new,
                Slip(Kind.ORDER, Letter(node.among[node.index]), Letter(node.among[index]), within=node),
            )
    turned = node.among[::-1]
    new = Slice(node.of, turned.index(node.among[node.index]), turned)
    yield new, Slip(Kind.ORDER, Letter(node.among[node.index]), within=node)


def _over_samples(_: Rules, node: OverSamples) -> Found:
    yield Oddly(Odd.MEAN, node.of), Slip(Kind.SAMPLES, node, how=Odd.MEAN)
    for odd in (Odd.ONLY_LAST, Odd.ONLY_FIRST):
        yield OverSamples(Oddly(odd, node.of)), Slip(Kind.SAMPLES, node.of, within=node, how=odd)


_RULES: Mapping[type[Node], Callable[[Rules, Any], Found]] = {
    Hadamard: _hadamard,
    Sum: _sum,
    Letter: _letter,
    Applied: _applied,
    Slope: _slope,
    Product: _product,
    Stacked: _stacked,
    Slice: _slice,
    OverSamples: _over_samples,
}
