"""GRU_Cell: one step of a Gated Recurrent Unit, forward and backward (11-785, homework 3, spring 2019)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader import second
from grader.cases import Spec
from grader.declaration import Assignment, Check, Limits, Output, Problem, Shape, Wanted
from grader.suite import Recipe, draw
from grader.words import Arrays, Suite

# The homework's names -> the reference's.
WEIGHTS = {"Wzx": "W_zx", "Wzh": "W_zh", "Wrx": "W_rx", "Wrh": "W_rh", "Wx": "W_nx", "Wh": "W_nh"}
GRADIENTS = ("dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh")


def inputs(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill a specification: weights (hidden, input or hidden), x (input,), h and delta (hidden,)."""
    arrays = {name: spec.weight(rng, spec.hidden, spec.input) for name in ("Wzx", "Wrx", "Wx")}
    arrays |= {name: spec.weight(rng, spec.hidden, spec.hidden) for name in ("Wzh", "Wrh", "Wh")}
    arrays["x"] = rng.standard_normal(spec.input)
    arrays["h"] = spec.state(rng, spec.hidden)
    arrays["delta"] = spec.delta(rng, spec.hidden)
    _keep_to_the_limits(arrays, spec)
    return arrays


def _keep_to_the_limits(arrays: dict[str, np.ndarray], spec: Spec) -> None:
    """Scale the weights so that no pre-activation is larger than a case may have."""
    x, h = arrays["x"], arrays["h"]
    for gate in ("z", "r"):
        w_x, w_h = f"W{gate}x", f"W{gate}h"
        factor = spec.factor(spec.LARGE_SIGMOID, arrays[w_x] @ x + arrays[w_h] @ h)
        arrays[w_x], arrays[w_h] = factor * arrays[w_x], factor * arrays[w_h]
    reset = 1 / (1 + np.exp(-(arrays["Wrx"] @ x + arrays["Wrh"] @ h)))
    factor = spec.factor(spec.LARGE_TANH, arrays["Wx"] @ x + arrays["Wh"] @ (reset * h))
    arrays["Wx"], arrays["Wh"] = factor * arrays["Wx"], factor * arrays["Wh"]


def truth(arrays: Arrays) -> Arrays:
    """h_t and the eight gradients, by nn.GRUCell."""
    from reference import gru  # torch takes a second to import, and a stored suite needs none

    return _answers(arrays, gru.step)


def check(arrays: Arrays) -> Arrays:
    """The same, by Equations (1) to (4) as they are written."""
    from reference import gru

    return _answers(arrays, gru.written_out)


def _answers(arrays: Arrays, step: Callable[..., Any]) -> Arrays:
    from reference import gru
    from reference.dialects import CMU_GRU

    weights = {theirs: arrays[ours] for ours, theirs in WEIGHTS.items()}
    x, h, delta = (arrays[name][None] for name in ("x", "h", "delta"))  # a batch of one
    true = gru.forward_and_gradients(CMU_GRU, weights, x, h, delta, step=step)
    gradients = {f"d{ours}": true[f"d{theirs}"] for ours, theirs in WEIGHTS.items()}
    return gradients | {name: true[name][0] for name in ("h", "dx", "dh")}


def suite(seed: int) -> Suite:
    """The 64 cases that every student gets."""
    return draw(Recipe(inputs=inputs, truth=truth, check=check, count=64), seed)


CELL = (
    "cell = GRU_Cell(x.size, h.size)",
    "cell.Wzx, cell.Wrx, cell.Wx, cell.Wzh, cell.Wrh, cell.Wh = Wzx, Wrx, Wx, Wzh, Wrh, Wh",
)
ANOTHER = (
    "other = GRU_Cell(x.size, h.size)",
    "other.Wzx, other.Wrx, other.Wx = Wzx[::-1], Wrx[::-1], Wx[::-1]",
    "other.Wzh, other.Wrh, other.Wh = Wzh[::-1], Wrh[::-1], Wh[::-1]",
    "other.forward(x[::-1], h[::-1])",
)

forward = Check(
    call="forward",
    method="GRU_Cell.forward",
    suite="cells",
    outputs=(Output("h", Shape.VECTOR, show="h_t"),),
    paste=(*CELL, "h_t = cell.forward(x, h)"),
    meanwhile=ANOTHER,
)
backward = Check(
    call="backward",
    method="GRU_Cell.backward",
    suite="cells",
    outputs=(
        *(Output(name, show=f"cell.{name}") for name in GRADIENTS),
        Output("dx", Shape.VECTOR, show="returned[0]"),
        Output("dh", Shape.VECTOR, show="returned[1]"),
    ),
    # All of twenty public solutions accept a row, which the original grader hands over; some successors of
    # the homework take the vector alone.
    forms=("delta of shape (1, hidden)", "delta of shape (hidden,)"),
    spelt=("delta.reshape(1, -1)", "delta"),
    paste=(*CELL, "cell.forward(x, h)", "returned = cell.backward(<form>)  # dx, dh"),
    meanwhile=ANOTHER,
)

PROBLEMS = (
    Problem("GRU Cell Forward", 30, (forward,)),
    Problem("GRU Cell Backward", 70, (backward,)),
)

ASSIGNMENT = Assignment(
    name="gru_cell",
    title="GRU_Cell: one step of a Gated Recurrent Unit, forward and backward",
    wanted=(
        Wanted(
            "hw3/gru.py",
            also=("gru_cell.py",),
            defines=("GRU_Cell",),
            methods=("GRU_Cell.forward", "GRU_Cell.backward"),
            given=("GRU_Cell.__init__",),
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
