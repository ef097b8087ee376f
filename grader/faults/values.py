"""What programs with faults compute: many that differ in one line, at once.

Matrices may have axes before their rows and columns: then they are as many matrices, and each operation
serves all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

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
    letters,
)
from grader.equations.sizes import Dimensions
from grader.faults.operations import Odd, Oddly
from grader.records import Array

Lines = Mapping[str, Node]


class DoesNotFitError(Exception):
    """An expression has no value: sizes do not fit."""


class FaultProgram:
    """Lines, in an order in which they can be computed, and what depends on what."""

    def __init__(self, lines: Lines, shapes: dict[str, Dimensions]) -> None:
        self.lines, self.shapes = dict(lines), shapes
        self.uses = {name: frozenset(letters(node)) for name, node in lines.items()}
        self._behind: dict[str, frozenset[str]] = {}

    def behind(self, name: str) -> frozenset[str]:
        """Return the letters whose value depends on this one's, itself included."""
        if name not in self._behind:
            found = {name}
            for other, used in self.uses.items():
                if used & found:
                    found.add(other)
            self._behind[name] = frozenset(found)
        return self._behind[name]


class ProbeCase:
    """The letters of a program on one case.

    Args:
        program: without a fault.
        given: letter -> matrix, of what no line defines.
        sizes: the number of each size.
    """

    def __init__(self, program: FaultProgram, given: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        self.program, self.given = program, given
        self.sizes: dict[str, int] = {**sizes, "1": 1}
        self.true: dict[str, Any] = dict(given)
        for name, node in program.lines.items():
            self.true[name] = self.value(node, self.true)

    def value(self, node: Node, known: Mapping[str, Any]) -> Any:
        """Return the matrix, or matrices, that an expression is.

        Raises:
            DoesNotFitError: it has none.
        """
        return _Evaluation(self, known.__getitem__).of(node)

    def with_lines(self, changes: Lines, wanted: Iterable[Node]) -> list[Any]:
        """Return what some expressions are where some lines are others."""
        dirty = frozenset[str]().union(*map(self.program.behind, changes))
        return self._computed({**self.program.lines, **changes}, self.given, dirty, wanted)

    def afresh(self, lines: Lines, given: Mapping[str, Node], wanted: Iterable[Node]) -> list[Any]:
        """Return what some expressions are where all lines may be others, and what is given, too."""
        changed = {**self.given, **{name: self.value(node, self.given) for name, node in given.items()}}
        return self._computed(lines, changed, lines.keys(), wanted)

    def _computed(
        self, lines: Lines, given: Mapping[str, Any], dirty: Any, wanted: Iterable[Node]
    ) -> list[Any]:
        found: dict[str, Any] = {}
        begun: set[str] = set()

        def letter(name: str) -> Any:
            if name not in dirty:
                return given[name] if name in given else self.true[name]
            if name not in found:
                if name in begun:
                    raise DoesNotFitError(f"{name} needs itself")
                begun.add(name)
                found[name] = evaluation.of(lines[name])
            return found[name]

        evaluation = _Evaluation(self, letter)
        return [evaluation.of(node) for node in wanted]

    def batch(self, name: str, values: Array, wanted: Iterable[str]) -> dict[str, Any]:
        """Letters that depend on one, for many values of it at once.

        Args:
            name: the letter.
            values: (n, rows, columns).
            wanted: letters.

        Returns:
            Those of them that depend on it -> (n, rows, columns).
        """
        behind = self.program.behind(name)
        known = {**self.true, name: values}
        for other, node in self.program.lines.items():
            if other in behind and other != name:
                known[other] = self.value(node, known)
        shape = (len(values),)
        return {
            one: np.broadcast_to(known[one], shape + known[one].shape[-2:]) for one in wanted if one in behind
        }


class _Sized(Protocol):
    """What an expression's value depends on beside its letters."""

    @property
    def program(self) -> FaultProgram:
        """With the shapes of all letters."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of each size."""


def evaluated(case: _Sized, node: Node, letter: Callable[[str], Any]) -> Any:
    """Return the matrix, or matrices, that an expression is.

    Args:
        case: with the shapes of all letters, and sizes.
        node: the expression.
        letter: what its letters are.

    Raises:
        DoesNotFitError: it has no value.
    """
    return _Evaluation(case, letter).of(node)


class _Evaluation:
    def __init__(self, case: _Sized, letter: Callable[[str], Any]) -> None:
        self.case, self.letter = case, letter

    def of(self, node: Node) -> Any:
        try:
            return _OF[type(node)](self, node)
        except (ValueError, TypeError, IndexError) as error:  # as NumPy says that shapes do not fit
            raise DoesNotFitError(str(error)) from None

    def sum(self, node: Sum) -> Any:
        found = self.of(node.terms[0])
        for one in node.terms[1:]:
            found = found + self.of(one)
        return found

    def hadamard(self, node: Hadamard) -> Any:
        found = self.of(node.factors[0])
        for one in node.factors[1:]:
            found = found * self.of(one)
        return found

    def zeros(self, node: Zeros) -> Any:
        return np.zeros(self.case.program.shapes[node.like].numbers(self.case.sizes))

    def stacked(self, node: Stacked) -> Any:
        parts = [self.of(one) for one in node.parts]
        lead = np.broadcast_shapes(*(one.shape[:-2] for one in parts))
        return np.concatenate([np.broadcast_to(one, lead + one.shape[-2:]) for one in parts], axis=-2)

    def slice(self, node: Slice) -> Any:
        rows = [self.case.program.shapes[name].numbers(self.case.sizes)[0] for name in node.among]
        start = sum(rows[: node.index])
        return self.of(node.of)[..., start : start + rows[node.index], :]

    def applied(self, node: Applied) -> Any:
        array = self.of(node.of)
        if node.function is Function.SIGMOID:
            return 1.0 / (1.0 + np.exp(-array))
        if node.function is Function.TANH:
            return np.tanh(array)
        powers = np.exp(array - array.max(axis=-2, keepdims=True))
        return powers / powers.sum(axis=-2, keepdims=True)

    def slope(self, node: Slope) -> Any:
        y = self.of(node.of)
        return y * (1.0 - y) if node.function is Function.SIGMOID else 1.0 - y * y

    def oddly(self, node: Oddly) -> Any:
        x, count = self.of(node.of), self.case.sizes["samples"]
        match node.how:
            case Odd.FIRST_SAMPLE:
                return np.broadcast_to(x[..., :1], x.shape)
            case Odd.ONLY_FIRST:
                return _only(x, 0, 0)
            case Odd.ONLY_LAST:
                return _only(x, -1, -1)
            case Odd.LAST_IN_FIRST:
                return _only(x, -1, 0)
            case Odd.SUMMED:
                return np.broadcast_to(x.sum(axis=-1, keepdims=True), x.shape)
            case Odd.MEAN:
                return x.mean(axis=-1, keepdims=True)
            case Odd.OVER_COUNT:
                return x / count
            case Odd.TIMES_COUNT:
                return x * count
            case Odd.FIRST_COLUMN:
                return x[..., :1]
            case Odd.FIRST_ENTRY:
                return np.broadcast_to(x[..., :1, :1], x.shape)
            case Odd.WHOLE_NUMBERS:
                return np.trunc(x)
            case Odd.RELU:
                return np.maximum(x, 0.0)
            case Odd.POSITIVE:
                return (x > 0.0).astype(np.float64)
            case Odd.ONES:
                return np.ones_like(x)
            case Odd.NOTHING:
                return np.zeros_like(x)
            case Odd.SIGMOID_PLUS:
                return 1.0 / (1.0 + np.exp(-x) + node.number)
            case Odd.OVER_THE_SAMPLES | Odd.OVER_ALL:
                axes: Any = -1 if node.how is Odd.OVER_THE_SAMPLES else (-2, -1)
                powers = np.exp(x - x.max(axis=axes, keepdims=True))
                return powers / powers.sum(axis=axes, keepdims=True)
            case Odd.INTERLEAVED:
                return x[..., node.part :: node.among, :]


def _only(x: Array, sample: int, at: int) -> Array:
    kept = np.zeros(x.shape)
    kept[..., at] = x[..., sample]
    return kept


_OF: Mapping[type[Node], Callable[[_Evaluation, Any], Any]] = {
    Letter: lambda self, node: self.letter(node.name),
    Number: lambda self, node: node.value,
    Zeros: _Evaluation.zeros,
    Negative: lambda self, node: -self.of(node.of),
    Sum: _Evaluation.sum,
    Hadamard: _Evaluation.hadamard,
    Product: lambda self, node: self.of(node.left) @ self.of(node.right),
    Transposed: lambda self, node: np.swapaxes(self.of(node.of), -1, -2),
    Applied: _Evaluation.applied,
    Slope: _Evaluation.slope,
    Stacked: _Evaluation.stacked,
    Slice: _Evaluation.slice,
    OverSamples: lambda self, node: self.of(node.of).sum(axis=-1, keepdims=True),
    OverEntries: lambda self, node: self.of(node.of).sum(axis=-2, keepdims=True),
    Oddly: _Evaluation.oddly,
}
