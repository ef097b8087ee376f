"""What faults do to expressions: operations that no equation has, and one place that is rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from grader.equations.algebra import added, negative, product, times, transposed
from grader.equations.nodes import (
    Hadamard,
    Letter,
    Negative,
    Node,
    Product,
    Slope,
    Sum,
    Transposed,
    hashed_once,
    letters,
    with_below,
)


class Odd(StrEnum):
    """What happens to an array by mistake, and by no equation."""

    FIRST_SAMPLE = "the first sample stands for all"
    ONLY_FIRST = "only the first sample is filled"
    ONLY_LAST = "only the last sample counts"
    LAST_IN_FIRST = "the last sample is where the first belongs, and the others are empty"
    SUMMED = "each sample has the sum of all"
    MEAN = "the mean of the samples stands for their sum"
    OVER_COUNT = "it is divided by the number of samples"
    TIMES_COUNT = "it is multiplied by the number of samples"
    FIRST_ENTRY = "its first entry stands for all"
    WHOLE_NUMBERS = "it is cut to whole numbers"
    SIGMOID_PLUS = "a sigmoid with a number added to its denominator"
    OVER_THE_SAMPLES = "the softmax goes over the samples"
    OVER_ALL = "the softmax goes over all entries of all samples"
    FIRST_COLUMN = "its first column stands for another array"
    RELU = "ReLU stands for tanh"
    POSITIVE = "1 where an entry is positive, and 0 elsewhere"
    ONES = "each of its entries is 1"
    NOTHING = "each of its entries is 0"
    INTERLEAVED = "stacked parts are read as if they were interleaved"


@hashed_once
@dataclass(frozen=True)
class Oddly(Node):
    """An array to which something happens by mistake.

    Attributes:
        how: what.
        of: the array.
        number: what SIGMOID_PLUS adds.
        part, among: of INTERLEAVED, which part of how many.
    """

    how: Odd
    of: Node
    number: float = 0.0
    part: int = 0
    among: int = 1

    @property
    def below(self) -> tuple[Node, ...]:
        """The array."""
        return (self.of,)


Rewritten = Callable[[Node], Iterator[tuple[Node, "Slip"]]]


@dataclass(frozen=True)
class Slip:
    """What somebody did at one place of an expression, for the sentence about it.

    Attributes:
        kind: the rule that was broken.
        part: what should stand there, or is left out.
        by: what stands there instead.
        within: what it is a part of.
        here: the letter whose line is wrong at this use alone, and not where the letter is made; or "".
        how: of SAMPLES, what becomes of them.
    """

    kind: Kind
    part: Node | None = None
    by: Node | None = None
    within: Node | None = None
    here: str = ""
    how: Odd | None = None


class Kind(StrEnum):
    """In which way an expression is wrong."""

    SLOPE = "the derivative is left out"
    SLOPE_PART = "a part of the derivative is left out"
    SLOPE_OTHER = "the derivative of the other activation"
    SLOPE_TWICE = "the derivative of what is already activated"
    SLOPE_BEFORE = "the derivative of what is not yet activated"
    SLOPE_OF = "the derivative of another letter"
    TERM = "a term is left out"
    FACTOR = "a factor is left out"
    SIGN = "a sign"
    TRANSPOSED = "a transposition"
    SIDES = "operands are exchanged"
    RULE = "factors get each other's derivative"
    ACTIVATION = "no activation, or the other one"
    GATE = "1 − z for z"
    PARENTHESIS = "a bracket"
    MOVED = "a factor on the wrong side of a product"
    PLUS = "+ for ⊙"
    LETTER = "another letter"
    ORDER = "the order of what is stacked"
    SAMPLES = "what becomes of the samples"
    TIMES = "a constant factor"
    ZERO = "never filled"
    GIVEN = "what is given"
    CONSTANT = "a number in the sigmoid"
    ADDED = "a multiple of something is added"
    STEP = "another step"


def rebuilt(node: Node, below: tuple[Node, ...]) -> Node:
    """Return the same operation on other expressions, with signs, zeros and ones where they belong."""
    match node:
        case Sum():
            return added(*below)
        case Hadamard():
            return times(*below)
        case Product():
            return product(*below)
        case Negative():
            return negative(below[0])
        case Transposed():
            return transposed(below[0])
        case Oddly():
            return replace(node, of=below[0])
    return with_below(node, below)


def everywhere(node: Node, rules: Rewritten) -> Iterator[tuple[Node, Slip]]:
    """Yield the expression with one place rewritten, for each place and each way."""
    yield from rules(node)
    if isinstance(node, Slope):  # what else may happen to a derivative are rules of its own
        return
    for i, one in enumerate(node.below):
        for new, slip in everywhere(one, rules):
            try:
                yield rebuilt(node, (*node.below[:i], new, *node.below[i + 1 :])), slip
            except TypeError:
                continue


def renamed(node: Node, others: Mapping[str, Node]) -> Node:
    """Return the expression with other expressions in the place of letters, all at once."""
    if isinstance(node, Letter):
        return others.get(node.name, node)
    if not node.below or not set(letters(node)) & others.keys():
        return node
    return rebuilt(node, tuple(renamed(one, others) for one in node.below))


def exchanged(node: Node, first: str, second: str) -> Node:
    """Return the expression with two letters in each other's place."""
    return renamed(node, {first: Letter(second), second: Letter(first)})
