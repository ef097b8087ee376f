"""The second formulation of what is true: the statement's equations, and the way back derived of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from grader.equations import program, reading, through_time, values, way_back
from grader.equations.program import Program
from grader.equations.through_time import Loop
from grader.records import Array, Arrays

from .functions import FUNCTIONS, Function

STATEMENT = Path(__file__).with_name("statement.md")
RNN, LSTM = (1, 2), (3, 4, 5, 6, 7, 8, 9)
# What the statement says of the loops in words: the cell is handed a step of x and the state before it.
RNN_WIRING = ("xt = x⟨t⟩", "a_prev = a⟨t−1⟩", "a⟨t⟩ = a_next", "y⟨t⟩ = yt", "a⟨0⟩ = a0")
LSTM_WIRING = (*RNN_WIRING, "c_prev = c⟨t−1⟩", "c⟨t⟩ = c_next")


@cache
def cell(is_lstm: bool) -> Program:
    """Return the way forward through one step."""
    text = STATEMENT.read_text(encoding="utf-8")
    equations = reading.numbered(text, str(STATEMENT), LSTM if is_lstm else RNN)
    states = {"a_prev": "a_next", "c_prev": "c_next"} if is_lstm else {"a_prev": "a_next"}
    data = {"xt": "input", **dict.fromkeys(states, "hidden")}
    return program.compiled(equations, data, tuple(states.items()), {"yt": "outputs"})


@cache
def loop(is_lstm: bool) -> Loop:
    """Return the way forward through all steps."""
    wiring = reading.plain(LSTM_WIRING if is_lstm else RNN_WIRING, "rnn_step_by_step, wiring")
    return through_time.wired(cell(is_lstm), wiring)


def answers(name: str, arrays: Arrays) -> Arrays:
    """Return what a right hand-in answers: function name, inputs -> every array of `Function.answers`.

    Computed in float64, but see `reference.precision`.
    """
    from reference import precision

    function = FUNCTIONS[name]
    exact = {key: np.asarray(array, precision.current()) for key, array in arrays.items()}
    found = (_through_time if function.is_sequence else _one_step)(function, exact)
    return {key: np.array(found[key], np.float64) for key in function.answers}


def letters(names: Sequence[str], arrays: Arrays, sizes: Mapping[str, int]) -> Arrays:
    """Letters of the LSTM's cell that need no cell state, by their own equations alone."""
    one = cell(is_lstm=True)
    needed = {"[a_prev; xt]", *names, *(f"a_{name}" for name in names)}
    found = values.run([line for line in one.lines if line.letter in needed], arrays, one.shapes, sizes)
    return {name: found[name] for name in names}


def _one_step(function: Function, arrays: Arrays) -> Arrays:
    one = cell(function.is_lstm)
    inputs, state = arrays[function.inputs[0]], arrays[function.inputs[1]]
    sizes = _sizes(function, arrays, inputs, state)
    seeds = {delta.removeprefix("d"): delta for delta in function.deltas}
    back = way_back.derived(one, seeds)
    lines = (*one.lines, *back.lines) if seeds else one.lines
    return values.run(lines, arrays, back.shapes, sizes)


def _through_time(function: Function, arrays: Arrays) -> Arrays:
    """Sequences are (n, m, T_x)."""
    whole = loop(function.is_lstm)
    sizes = _sizes(function, arrays, arrays["x"], arrays["a0"])
    steps = through_time.forward(whole, arrays, {"x": _steps(arrays["x"])}, sizes)
    if not function.is_backward:
        return {key: np.stack(steps.of(key), axis=2) for key in function.answers}
    back = through_time.derived(whole, {"a": "da"})
    steps, found = through_time.backward(whole, back, steps, {"da": _steps(arrays["da"])}, sizes)
    return {**found, "dx": np.stack(steps.of("dx"), axis=2)}


def _steps(sequence: Array) -> list[Array]:
    return [sequence[:, :, t] for t in range(sequence.shape[2])]


def _sizes(function: Function, arrays: Arrays, inputs: Array, state: Array) -> dict[str, int]:
    outputs = len(arrays["by"])
    return {"input": len(inputs), "hidden": len(state), "outputs": outputs, "samples": inputs.shape[1]}
