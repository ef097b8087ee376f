"""What follows from a declaration and the equations of its statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from grader.cases import MAX_SIZE, Ranges
from grader.cell.declared import Call, Cell, call, made
from grader.cell.roles import Role, roles
from grader.equations import program, reading, way_back
from grader.equations.nodes import Letter
from grader.equations.program import Program
from grader.equations.sizes import Dimensions
from grader.equations.way_back import WayBack
from grader.errors import DeclarationError, EquationError
from grader.records import Array, Arrays
from reference.dialects import Dialect, GRUDialect, LSTMDialect, RNNDialect

STATES: Mapping[type[Dialect], int] = {
    RNNDialect: 1,
    GRUDialect: 1,
    LSTMDialect: 2,
}  # that a cell of torch's is handed


@dataclass(frozen=True)
class Derived:
    """A declared cell with its equations.

    Attributes:
        cell: as declared.
        name: of the class.
        sizes: the arguments that make an instance, "input" and "hidden" in the class's order.
        forward, backward: the calls.
        program: the way forward.
        back: the way back.
        letters: an array's name -> its letter: of the input, the states and the new states.
        file: the statement's path.
    """

    cell: Cell
    name: str
    sizes: tuple[str, ...]
    forward: Call
    backward: Call
    program: Program
    back: WayBack
    letters: Mapping[str, str]
    new: tuple[str, ...]
    file: str

    @property
    def input(self) -> str:
        """The name of the input."""
        return self.forward.names[0]

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states before the step."""
        return self.forward.names[1:]

    @property
    def deltas(self) -> tuple[str, ...]:
        """The names of the derivatives by the new states, in their order."""
        return self.backward.names

    @property
    def returned(self) -> Mapping[str, str]:
        """What backward returns -> the letter that it is the derivative by."""
        by = (self.input, *self.states)
        return {name: self.letters[of] for name, of in zip(self.backward.returned, by, strict=True)}

    @cached_property
    def roles(self) -> dict[str, Role]:
        """What each weight does, or each part of a stacked one."""
        return roles(self.program, self.letters[self.input])

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """Stacked array -> the letters that it is stacked of, from the top."""
        stacked = [one for one in self.program.equations if len(one.left) > 1]
        return {one.right.name: one.left for one in stacked if isinstance(one.right, Letter)}

    @cached_property
    def weights(self) -> tuple[str, ...]:
        """The weights' names, by what they do, and as the equations introduce them."""

        def order(name: str) -> tuple[int, int]:
            role = self.roles[self.parts.get(name, (name,))[0]]
            return role.does, self.program.equations.index(role.equation)

        return tuple(sorted(self.program.weights, key=order))

    @property
    def ranges(self) -> Ranges:
        """The sizes that cases have."""
        sizes = ((1, MAX_SIZE), (1, MAX_SIZE))
        return Ranges(*sizes, batch=self.cell.batch) if self.cell.batch is not None else Ranges(*sizes)

    def is_bias(self, weight: str) -> bool:
        """Whether a weight is added, and multiplies nothing."""
        return self.roles[self.parts.get(weight, (weight,))[0]].does.is_bias

    def shape(self, letter: str) -> Dimensions:
        """Return the shape of a letter, of either way."""
        return self.back.shapes[letter]

    def matrix(self, letter: str, array: Array) -> Array:
        """Return an array of the homework's as the matrix that its letter stands for: samples in columns."""
        if self.shape(letter).has_samples and self.cell.batch is not None:
            return array.T
        return array.reshape(-1, 1) if array.ndim == 1 else array

    def array(self, letter: str, matrix: Array) -> Array:
        """Return the other way round."""
        if self.shape(letter).has_samples and self.cell.batch is not None:
            return np.ascontiguousarray(matrix.T)
        shape = self.shape(letter)
        return matrix[:, 0] if shape.is_vector or shape.has_samples else matrix

    def letter(self, name: str) -> str:
        """Return the letter of an array that a case has: input, state, delta or weight."""
        return self.letters.get(name, name)

    def matrices(self, arrays: Arrays) -> dict[str, Array]:
        """Return the matrices of a case's arrays by letter."""
        return {(of := self.letter(name)): self.matrix(of, array) for name, array in arrays.items()}

    def numbers(self, matrices: Mapping[str, Array]) -> dict[str, int]:
        """Return the sizes of a case, by what is given of it."""
        inputs, state = (matrices[self.letters[name]] for name in (self.input, self.states[0]))
        return {"input": inputs.shape[0], "hidden": state.shape[0], "samples": inputs.shape[1]}


