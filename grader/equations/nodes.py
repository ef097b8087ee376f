"""What an expression is made of: a closed set of operations, each of them immutable and compared by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

_N = TypeVar("_N")


def hashed_once(node: type[_N]) -> type[_N]:
    """Keep the hash of each expression: by those of its parts it would be computed again and again."""
    afresh = node.__hash__

    def kept(self: Any) -> int:
        found = self.__dict__.get("_hash")
        if found is None:
            found = afresh(self)
            self.__dict__["_hash"] = found
        return int(found)

    setattr(node, "__hash__", kept)  # noqa: B010  (a method cannot be assigned to)
    return node


class Function(StrEnum):
    """What is applied to an array as a whole, by its sign in a statement."""

    SIGMOID = "σ"
    TANH = "tanh"
    SOFTMAX = "softmax"  # over the entries of each sample


class Node:
    """An expression."""

    def __getstate__(self) -> dict[str, Any]:
        """Its fields; a hash that is kept is that of one process."""
        return {name: value for name, value in self.__dict__.items() if name != "_hash"}

    @property
    def below(self) -> tuple[Node, ...]:
        """The expressions that it is made of, in their order."""
        return ()


@hashed_once
@dataclass(frozen=True)
class Letter(Node):
    """An array by its name in the statement: "Wzh", "h′", "a⟨t−1⟩"; or an operand, as it is written."""

    name: str


@hashed_once
@dataclass(frozen=True)
class Number(Node):
    """A number that stands for an array of any shape with this number everywhere."""

    value: float


ONE = Number(1.0)


@hashed_once
@dataclass(frozen=True)
class Zeros(Node):
    """Zeros in the shape of a letter."""

    like: str


@hashed_once
@dataclass(frozen=True)
class Negative(Node):
    """The expression with the other sign."""

    of: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """What gets the other sign."""
        return (self.of,)


@hashed_once
@dataclass(frozen=True)
class Sum(Node):
    """Two terms or more; one without samples is added to each sample."""

    terms: tuple[Node, ...]

    @property
    def below(self) -> tuple[Node, ...]:
        """The terms."""
        return self.terms


@hashed_once
@dataclass(frozen=True)
class Hadamard(Node):
    """The product entry by entry, a ⊙ b, of two factors or more."""

    factors: tuple[Node, ...]

    @property
    def below(self) -> tuple[Node, ...]:
        """The factors."""
        return self.factors


@hashed_once
@dataclass(frozen=True)
class Product(Node):
    """The matrix product, W x."""

    left: Node
    right: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """Both sides."""
        return (self.left, self.right)


@hashed_once
@dataclass(frozen=True)
class Transposed(Node):
    """Rows for columns, Wᵀ."""

    of: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """What is transposed."""
        return (self.of,)


@hashed_once
@dataclass(frozen=True)
class Applied(Node):
    """A function of all of an array, σ(a)."""

    function: Function
    of: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """The argument."""
        return (self.of,)


@hashed_once
@dataclass(frozen=True)
class Slope(Node):
    """The derivative of σ or tanh, entry by entry, by what came of it: y ⊙ (1 − y), or 1 − y ⊙ y."""

    function: Function
    of: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """What came of the function."""
        return (self.of,)


@hashed_once
@dataclass(frozen=True)
class Stacked(Node):
    """Parts on top of one another, [a; x]."""

    parts: tuple[Node, ...]

    @property
    def below(self) -> tuple[Node, ...]:
        """The parts, from the top."""
        return self.parts


@hashed_once
@dataclass(frozen=True)
class Slice(Node):
    """Of what is stacked as the letters `among` are, the rows of one of them."""

    of: Node
    index: int
    among: tuple[str, ...]

    @property
    def below(self) -> tuple[Node, ...]:
        """What the rows are taken of."""
        return (self.of,)


@hashed_once
@dataclass(frozen=True)
class OverSamples(Node):
    """The sum of all samples, (n, 1)."""

    of: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """What is summed."""
        return (self.of,)


@hashed_once
@dataclass(frozen=True)
class OverEntries(Node):
    """The sum of each sample's entries, (1, samples)."""

    of: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """What is summed."""
        return (self.of,)


@hashed_once
@dataclass(frozen=True)
class OverTime(Node):
    """The sum over all steps of a letter that each of them has."""

    of: Node

    @property
    def below(self) -> tuple[Node, ...]:
        """What is summed."""
        return (self.of,)


def with_below(node: Node, below: tuple[Node, ...]) -> Node:
    """Return the same operation on other expressions, as many as it has."""
    match node:
        case Sum():
            return Sum(below)
        case Hadamard():
            return Hadamard(below)
        case Stacked():
            return Stacked(below)
        case Product():
            return Product(*below)
        case Negative() | Transposed() | Applied() | Slope() | Slice() | OverSamples() | OverEntries():
            return replace(node, of=below[0])
        case OverTime():
            return replace(node, of=below[0])
    return node


def letters(node: Node) -> Iterator[str]:
    """Yield the letters of an expression, from the left, with repetitions."""
    if isinstance(node, Letter):
        yield node.name
    for one in node.below:
        yield from letters(one)
