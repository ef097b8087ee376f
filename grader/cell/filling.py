"""The arrays of a random case of a cell, and the limits on what goes into its activations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from grader.cases import Regime, Spec
from grader.cell.derived import Derived
from grader.cell.roles import biases
from grader.equations.nodes import Applied, Function, Letter, letters
from grader.equations.program import Line
from grader.equations.values import run
from grader.records import Array, Arrays

# An ordinary state that an activation is still to be applied to is not held to (-1, 1) as others are.
WIDE = 2.0
# Rounding moves what has been scaled to a limit by less than this part of it.
SLACK = 1e-9


@dataclass(frozen=True)
class Reach:
    """One use of σ or tanh.

    Attributes:
        function: which.
        argument: the letter of what goes into it.
        weights: those of its equation that make the argument; none where it is a state, as in tanh(c′).
        states: where there are no weights, the letters of old states that the argument is a sum of.
        others: of that sum, how many terms hold no state; each is within (-1, 1).
    """

    function: Function
    argument: str
    weights: tuple[str, ...]
    states: tuple[str, ...]
    others: int

    def limit(self, spec: Spec) -> float:
        """Return the largest pre-activation that a case may have."""
        return spec.LARGE_SIGMOID if self.function is Function.SIGMOID else spec.LARGE_TANH


def filling(cell: Derived) -> Callable[[Spec, np.random.Generator], Arrays]:
    """Return what fills a specification: weights, input, states, and the derivatives by the new states."""
    all_ = tuple(activations(cell))

    def fill(spec: Spec, rng: np.random.Generator) -> Arrays:
        """Weights as the equations have them; what each sample has as (n,), or (batch, n) in a batch."""
        sizes = {"input": spec.input, "hidden": spec.hidden, "samples": spec.batch, "1": 1}
        arrays = {name: _weight(cell, name, sizes, spec, rng) for name in cell.weights}
        rows = () if cell.cell.batch is None else (spec.batch,)
        arrays[cell.input] = rng.standard_normal((*rows, spec.input))
        wide = {letter for one in all_ for letter in one.states}
        for name in cell.states:
            scale = WIDE if cell.letters[name] in wide else 1.0
            arrays[name] = scale * spec.state(rng, *rows, spec.hidden)
        for name in cell.deltas:
            arrays[name] = spec.delta(rng, *rows, spec.hidden)
        _keep_to_the_limits(cell, all_, arrays, spec)
        return arrays

    return fill


def activations(cell: Derived) -> Iterator[Reach]:
    """Each σ and tanh of a cell, in an order in which they can be computed."""
    lines = cell.program.by_letter
    named = {letter for one in cell.program.equations for letter in one.left}
    old = {cell.letters[name] for name in cell.states}
    for line in cell.program.lines:
        node = line.node
        if not isinstance(node, Applied) or node.function is Function.SOFTMAX:
            continue
        assert isinstance(node.of, Letter)
        argument = node.of.name
        made_of = tuple(dict.fromkeys(_of_the_equation(argument, lines, named)))
        weights = tuple(name for name in made_of if name in cell.roles)
        terms = lines[argument].terms[0].node.below if argument in lines and not weights else ()
        holding = [[name for name in letters(term) if name in old] for term in terms]
        states = tuple(dict.fromkeys(name for names in holding for name in names))
        yield Reach(node.function, argument, weights, states, sum(not names for names in holding))


def _of_the_equation(name: str, lines: Mapping[str, Line], named: set[str]) -> Iterator[str]:
    """Yield the letters that an argument is made of: its own, and those of the operands without a
    name in it.
    """
    if name not in lines:
        return
    for one in letters(lines[name].node):
        yield one
        if one not in named:
            yield from _of_the_equation(one, lines, named)


def _weight(cell: Derived, name: str, sizes: dict[str, int], spec: Spec, rng: np.random.Generator) -> Array:
    """Return a weight. The biases of one sum share the size of one weight: so they do not hide the others."""
    rows, columns = cell.shape(name).numbers(sizes)
    drawn = spec.weight(rng, rows, columns)
    if not cell.shape(name).is_vector:
        return drawn
    role = cell.roles[cell.parts.get(name, (name,))[0]]
    return drawn[:, 0] / len(biases(cell.roles, role.gate)) if role.does.is_bias else drawn[:, 0]


def _keep_to_the_limits(cell: Derived, all_: tuple[Reach, ...], arrays: dict[str, Array], spec: Spec) -> None:
    """Scale weights so that no pre-activation is larger than a case may have; large ones, to be as large.

    States are scaled first, and the weights of one activation after the other, since later ones may see what
    earlier ones make.
    """
    if spec.regime is Regime.LARGE:
        for one in all_:
            for name in cell.states:
                if cell.letters[name] in one.states:
                    # |c′| = |f ⊙ c + i ⊙ g| stays below |c| + 1, and goes into a tanh.
                    room = one.limit(spec) - one.others
                    arrays[name] = arrays[name] * (room / np.abs(arrays[name]).max())
    weighing = [one for one in all_ if one.weights]
    for one in weighing:
        found = _values(cell, one.argument, arrays)
        _scale(cell, arrays, one, spec.factor(one.limit(spec), found[one.argument]))
    last = _values(cell, cell.program.lines[-1].letter, arrays)
    for one in weighing:  # a weight in two equations may have been made larger for the second
        largest = np.abs(last[one.argument]).max()
        if largest > one.limit(spec) * (1 + SLACK):
            _scale(cell, arrays, one, float(one.limit(spec) / largest))


def _values(cell: Derived, letter: str, arrays: Arrays) -> dict[str, Array]:
    """Return the letters of the way forward up to this one, (rows, samples)."""
    lines = cell.program.lines
    upto = next(i for i, line in enumerate(lines) if line.letter == letter)
    matrices = cell.matrices({name: array for name, array in arrays.items() if name not in cell.deltas})
    return run(lines[: upto + 1], matrices, cell.program.shapes, cell.numbers(matrices))


def _scale(cell: Derived, arrays: dict[str, Array], one: Reach, factor: float) -> None:
    """Multiply the weights of an activation, of a stacked one its part, by a factor."""
    for whole, parts in cell.parts.items():
        for index, part in enumerate(parts):
            if part in one.weights:
                rows = len(arrays[whole]) // len(parts)  # every gate has as many
                scaled = arrays[whole].copy()
                scaled[index * rows : (index + 1) * rows] *= factor
                arrays[whole] = scaled
    for name in one.weights:
        if name in arrays:
            arrays[name] = factor * arrays[name]
