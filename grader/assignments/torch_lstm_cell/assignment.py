"""LSTMCell in PyTorch's convention: one step of a batch, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader import second
from grader.cases import Ranges, Regime, Spec
from grader.declaration import Assignment, Check, Limits, Output, Problem, Shape, Wanted
from grader.suite import Recipe, draw
from grader.words import Array, Arrays, Suite

GATES = ("i", "f", "g", "o")  # from the top of every stacked array
# This homework's arrays -> the reference's, of which each gate has one.
STACKED = {"weight_ih": "W_{}x", "weight_hh": "W_{}h", "bias_ih": "b_{}x", "bias_hh": "b_{}h"}
# A bias of the size of a weight would hide the weights: four numbers meet in every pre-activation.
BIAS_SCALE = 0.5
# An ordinary cell state is not held to (-1, 1) as a hidden state is.
CELL_SCALE = 2.0


def inputs(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill a case: weights (4*hidden, .), biases (4*hidden,), x (batch, input), states (batch, hidden)."""
    arrays = {
        "weight_ih": spec.weight(rng, 4 * spec.hidden, spec.input),
        "weight_hh": spec.weight(rng, 4 * spec.hidden, spec.hidden),
        "bias_ih": BIAS_SCALE * spec.weight(rng, 4 * spec.hidden, 1)[:, 0],
        "bias_hh": BIAS_SCALE * spec.weight(rng, 4 * spec.hidden, 1)[:, 0],
        "x": rng.standard_normal((spec.batch, spec.input)),
        "h": spec.state(rng, spec.batch, spec.hidden),
        "c": CELL_SCALE * spec.state(rng, spec.batch, spec.hidden),
        "dh_next": spec.delta(rng, spec.batch, spec.hidden),
        "dc_next": spec.delta(rng, spec.batch, spec.hidden),
    }
    _hold_to_the_limits(arrays, spec)
    return arrays


def _hold_to_the_limits(arrays: dict[str, Array], spec: Spec) -> None:
    """Scale a gate's weights and biases where its largest pre-activation is larger than a case may have.

    Large pre-activations are made as large as that, and the cell state with them.
    """
    by_input = arrays["x"] @ arrays["weight_ih"].T + arrays["bias_ih"]
    by_state = arrays["h"] @ arrays["weight_hh"].T + arrays["bias_hh"]
    largest = np.abs(by_input + by_state).reshape(spec.batch, 4, spec.hidden).max(axis=(0, 2))  # per gate
    limits = [spec.LARGE_TANH if gate == "g" else spec.LARGE_SIGMOID for gate in GATES]
    factors = limits / largest
    if spec.regime is Regime.LARGE:
        # |c'| = |f*c + i*g| stays below |c| + 1, and goes into a tanh.
        arrays["c"] = arrays["c"] * ((spec.LARGE_TANH - 1) / np.abs(arrays["c"]).max())
    else:
        factors = np.minimum(1, factors)
    for name in STACKED:
        arrays[name] = (arrays[name].T * np.repeat(factors, spec.hidden)).T


def truth(arrays: Arrays) -> Arrays:
    """h', c' and the seven gradients, by nn.LSTMCell."""
    from reference import lstm  # torch takes a second to import, and a stored suite needs none

    return _answers(arrays, lstm.step)


def check(arrays: Arrays) -> Arrays:
    """The same, by Equations (1) to (6) as they are written."""
    from reference import lstm

    return _answers(arrays, lstm.written_out)


def _answers(arrays: Arrays, step: Callable[..., Any]) -> Arrays:
    from reference import lstm
    from reference.dialects import TORCH_LSTM

    weights = {
        theirs.format(gate): part
        for ours, theirs in STACKED.items()
        for gate, part in zip(GATES, np.split(arrays[ours], 4), strict=True)
    }
    state, deltas = (arrays["h"], arrays["c"]), (arrays["dh_next"], arrays["dc_next"])
    true = lstm.forward_and_gradients(TORCH_LSTM, weights, arrays["x"], state, deltas, step=step)
    gradients = {
        f"d{ours}": np.concatenate([true[f"d{theirs.format(gate)}"] for gate in GATES])
        for ours, theirs in STACKED.items()
    }
    return gradients | {name: true[name] for name in ("h", "c", "dx", "dh", "dc")}


def suite(seed: int) -> Suite:
    """The 64 cases that every student gets, of batches from one sample to five."""
    ranges = Ranges(batch=(1, 5))
    return draw(Recipe(inputs=inputs, truth=truth, check=check, count=64, ranges=ranges), seed)


CELL = (
    "cell = LSTMCell(x.shape[1], h.shape[1])",
    "cell.weight_ih, cell.weight_hh = weight_ih, weight_hh",
    "cell.bias_ih, cell.bias_hh = bias_ih, bias_hh",
)

ANOTHER = (
    "other = LSTMCell(x.shape[1], h.shape[1])",
    "other.weight_ih, other.weight_hh = weight_ih[::-1], weight_hh[::-1]",
    "other.bias_ih, other.bias_hh = bias_ih[::-1], bias_hh[::-1]",
    "other.forward(x[::-1], (h[::-1], c[::-1]))",
)


def each_sample(name: str, show: str) -> Output:
    """An array with one sample in each row: a sample is held to its own scale, not to its neighbours'."""
    return Output(name, each=(0,), show=show)


forward = Check(
    call="forward",
    method="LSTMCell.forward",
    suite="cells",
    outputs=(each_sample("h", "state[0]"), each_sample("c", "state[1]")),
    paste=(*CELL, "state = cell.forward(x, (h, c))"),
    meanwhile=ANOTHER,
)
backward = Check(
    call="backward",
    method="LSTMCell.backward",
    suite="cells",
    outputs=(
        Output("dweight_ih", show="cell.dweight_ih"),
        Output("dweight_hh", show="cell.dweight_hh"),
        Output("dbias_ih", Shape.VECTOR, show="cell.dbias_ih"),
        Output("dbias_hh", Shape.VECTOR, show="cell.dbias_hh"),
        each_sample("dx", "returned[0]"),
        each_sample("dh", "returned[1]"),
        each_sample("dc", "returned[2]"),
    ),
    paste=(*CELL, "cell.forward(x, (h, c))", "returned = cell.backward(dh_next, dc_next)  # dx, dh, dc"),
    meanwhile=ANOTHER,
)

PROBLEMS = (
    Problem("LSTM Cell Forward", 40, (forward,)),
    Problem("LSTM Cell Backward", 60, (backward,)),
)

ASSIGNMENT = Assignment(
    name="torch_lstm_cell",
    title="LSTMCell: one step of a Long Short-Term Memory in PyTorch's convention, forward and backward",
    wanted=(
        Wanted(
            "hw3/lstm_cell.py",
            places=("mytorch", ""),
            also=("lstm.py",),
            defines=("LSTMCell",),
            methods=("LSTMCell.forward", "LSTMCell.backward"),
            given=("LSTMCell.__init__",),
        ),
    ),
    archive="tar.gz",
    problems=PROBLEMS,
    probes=(second.probe(PROBLEMS, "cells"),),
    limits=Limits(model_s=0.001),
    shares=("activation",),
    stand_ins=("activation.py", "mytorch/*", "nn/*"),
    suites={"cells": suite},
)
