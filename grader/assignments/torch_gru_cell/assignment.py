"""GRUCell in PyTorch's convention: one step, forward and backward (11-785, homework 3, later terms)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader import second
from grader.cases import Regime, Spec
from grader.declaration import Assignment, Check, Limits, Output, Problem, Shape, Wanted
from grader.suite import Recipe, draw
from grader.words import Array, Arrays, Suite

GATES = ("r", "z", "n")
BY_INPUT = tuple(f"W{gate}x" for gate in GATES)
BY_STATE = tuple(f"W{gate}h" for gate in GATES)
BIASES = tuple(f"b{gate}{source}" for source in "xh" for gate in GATES)
NAMES = (*BY_INPUT, *BY_STATE, *BIASES)
# A bias of the size of a weight would hide the weights: four numbers meet in every pre-activation.
BIAS_SCALE = 0.5


def inputs(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill a specification: weights (hidden, input or hidden), x (input,), all others (hidden,)."""
    arrays = {name: spec.weight(rng, spec.hidden, spec.input) for name in BY_INPUT}
    arrays |= {name: spec.weight(rng, spec.hidden, spec.hidden) for name in BY_STATE}
    arrays |= {name: BIAS_SCALE * spec.weight(rng, spec.hidden, 1)[:, 0] for name in BIASES}
    arrays["x"] = rng.standard_normal(spec.input)
    arrays["h_prev_t"] = spec.state(rng, spec.hidden)
    arrays["delta"] = spec.delta(rng, spec.hidden)
    _hold_to_the_limits(arrays, spec)
    return arrays


def _hold_to_the_limits(arrays: dict[str, Array], spec: Spec) -> None:
    """Scale a gate's weights and biases where its largest pre-activation is larger than a case may have.

    Large pre-activations are made as large as that.
    """
    for gate, limit in (("r", spec.LARGE_SIGMOID), ("z", spec.LARGE_SIGMOID), ("n", spec.LARGE_TANH)):
        by_input, by_state = _terms(arrays, gate)
        # r has been scaled by now: n comes last.
        reset = 1 / (1 + np.exp(-sum(_terms(arrays, "r")))) if gate == "n" else 1.0
        factor = limit / np.abs(by_input + reset * by_state).max()
        if factor < 1 or spec.regime is Regime.LARGE:
            for name in (f"W{gate}x", f"W{gate}h", f"b{gate}x", f"b{gate}h"):
                arrays[name] = factor * arrays[name]


def _terms(arrays: Arrays, gate: str) -> tuple[Array, Array]:
    """W_x x + b_x and W_h h + b_h of a gate, each (hidden,)."""
    by_input = arrays[f"W{gate}x"] @ arrays["x"] + arrays[f"b{gate}x"]
    by_state = arrays[f"W{gate}h"] @ arrays["h_prev_t"] + arrays[f"b{gate}h"]
    return by_input, by_state


def truth(arrays: Arrays) -> Arrays:
    """h_t and the fourteen gradients, by nn.GRUCell."""
    from reference import gru  # torch takes a second to import, and a stored suite needs none

    return _answers(arrays, gru.step)


def check(arrays: Arrays) -> Arrays:
    """The same, by Equations (1) to (4) as they are written."""
    from reference import gru

    return _answers(arrays, gru.written_out)


def _answers(arrays: Arrays, step: Callable[..., Any]) -> Arrays:
    from reference import gru
    from reference.dialects import TORCH_GRU

    weights = {f"{name[0]}_{name[1:]}": arrays[name] for name in NAMES}  # Wrx is the reference's W_rx
    x, h, delta = (arrays[name][None] for name in ("x", "h_prev_t", "delta"))  # a batch of one
    true = gru.forward_and_gradients(TORCH_GRU, weights, x, h, delta, step=step)
    gradients = {f"d{name}": true[f"d{name[0]}_{name[1:]}"] for name in NAMES}
    return gradients | {"h_t": true["h"][0], "dx": true["dx"][0], "dh": true["dh"][0]}


def suite(seed: int) -> Suite:
    """The 64 cases that every student gets."""
    return draw(Recipe(inputs=inputs, truth=truth, check=check, count=64), seed)


CELL = (
    "cell = GRUCell(x.size, h_prev_t.size)",
    "cell.Wrx, cell.Wzx, cell.Wnx, cell.Wrh, cell.Wzh, cell.Wnh = Wrx, Wzx, Wnx, Wrh, Wzh, Wnh",
    "# the biases, as your class has them: bir is brx, and so on",
    'names = ("bir biz bin bhr bhz bhn" if hasattr(cell, "bir") else "brx bzx bnx brh bzh bnh").split()',
    "for name, bias in zip(names, (brx, bzx, bnx, brh, bzh, bnh)): setattr(cell, name, bias)",
)
ANOTHER = (
    "other = GRUCell(x.size, h_prev_t.size)",
    "other.Wrx, other.Wzx, other.Wnx = Wrx[::-1], Wzx[::-1], Wnx[::-1]",
    "other.Wrh, other.Wzh, other.Wnh = Wrh[::-1], Wzh[::-1], Wnh[::-1]",
    "for name, bias in zip(names, (brx, bzx, bnx, brh, bzh, bnh)): setattr(other, name, bias[::-1])",
    "other.forward(x[::-1], h_prev_t[::-1])",
)

forward = Check(
    call="forward",
    method="GRUCell.forward",
    suite="cells",
    outputs=(Output("h_t", Shape.VECTOR),),
    paste=(*CELL, "h_t = cell.forward(x, h_prev_t)"),
    meanwhile=ANOTHER,
)
backward = Check(
    call="backward",
    method="GRUCell.backward",
    suite="cells",
    outputs=(
        *(Output(f"d{name}", show=f"cell.d{name}") for name in (*BY_INPUT, *BY_STATE)),
        *(
            Output(f"d{name}", Shape.VECTOR, show=f'getattr(cell, "d" + names[{i}])')
            for i, name in enumerate(BIASES)
        ),
        Output("dx", Shape.VECTOR, show="returned[0]"),
        Output("dh", Shape.VECTOR, show="returned[1]"),
    ),
    # Terms differ in what they hand over, and hand-ins in what they accept.
    forms=("delta of shape (hidden,)", "delta of shape (1, hidden)"),
    spelt=("delta", "delta.reshape(1, -1)"),
    paste=(*CELL, "cell.forward(x, h_prev_t)", "returned = cell.backward(<form>)  # dx, dh"),
    meanwhile=ANOTHER,
)

PROBLEMS = (
    Problem("GRU Cell Forward", 30, (forward,)),
    Problem("GRU Cell Backward", 70, (backward,)),
)

ASSIGNMENT = Assignment(
    name="torch_gru_cell",
    title="GRUCell: one step of a Gated Recurrent Unit in PyTorch's convention, forward and backward",
    wanted=(
        Wanted(
            "hw3/gru_cell.py",
            places=("mytorch", ""),
            also=("gru.py",),
            defines=("GRUCell",),
            methods=("GRUCell.forward", "GRUCell.backward"),
            given=("GRUCell.__init__",),
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
