"""What may happen to an array as a whole, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator

from grader.equations.algebra import negative, times, transposed
from grader.equations.nodes import Letter, Node, Number, Zeros
from grader.faults.operations import Kind, Odd, Oddly, Slip
from grader.faults.rules import Shape


def whole(
    name: str, node: Node, shape: Shape, samples: int, is_gradient: bool
) -> Iterator[tuple[Node, Slip]]:
    """(array in its place, what was done) for each way.

    Args:
        name: the array's letter.
        node: what it is.
        shape: on the probe case.
        samples: how many there are; 1 where there is no batch.
        is_gradient: whether it is a derivative.
    """
    letter = Letter(name)
    yield Zeros(name), Slip(Kind.ZERO, letter)
    yield negative(node), Slip(Kind.SIGN, letter)
    if shape[0] == shape[1]:
        yield transposed(node), Slip(Kind.TRANSPOSED, letter)
    for factor in (2.0, 0.5):
        yield times(Number(factor), node), Slip(Kind.TIMES, letter, Number(factor))
    if samples > 1 and shape[1] == samples:
        for odd in (Odd.SUMMED, Odd.FIRST_SAMPLE, Odd.ONLY_FIRST, Odd.LAST_IN_FIRST):
            yield Oddly(odd, node), Slip(Kind.SAMPLES, letter, how=odd)
    if samples > 1 and is_gradient:
        for odd in (Odd.OVER_COUNT, Odd.TIMES_COUNT):
            yield Oddly(odd, node), Slip(Kind.SAMPLES, letter, how=odd)
