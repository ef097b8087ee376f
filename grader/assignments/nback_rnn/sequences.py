"""The random sequences on which outputs and gradients are compared, and what is true on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from grader.cases import Ranges, Regime, Spec
from grader.equations import program, reading, through_time
from grader.equations.through_time import Loop, LoopBack
from grader.records import Arrays, Lookalike, Suite
from grader.suite import Recipe, draw, of_each_case

HIDDEN = 6
STEPS = (1, 50)
RANGES = Ranges(input=(1, 1), hidden=(HIDDEN, HIDDEN), steps=STEPS)
STATEMENT = Path(__file__).with_name("statement.md")
# The state before a step, as the statement prints it, and as a letter.
PRINTED, BEFORE = "h_{t-1}", "h_before"
WIRING = ("x_t = x⟨t⟩", "h_before = h⟨t−1⟩", "h⟨t⟩ = h_t", "yhat⟨t⟩ = yhat_t")
SIZES = {"input": 1, "hidden": HIDDEN, "samples": 1}
WEIGHTS = {"U": "W_h", "V": "W_x"}  # the homework's names -> the reference's; w is the head's


def inputs(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill a specification: x and y (T,), U (6, 6), V (6, 1), w (6,)."""
    U, V = spec.weight(rng, HIDDEN, HIDDEN), spec.weight(rng, HIDDEN, 1)
    x, y = rng.standard_normal((2, spec.steps))
    # Since |h| <= 1, no pre-activation U h + V x is larger than this.
    bound = np.abs(U).sum(axis=1).max() + np.abs(V).max() * np.abs(x).max()
    if spec.regime is Regime.LARGE or bound > spec.LARGE_TANH:
        U, V = spec.LARGE_TANH / bound * U, spec.LARGE_TANH / bound * V
    # The derivative of the loss by h is (yhat - y) w: with a small w, dU and dV vanish and dw does not.
    return {"x": x, "y": y, "U": U, "V": V, "w": spec.delta(rng, HIDDEN)}


def truth(arrays: Arrays) -> Arrays:
    """Yhat, dU, dV and dw, by nn.RNNCell step after step."""
    from reference import rnn  # torch takes a second to import, and a stored suite needs none

    return _through_time(arrays, rnn.step)


def check(arrays: Arrays) -> Arrays:
    """Return the same, by the recurrence as it is printed and the way back that is derived of it."""
    from reference import precision

    exact = {name: np.asarray(array, precision.current()) for name, array in arrays.items()}
    weights = {**exact, "w": exact["w"].reshape(-1, 1)}
    loop, back = ways()
    steps = through_time.forward(loop, weights, {"x": list(exact["x"].reshape(-1, 1, 1))}, SIZES)
    yhat = np.concatenate(steps.of("yhat"))  # (T, 1)
    errors = {"dyhat": list((yhat - exact["y"][:, None])[:, :, None])}  # of J: yhat_t - y_t
    _, found = through_time.backward(loop, back, steps, errors, SIZES)
    true = {"yhat": yhat[:, 0], "dU": found["dU"], "dV": found["dV"], "dw": found["dw"][:, 0]}
    return {name: np.array(array, np.float64) for name, array in true.items()}


@cache
def ways() -> tuple[Loop, LoopBack]:
    """Through the sequence and back, by the statement's recurrence."""
    text = STATEMENT.read_text(encoding="utf-8").replace(PRINTED, BEFORE)
    cell = program.compiled(
        reading.numbered(text, str(STATEMENT)),
        {"x_t": "input", "h_before": "hidden"},
        [("h_before", "h_t")],
    )
    loop = through_time.wired(cell, reading.plain(WIRING, "nback_rnn, WIRING"))
    return loop, through_time.derived(loop, {"yhat": "dyhat"})


def without_recursion(arrays: Arrays) -> Arrays:
    """Return what comes of it when each step's state is taken for a constant by the step after it."""
    from reference import rnn

    wrong = _through_time(arrays, lambda dialect, W, x, h: rnn.step(dialect, W, x, h.detach()))
    return {name: wrong[name] for name in ("dU", "dV")}


def _through_time(arrays: Arrays, step: Callable[..., Any]) -> Arrays:
    """J = sum over t of (yhat_t - y_t)^2 / 2, from the first step to the last and back."""
    import torch

    from reference.dialects import NBACK_RNN
    from reference.gradients import Tensors, outputs_and_gradients

    def sequence(tensors: Tensors) -> Tensors:
        weights = {theirs: tensors[ours] for ours, theirs in WEIGHTS.items()}
        h = tensors["w"].new_zeros(1, HIDDEN)
        yhat = []
        for x_t in tensors["x"]:
            h = step(NBACK_RNN, weights, x_t.reshape(1, 1), h)  # (1, hidden): a batch of one
            yhat.append(h[0] @ tensors["w"])
        errors = torch.stack(yhat) - tensors["y"]  # (T,)
        return {"yhat": torch.stack(yhat), "J": (errors**2).sum() / 2}

    true = outputs_and_gradients(sequence, arrays, {"J": np.array(1.0)})
    return {name: true[name] for name in ("yhat", "dU", "dV", "dw")}


def sequences(seed: int) -> Suite:
    """Return the random sequences that every student gets, and what comes of them without the recursion."""
    from .training import loss  # which takes its sizes from here

    recipe = Recipe(inputs=inputs, truth=truth, check=check, count=48, ranges=RANGES, loss=loss)
    suite = draw(recipe, seed)
    says = "It is what comes out when the way from each state back to the one before it is dropped."
    wrong = of_each_case(lambda case: without_recursion(case.inputs))
    return replace(suite, lookalikes=(Lookalike(says, wrong),))
