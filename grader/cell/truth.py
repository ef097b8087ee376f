"""What is true on a case of a cell: by torch's own cell, and by the equations; and where the two part.

Where torch has the cell, it is the truth, and the equations are the second formulation. Where it has not,
the equations are the truth, forward and back as they are derived, and autograd of torch on the same
operations is the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.cell.derived import Derived, gradients
from grader.cell.roles import Does, biases
from grader.equations.program import Line
from grader.equations.reading import Equation, Place
from grader.equations.values import run
from grader.errors import EquationError
from grader.records import Arrays
from grader.suite import AGREEMENT


def by_equations(cell: Derived, arrays: Arrays) -> Arrays:
    """Return the new states and all gradients, by the equations and the way back that is derived of them.

    Computed in float64, but see `reference.precision`.
    """
    found = _by_letter(cell, arrays)
    answers = {name: found[letter] for name, letter in zip(cell.forward.returned, cell.new, strict=True)}
    of = {name: cell.back.derivative[letter] for name, letter in _by(cell).items()}
    answers |= {name: found[of[name]] for name in gradients(cell)}
    letter_of = dict(zip(cell.forward.returned, cell.new, strict=True)) | of
    return {
        name: np.array(cell.array(letter_of[name], matrix), np.float64, order="C")
        for name, matrix in answers.items()
    }


def _by_letter(cell: Derived, arrays: Arrays) -> dict[str, Any]:
    from reference import precision

    exact = {name: np.asarray(array, precision.current()) for name, array in arrays.items()}
    matrices = cell.matrices(exact)
    lines: tuple[Line, ...] = (*cell.program.lines, *cell.back.lines)
    return run(lines, matrices, cell.back.shapes, cell.numbers(matrices))


def _by(cell: Derived) -> dict[str, str]:
    """Return what backward is judged by -> the letter that it is the derivative by."""
    return {**{f"d{name}": name for name in cell.program.weights}, **cell.returned}


def by_torch(cell: Derived, arrays: Arrays) -> Arrays:
    """Return the same by torch: its own cell, with the homework's weights put in, where it has one."""
    from reference.gradients import outputs_and_gradients

    own = cell.cell.torch is not None
    step = _torchs_cell if own else _operations_by_torch
    deltas = {new: arrays[name] for new, name in zip(cell.forward.returned, cell.deltas, strict=True)}
    arguments = {name: array for name, array in arrays.items() if name not in cell.deltas}
    true = outputs_and_gradients(lambda tensors: step(cell, tensors), arguments, deltas)
    called = {letter: name for name, letter in cell.letters.items()}
    of = {name: f"d{called.get(letter, letter)}" for name, letter in _by(cell).items()}
    return {
        **{name: true[name] for name in cell.forward.returned},
        **{k: true[of[k]] for k in gradients(cell)},
    }


