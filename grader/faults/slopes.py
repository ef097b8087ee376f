"""What may go wrong with the derivative of an activation, y ⊙ (1 − y) or 1 − y ⊙ y."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.equations.algebra import negative, times
from grader.equations.nodes import ONE, Applied, Function, Letter, Node, Slope, Sum
from grader.faults.operations import Kind, Odd, Oddly, Slip

OTHER = {Function.SIGMOID: Function.TANH, Function.TANH: Function.SIGMOID}


def one_minus(node: Node) -> Sum:
    """1 − z of z."""
    return Sum((ONE, negative(node)))


def of_slope(
    node: Slope, made: Node | None, peers: Sequence[Letter], lines: Mapping[str, Node]
) -> Iterator[tuple[Node, Slip]]:
    """Yield the ways to get a derivative wrong.

    Args:
        node: the derivative.
        made: the line of the letter that it is taken of.
        peers: other letters of its shape.
        lines: of all letters.
    """
    y, function = node.of, node.function
    yield from _of_sigmoid(node, peers) if function is Function.SIGMOID else _of_tanh(node, peers)
    for one in peers:
        line = lines.get(one.name)
        if isinstance(line, Applied) and line.function in OTHER:
            yield Slope(line.function, one), Slip(Kind.SLOPE_OF, node, one)
        elif line is None:  # a state that is handed in came of an activation, too
            yield Slope(function, one), Slip(Kind.SLOPE_OF, node, one)
    yield Slope(OTHER[function], y), Slip(Kind.SLOPE_OTHER, node)
    yield Slope(function, Applied(function, y)), Slip(Kind.SLOPE_TWICE, node)
    if isinstance(made, Applied) and made.function is function:
        yield Slope(function, made.of), Slip(Kind.SLOPE_BEFORE, node)


def _of_sigmoid(node: Slope, peers: Sequence[Letter]) -> Iterator[tuple[Node, Slip]]:
    y = node.of
    yield y, Slip(Kind.SLOPE_PART, one_minus(y), within=node)
    yield one_minus(y), Slip(Kind.SLOPE_PART, y, within=node)
    yield times(y, y), Slip(Kind.SLOPE_PART, node, times(y, y), within=node)
    yield negative(times(y, y)), Slip(Kind.SLOPE_PART, ONE, within=node)
    yield times(y, Sum((ONE, y))), Slip(Kind.SIGN, one_minus(y), within=node)
    yield negative(times(y, Sum((ONE, y)))), Slip(Kind.SIGN, y, within=node)
    for one in peers:
        yield times(one, one_minus(y)), Slip(Kind.LETTER, y, one, within=node)
        yield times(y, one_minus(one)), Slip(Kind.LETTER, y, one, within=node)


def _of_tanh(node: Slope, peers: Sequence[Letter]) -> Iterator[tuple[Node, Slip]]:
    y = node.of
    square = times(y, y)
    yield one_minus(y), Slip(Kind.SLOPE_PART, square, y, within=node)
    yield square, Slip(Kind.SLOPE_PART, node, square, within=node)
    yield negative(square), Slip(Kind.SLOPE_PART, ONE, within=node)
    yield one_minus(Sum((y, y))), Slip(Kind.SLOPE_PART, square, Sum((y, y)), within=node)
    yield Sum((ONE, square)), Slip(Kind.SIGN, one_minus(square), within=node)
    yield negative(Sum((ONE, square))), Slip(Kind.SIGN, ONE, within=node)
    yield from _of_factored(node)
    yield Oddly(Odd.POSITIVE, y), Slip(Kind.SLOPE_OTHER, node, how=Odd.RELU)
    for one in peers:
        yield one_minus(times(y, one)), Slip(Kind.LETTER, y, one, within=node)


def _of_factored(node: Slope) -> Iterator[tuple[Node, Slip]]:
    """Yield what goes wrong with 1 − y ⊙ y where it is written as (1 − y) ⊙ (1 + y)."""
    y = node.of
    less, more = one_minus(y), Sum((ONE, y))
    yield more, Slip(Kind.SLOPE_PART, less, within=node)
    for wrong in (y, negative(y)):
        yield times(wrong, more), Slip(Kind.SLOPE_PART, ONE, within=node)
    yield times(less, y), Slip(Kind.SLOPE_PART, ONE, within=node)
    for one in (less, more):
        yield times(one, one), Slip(Kind.SIGN, y, within=node)
