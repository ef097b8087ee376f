"""What a program computes: by NumPy, or by whatever else has its few operations, such as torch's tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

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
from grader.equations.program import Line
from grader.equations.sizes import Dimensions


class Operations(Protocol):
    """What an array library must have beside +, -, *, @ and .T: of matrices, samples in columns."""

    def applied(self, function: str, array: Any) -> Any:
        """σ, tanh or softmax (over the rows of each column) of an array."""

    def stacked(self, parts: Sequence[Any]) -> Any:
        """Return the parts on top of one another."""

    def summed(self, array: Any, axis: int) -> Any:
        """Return the sum along an axis, which stays with length 1."""

    def zeros(self, like: Any, shape: tuple[int, int]) -> Any:
        """Zeros of the same type."""


class ByNumPy:
    """The operations of NumPy, in the precision of the arrays that they are given."""

    def applied(self, function: str, array: NDArray[Any]) -> NDArray[Any]:
        """σ, tanh or softmax (over the rows of each column) of an array."""
        if function == Function.SIGMOID:
            return np.asarray(1.0 / (1.0 + np.exp(-array)))
        if function == Function.TANH:
            return np.asarray(np.tanh(array))
        powers = np.exp(array - array.max(axis=0, keepdims=True))
        return np.asarray(powers / powers.sum(axis=0, keepdims=True))

    def stacked(self, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return the parts on top of one another."""
        return np.concatenate(parts)

    def summed(self, array: NDArray[Any], axis: int) -> NDArray[Any]:
        """Return the sum along an axis, which stays with length 1."""
        return np.asarray(array.sum(axis=axis, keepdims=True))

    def zeros(self, like: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
        """Zeros of the same type."""
        return np.zeros(shape, like.dtype)


NUMPY: Operations = ByNumPy()


def run(
    lines: Iterable[Line],
    letters: Mapping[str, Any],
    shapes: Mapping[str, Dimensions],
    sizes: Mapping[str, int],
    by: Operations = NUMPY,
) -> dict[str, Any]:
    """Return the value of every letter, those that are given included.

    Args:
        lines: of a way forward, a way back, or both one after the other.
        letters: matrices (rows, columns) of what is given, one sample in each column.
        shapes: of all letters.
        sizes: the number of each size: {"input": 3, "hidden": 2, "samples": 1}.
        by: the library whose arrays they are.
    """
    env = Values(letters, shapes, {**sizes, "1": 1}, by)
    for line in lines:
        first, *others = (env.of(term.node) for term in line.terms)
        for one in others:
            first = first + one
        env.letters[line.letter] = first
    return env.letters


class Values:
    """The values of letters, and of expressions of them."""

    def __init__(
        self,
        letters: Mapping[str, Any],
        shapes: Mapping[str, Dimensions],
        sizes: Mapping[str, int],
        by: Operations,
    ) -> None:
        self.letters = dict(letters)
        self.shapes, self.sizes, self.by = shapes, sizes, by

    def of(self, node: Node) -> Any:
        """Return the array that an expression is; a number stays a number."""
        match node:
            case Letter(name):
                return self.letters[name]
            case Number(value):
                return value
            case Zeros(like):
                some = next(iter(self.letters.values()))
                return self.by.zeros(some, self.shapes[like].numbers(self.sizes))
            case Negative(of):
                return -self.of(of)
            case Sum(terms):
                found = self.of(terms[0])
                for one in terms[1:]:  # a − b, and not a + (−b): the same number, and one pass less
                    found = found - self.of(one.of) if isinstance(one, Negative) else found + self.of(one)
                return found
            case Hadamard(factors):
                found = self.of(factors[0])
                for one in factors[1:]:
                    found = found * self.of(one)
                return found
            case Product(left, right):
                return self.of(left) @ self.of(right)
            case Transposed(of):
                return self.of(of).T
        return self._of_rows(node)

    def _of_rows(self, node: Node) -> Any:
        match node:
            case Applied(function, of):
                return self.by.applied(function, self.of(of))
            case Slope(function, of):
                y = self.of(of)
                return y * (1.0 - y) if function is Function.SIGMOID else 1.0 - y * y
            case Stacked(parts):
                return self.by.stacked([self.of(one) for one in parts])
            case Slice(of, index, among):
                rows = [self.shapes[name].numbers(self.sizes)[0] for name in among]
                start = sum(rows[:index])
                return self.of(of)[start : start + rows[index]]
            case OverSamples(of):
                return self.by.summed(self.of(of), 1)
            case OverEntries(of):
                return self.by.summed(self.of(of), 0)
        raise TypeError(node)
