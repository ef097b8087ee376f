"""ElmanCell: one step of a plain recurrent network, forward and backward, in batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.cases import Ranges, Spec
from grader.declaration import Assignment, Check, Output, Problem, Wanted
from grader.records import Arrays, Suite
from grader.suite import Recipe, draw

WEIGHTS = ("W_x", "W_h", "b")  # the reference's names too


def inputs(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill a specification: weights, x (batch, input), h and dh_next (batch, hidden)."""
    arrays = {
        "W_x": spec.weight(rng, spec.hidden, spec.input),
        "W_h": spec.weight(rng, spec.hidden, spec.hidden),
        "b": spec.weight(rng, spec.hidden, 1)[:, 0],
        "x": rng.standard_normal((spec.batch, spec.input)),
        "h": spec.state(rng, spec.batch, spec.hidden),
        "dh_next": spec.delta(rng, spec.batch, spec.hidden),
    }
    a = arrays["x"] @ arrays["W_x"].T + arrays["h"] @ arrays["W_h"].T + arrays["b"]
    factor = spec.factor(spec.LARGE_TANH, a)
    return arrays | {name: factor * arrays[name] for name in WEIGHTS}


def truth(arrays: Arrays) -> Arrays:
    """h' and the five gradients, by torch.nn.RNNCell."""
    from reference import rnn  # torch takes a second to import

    return _answers(arrays, rnn.step)


def check(arrays: Arrays) -> Arrays:
    """Return the same, by Equation (1) as it is written."""
    from reference import rnn

    return _answers(arrays, rnn.written_out)


def _answers(arrays: Arrays, step: Callable[..., Any]) -> Arrays:
    from reference import rnn
    from reference.dialects import Activation, Orientation, RNNDialect

    dialect = RNNDialect(Activation.TANH, biases=1, orientation=Orientation.OUTPUT_BY_INPUT)
    weights = {name: arrays[name] for name in WEIGHTS}
    x, h, delta = (arrays[name] for name in ("x", "h", "dh_next"))
    return rnn.forward_and_gradients(dialect, weights, x, h, delta, step=step)


def suite(seed: int) -> Suite:
    """Return the 64 cases that every student gets."""
    return draw(Recipe(inputs=inputs, truth=truth, check=check, count=64, ranges=Ranges(batch=(1, 6))), seed)


CELL = ("cell = ElmanCell(x.shape[1], h.shape[1])", "cell.W_x, cell.W_h, cell.b = W_x, W_h, b")
SAMPLES = (0,)

forward = Check(
    call="forward",
    suite="cells",
    outputs=(Output("h", each=SAMPLES, show="h_next"),),
    paste=(*CELL, "h_next = cell.forward(x, h)"),
)
backward = Check(
    call="backward",
    suite="cells",
    outputs=(
        Output("dx", each=SAMPLES),
        Output("dh", each=SAMPLES),
        Output("dW_x", show="cell.dW_x"),
        Output("dW_h", show="cell.dW_h"),
        Output("db", show="cell.db"),
    ),
    paste=(*CELL, "cell.forward(x, h)", "dx, dh = cell.backward(dh_next)"),
)

ASSIGNMENT = Assignment(
    name="elman",
    title="ElmanCell: one step of a plain recurrent network, forward and backward",
    wanted=(
        Wanted(
            "elman.py",
            defines=("ElmanCell",),
            methods=("ElmanCell.forward", "ElmanCell.backward"),
            given=("ElmanCell.__init__",),
        ),
    ),
    problems=(
        Problem("Elman Forward", 40, (forward,)),
        Problem("Elman Backward", 60, (backward,)),
    ),
    suites={"cells": suite},
)
