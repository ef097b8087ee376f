"""What is true: torch's own cells with the homework's weights copied across, and autograd through them.

The homework's arrays are column-major and its LSTM has one matrix per gate for [a_prev, xt]: transposes and
slices of tensors bring them to what the reference asks for, and let gradients through to the homework's own.
Importing this imports torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.records import Array, Arrays
from reference import lstm, rnn
from reference.dialects import STEP_LSTM, STEP_LSTM_ORDER, STEP_RNN, side_by_side
from reference.gradients import Tensors, outputs_and_gradients, own_array, tensor_of

from . import equations
from .functions import FUNCTIONS, Function

# The homework's gates -> the reference's.
GATES_OUT = ("ft", "it", "cct", "ot")
GATES = {"Wf": "f", "Wi": "i", "Wc": "g", "Wo": "o"}


def answers(name: str, arrays: Arrays) -> Arrays:
    """Return what a right hand-in answers: function name, inputs -> every array of `Function.answers`."""
    function = FUNCTIONS[name]
    if not function.is_backward:
        tensors = {key: tensor_of(array) for key, array in arrays.items()}
        true = _forward(function)(tensors)
        return {key: own_array(true[key]) for key in function.answers}
    deltas = {delta.removeprefix("d"): arrays[delta] for delta in function.deltas}
    arguments = {key: array for key, array in arrays.items() if key not in function.deltas}
    true_gradients = outputs_and_gradients(_forward(function), arguments, deltas)
    return {key: true_gradients[key] for key in function.answers}


def loss(name: str, arrays: Arrays) -> float:
    """Return what the gradients of a way back are of: the sum of each delta times what it is the derivative
    by.
    """
    function = FUNCTIONS[name]
    after = _forward(function)({key: tensor_of(array) for key, array in arrays.items()})
    return sum(
        float(np.sum(arrays[delta] * own_array(after[delta.removeprefix("d")]))) for delta in function.deltas
    )


def cached(name: str, arrays: Arrays) -> Arrays:
    """Return the arrays of `Function.caches`, from which the cache that the statement prescribes is put
    together.

    The gates have no name in torch's cell: they are computed here from torch's own states, (n_a, m, ...).
    """
    function = FUNCTIONS[name]
    tensors = {key: tensor_of(array) for key, array in arrays.items()}
    found = {key: own_array(array) for key, array in _forward(function)(tensors).items()}
    if function.is_lstm:
        a_prev = _before(arrays["a0"], found["a"]) if function.is_sequence else arrays["a_prev"]
        found |= _gates(arrays, a_prev, arrays[function.inputs[0]])
    return {key: found[key] for key in function.caches}


def without_carry(name: str, arrays: Arrays) -> Arrays:
    """Return what a way back through all steps answers when each step is gone back through by itself.

    The steps are then samples like any others: of m samples and T_x steps, one cell makes m*T_x samples.
    """
    function = FUNCTIONS[name]
    assert function.cell is not None
    after, x, da = cached(name, arrays), arrays["x"], arrays["da"]
    one_step = {"xt": x, "a_prev": _before(arrays["a0"], after["a"]), "da_next": da}
    if function.is_lstm:
        one_step["c_prev"] = _before(np.zeros_like(arrays["a0"]), after["c"])
        one_step["dc_next"] = np.zeros_like(da)
    flat = {key: array.reshape(len(array), -1) for key, array in one_step.items()}  # (n, m*T_x)
    found = answers(function.cell, flat | {key: arrays[key] for key in function.parameters})
    of_first_step = found["da_prev"].reshape(da.shape)[:, :, 0]  # (n_a, m)
    by_weights = {key: array for key, array in found.items() if key in function.answers}
    return {"dx": found["dxt"].reshape(x.shape), "da0": of_first_step, **by_weights}


def first_published_biases(arrays: Arrays) -> Arrays:
    """dbi, dbc, dbo of the first printed table: dbf of all steps, plus their own of the first step."""
    dbf = without_carry("lstm_backward", arrays)["dbf"]
    first = {key: arrays[key][:, :, :1] for key in ("x", "da")}
    own = without_carry("lstm_backward", {**arrays, **first})
    return {key: dbf + own[key] for key in ("dbi", "dbc", "dbo")}


def _before(initial: Array, after: Array) -> Array:
    """Return the states before each step, of those after each step: (n_a, m, T_x)."""
    return np.concatenate((initial[:, :, None], after[:, :, :-1]), axis=2)


def _gates(arrays: Arrays, a_prev: Array, x: Array) -> Arrays:
    """ft, it, cct, ot (n_a, m, ...), by their equations, from what goes into them: all steps are samples."""
    flat = {"a_prev": a_prev.reshape(len(a_prev), -1), "xt": x.reshape(len(x), -1)}
    sizes = {"input": len(x), "hidden": len(a_prev), "samples": flat["xt"].shape[1]}
    found = equations.letters(GATES_OUT, {**arrays, **flat}, sizes)
    return {key: array.reshape(a_prev.shape) for key, array in found.items()}


def _forward(function: Function) -> Callable[[Tensors], Tensors]:
    """Named tensors -> a_next, yt (and c_next) of a cell; a, y (and c) of a sequence."""
    step = _lstm_step if function.is_lstm else _rnn_step
    if not function.is_sequence:
        states = function.inputs[1:]

        def cell(t: Tensors) -> Tensors:
            after = step(t, t["xt"], tuple(t[state] for state in states))
            named = dict(zip(("a_next", "c_next"), after, strict=False))
            return {**named, "yt": _head(t, after[0])}

        return cell

    def sequence(t: Tensors) -> Tensors:
        state: tuple[Tensor, ...] = (t["a0"], torch.zeros_like(t["a0"]))[: 2 if step is _lstm_step else 1]
        states = []
        for xt in t["x"].unbind(dim=2):  # (n_x, m) each
            state = step(t, xt, state)
            states.append(state)
        over_time = [torch.stack(each, dim=2) for each in zip(*states, strict=True)]  # (n_a, m, T_x)
        y = torch.stack([_head(t, state[0]) for state in states], dim=2)  # (n_y, m, T_x)
        return {**dict(zip("ac", over_time, strict=False)), "y": y}

    return sequence


def _rnn_step(t: Tensors, xt: Tensor, state: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """Return (a,) -> (a',), (n_a, m)."""
    weights = {"W_x": t["Wax"], "W_h": t["Waa"], "b": t["ba"][:, 0]}
    return (rnn.step(STEP_RNN, weights, xt.T, state[0].T).T,)


def _lstm_step(t: Tensors, xt: Tensor, state: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """Return (a, c) -> (a', c'), (n_a, m) each."""
    a, c = state
    sizes = {"h": a.shape[0], "x": xt.shape[0]}
    parts = side_by_side({source: sizes[source] for source in STEP_LSTM_ORDER})
    weights = {f"W_{g}{source}": t[W][:, parts[source]] for W, g in GATES.items() for source in parts}
    weights |= {f"b_{g}": t[W.replace("W", "b")][:, 0] for W, g in GATES.items()}
    a, c = lstm.step(STEP_LSTM, weights, xt.T, (a.T, c.T))
    return a.T, c.T


def _head(t: Tensors, a: Tensor) -> Tensor:
    """softmax(W a + b) over the classes: (n_y, m)."""
    W = t["Wya"] if "Wya" in t else t["Wy"]
    return torch.softmax(W @ a + t["by"], dim=0)