def _torchs_cell(cell: Derived, tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new states by torch's own cell, in the homework's shapes."""
    from reference import cells

    assert cell.cell.torch is not None
    try:
        after = cells.step(cell.cell.torch, *_for_torch(cell, tensors))
    except ValueError as error:  # what the dialect says, in a sentence
        place = cell.program.equations[-1].place
        raise EquationError(
            f"{place.file}: these are not the equations of `torch` in the declaration: {error}"
        ) from None
    single = cell.cell.batch is None
    return {name: new[0] if single else new for name, new in zip(cell.forward.returned, after, strict=True)}


def _for_torch(cell: Derived, tensors: Mapping[str, Any]) -> tuple[dict[str, Any], Any, tuple[Any, ...]]:
    """Return the weights by the dialect's names, the input (batch, input) and the states (batch, hidden)."""
    parts = dict(tensors)
    for whole, names in cell.parts.items():
        rows = len(tensors[whole]) // len(names)
        parts |= {name: tensors[whole][i * rows : (i + 1) * rows] for i, name in enumerate(names)}
    lead = (None,) if cell.cell.batch is None else ()
    x, *states = (tensors[name][lead] if lead else tensors[name] for name in cell.forward.names)
    weights: dict[str, Any] = {}
    for letter, role in cell.roles.items():
        gate = _gate(cell, role.equation)
        if role.does is Does.BY_BOTH:
            sizes = [
                parts[cell.input if one == cell.letters[cell.input] else cell.states[0]].shape[-1]
                for one in role.onto
            ]
            edges = np.cumsum([0, *sizes])
            for one, start, end in zip(role.onto, edges[:-1], edges[1:], strict=True):
                source = "x" if one == cell.letters[cell.input] else "h"
                weights[f"W_{gate}{source}"] = parts[letter][:, start:end]
            continue
        weights[_canonical(cell, letter, gate)] = parts[letter]
    return weights, x, tuple(states)


def _gate(cell: Derived, equation: Equation) -> str:
    """Return the dialect's letter of the gate that an equation defines; a plain RNN's has none."""
    assert cell.cell.torch is not None
    letter = equation.left[0]
    gate = cell.cell.gates.get(letter, letter)
    return gate if gate in cell.cell.torch.gates else ""


def _canonical(cell: Derived, letter: str, gate: str) -> str:
    """Return the dialect's name of a weight."""
    role = cell.roles[letter]
    if role.does.is_bias:
        if len(biases(cell.roles, role.gate)) == 1:
            return f"b_{gate}" if gate else "b"
        return f"b_{gate}{'x' if role.does is Does.BIAS_BESIDE_INPUT else 'h'}"
    return f"W_{gate}{'x' if role.does is Does.BY_INPUT else 'h'}"


def _operations_by_torch(cell: Derived, tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new states by the equations' operations on tensors, for autograd to go back through."""
    from reference.operations import TORCH

    matrices = {(of := cell.letter(name)): cell.matrix(of, tensor) for name, tensor in tensors.items()}
    found = run(cell.program.lines, matrices, cell.program.shapes, cell.numbers(matrices), TORCH)
    lone = cell.cell.batch is None
    return {
        name: found[letter][:, 0] if lone else found[letter].T
        for name, letter in zip(cell.forward.returned, cell.new, strict=True)
    }


def parted(cell: Derived, arrays: Arrays, says: str) -> EquationError:
    """Return the error for a case on which torch and the equations part.

    Args:
        cell: with its equations.
        arrays: the case's.
        says: which output parts by how much, and in which case.
    """
    if cell.cell.torch is None:
        return Place(cell.file, cell.program.equations[0].place.line).error(
            f"the equations that begin here and torch's autograd on the same operations part: {says}"
        )
    kind = type(cell.cell.torch).__name__.removesuffix("Dialect")
    for equation, letter, off in _letters_apart(cell, arrays):
        if off > AGREEMENT:
            return equation.place.error(
                f"{equation.name} is not what torch.nn.{kind}Cell is told: {letter} parts from it by "
                f"{off:.1e} of its largest value, where {AGREEMENT:.0e} is allowed; and so {says}"
            )
    first = cell.program.equations[0]
    return first.place.error(f"the way back through the equations is not that of torch.nn.{kind}Cell: {says}")


def _letters_apart(cell: Derived, arrays: Arrays) -> list[tuple[Equation, str, float]]:
    """(equation, its letter, how far that is from the dialect's, as a part of its largest entry)."""
    from reference import cells
    from reference.gradients import own_array, tensor_of

    assert cell.cell.torch is not None
    found = _by_letter(cell, arrays)
    given = {name: tensor_of(array) for name, array in arrays.items() if name not in cell.deltas}
    true = cells.letters(cell.cell.torch, *_for_torch(cell, given))
    states = dict(zip(cell.new, "hc", strict=False))
    apart = []
    for equation in cell.program.equations:
        letter = equation.left[0]
        name = states.get(letter) or cell.cell.gates.get(letter, letter)
        if len(equation.left) == 1 and name in true:
            right = own_array(true[name]).T  # (hidden, samples)
            scale = float(np.abs(right).max()) or 1.0
            apart.append((equation, letter, float(np.abs(found[letter] - right).max()) / scale))
    return apart
