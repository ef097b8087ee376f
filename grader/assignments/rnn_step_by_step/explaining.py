"""Which mistake of the equations, or of the loop around them, explains what is wrong with a hand-in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from grader.equations import through_time, way_back
from grader.equations.way_back import WayBack
from grader.faults import explainer
from grader.faults.fault import Declared
from grader.faults.wiring import DeclaredLoop
from grader.records import Array, Explain, Keep, Suite

from . import equations
from .functions import FUNCTIONS, Function


def explain(name: str, suite: Suite, keep: Keep) -> Explain:
    """Return what names the causes of wrong values of a function, in whatever way it is asked."""
    return explainer(declared(name), suite, keep)


@cache
def declared(name: str) -> Declared:
    """Return a function with what is judged of it."""
    function = FUNCTIONS[name]
    return _loop(function) if function.is_sequence else _cell(function)


def _cell(function: Function) -> Declared:
    one = equations.cell(function.is_lstm)
    seeds = {delta.removeprefix("d"): delta for delta in function.deltas}
    gradients = {answer: answer.removeprefix("d") for answer in function.answers if seeds}
    return Declared(
        one,
        way_back.derived(one, seeds) if seeds else WayBack((), one.shapes, {}),
        seeds=seeds,
        states={} if seeds else {answer: answer for answer in function.answers},
        gradients=gradients,
        matrices=lambda arrays: {key: arrays[key] for key in (*one.given, *function.deltas)},
        matrix=_matrix,
        sizes=_sizes,
    )


def _loop(function: Function) -> DeclaredLoop:
    whole = equations.loop(function.is_lstm)
    back = through_time.derived(whole, {"a": "da"}) if function.is_backward else None
    by_weights = {answer: answer.removeprefix("d") for answer in function.answers[2:] if back}
    judged = {answer: answer for answer in function.answers}
    judged |= {answer: f"Σ {answer}" for answer in by_weights}
    sequences = ("x", "da") if back else ("x",)
    return DeclaredLoop(
        whole.cell,
        back.cell if back else WayBack((), whole.cell.shapes, {}),
        seeds={line.letter.removeprefix("d"): line.letter for line in back.into} if back else {},
        states={} if back else {"a": "a_next", "y": "yt", **({"c": "c_next"} if function.is_lstm else {})},
        gradients={"dx": "xt", **by_weights} if back else {},
        matrices=lambda arrays: {key: arrays[key] for key in (*whole.cell.weights, "a0")},
        matrix=_matrix,
        sizes=_sizes,
        loop=whole,
        loop_back=back,
        judged=judged,
        sequences=lambda arrays: {key: np.moveaxis(arrays[key], 2, 0) for key in sequences},
        sequences_of={"x": "xt", "da": "a_next"} if back else {"x": "xt"},
        loop_seeds=("da",) if back else (),
    )


def _matrix(_: str, array: Array) -> Array:
    """Put steps side by side: (n, m, T_x) -> (n, T_x * m)."""
    return np.moveaxis(array, 2, 1).reshape(len(array), -1) if array.ndim == 3 else array


def _sizes(matrices: Mapping[str, Array]) -> dict[str, int]:
    inputs = matrices["xt"] if "xt" in matrices else matrices["x"]
    state = matrices["a_prev"] if "a_prev" in matrices else matrices["a0"]
    return {
        "input": len(inputs),
        "hidden": len(state),
        "outputs": len(matrices["by"]),
        "samples": inputs.shape[1],
    }