def derived(folder: Path, cell: Cell) -> Derived:
    """Return what follows from a declaration and the statement in its folder.

    Raises:
        DeclarationError: it contradicts itself or the statement.
        EquationError: an equation cannot be used.
    """
    file = folder / "statement.md"
    equations = reading.numbered(file.read_text(encoding="utf-8"), str(file), cell.numbers)
    equations = (*reading.plain(cell.stacked, f"{folder / 'assignment.py'}, stacked"), *equations)
    forward, backward = call(cell.forward), call(cell.backward)
    name, sizes = made(cell.made)
    inputs, *states = forward.names
    count = len(forward.returned)
    if (len(states), len(backward.names), len(backward.returned)) != (count, count, count + 1):
        raise DeclarationError(
            f"{cell.forward!r} takes one input and {len(states)} states, and returns {count}; "
            f"{cell.backward!r} takes {len(backward.names)} derivatives, and returns "
            f"{len(backward.returned)}: one is wanted for each"
        )
    defined = {letter for one in equations for letter in one.left}
    letters = {one: cell.letters.get(one, one) for one in (inputs, *states)}
    new = tuple(_new(one, cell, defined, file) for one in forward.returned)
    data = {letters[inputs]: "input", **{letters[one]: "hidden" for one in states}}
    alike = [(letters[one], after) for one, after in zip(states, new, strict=True)]
    way = program.compiled(equations, data, alike)
    back = way_back.derived(way, dict(zip(new, backward.names, strict=True)))
    found = Derived(cell, name, sizes, forward, backward, way, back, letters, new, str(file))
    _hold(found)
    return found


def _new(name: str, cell: Cell, defined: set[str], file: Path) -> str:
    """Return the letter of a new state."""
    for letter in (cell.letters.get(name), f"{name}′", name):
        if letter is not None and letter in defined:
            return letter
    raise EquationError(f"{file}: no equation defines {name}′ or {name}, which {cell.forward!r} returns")


def _hold(found: Derived) -> None:
    """Hold what a declaration names to the weights that the equations have."""
    weights = found.program.weights
    torch = found.cell.torch
    if torch is not None and len(found.states) != STATES[type(torch)]:
        raise DeclarationError(
            f"`torch` is {torch.cell}, which hands on {' and '.join('hc'[: STATES[type(torch)]])}, and "
            f"{found.cell.forward!r} has {len(found.states)}"
        )
    for one in found.program.equations:
        if len(one.left) > 1 and one.right not in [Letter(name) for name in weights]:
            raise one.place.error("what is stacked of letters must be a weight by its name alone")
    if unknown := [name for name in found.cell.also if name not in weights]:
        raise DeclarationError(
            f"`also` names {unknown[0]}, and the equations' weights are {', '.join(weights)}"
        )
    wanted, all_ = found.cell.gradients.split(), _all_gradients(found)
    if wanted and sorted(wanted) != sorted(all_):
        raise DeclarationError(f"`gradients` must name each of these once: {' '.join(all_)}")
    if odd := [name for name in weights if not found.shape(name).is_vector and found.is_bias(name)]:
        raise EquationError(f"{found.file}: {odd[0]} is added like a bias, and is no vector")


def gradients(found: Derived) -> tuple[str, ...]:
    """Return the names of what backward is judged by, in their order."""
    return tuple(found.cell.gradients.split()) or _all_gradients(found)


def _all_gradients(found: Derived) -> tuple[str, ...]:
    return (*(f"d{name}" for name in found.weights), *found.backward.returned)
