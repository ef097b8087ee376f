"""The random points at which the six derivatives of Question 4 are compared, and what is true there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from grader.cases import Ranges, Regime, Spec
from grader.equations import program, reading, values, way_back
from grader.equations.algebra import entry_by_entry
from grader.equations.program import Program
from grader.equations.way_back import WayBack
from grader.records import Array, Arrays, Case, Lookalike, Suite
from grader.suite import Recipe, changed, draw, of_each_case

STATEMENT = Path(__file__).with_name("statement.md")
# The homework's names -> the reference's, in the order of the equations.
WEIGHTS = {
    "W_xz": "W_zx",
    "W_hz": "W_zh",
    "W_xr": "W_rx",
    "W_hr": "W_rh",
    "W_xg": "W_nx",
    "W_hg": "W_nh",
}
ARGUMENTS = ("x", "h", *WEIGHTS, "delta")
GRADIENTS = ("dW_xz", "dW_hz", "dW_xg", "dW_hg", "dW_xr", "dW_hr")  # in the order of the questions, a to f
ONE = Ranges(input=(1, 1), hidden=(1, 1))


def inputs(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill a specification: x and h, the six weights and delta, all of shape ()."""
    arrays = {"x": rng.standard_normal(()), "h": spec.state(rng)}
    arrays |= {name: spec.weight(rng, 1, 1)[0, 0] for name in WEIGHTS}
    if spec.regime is Regime.LARGE:
        # Since |r h| <= |h|, no pre-activation is larger than this.
        bound = max(
            abs(arrays[f"W_x{gate}"] * arrays["x"]) + abs(arrays[f"W_h{gate}"] * arrays["h"])
            for gate in "zrg"
        )
        arrays |= {name: spec.LARGE_TANH / bound * arrays[name] for name in WEIGHTS}
    arrays["delta"] = spec.delta(rng)
    return {name: np.array(arrays[name]) for name in ARGUMENTS}


def truth(arrays: Arrays) -> Arrays:
    """Return the six derivatives, by nn.GRUCell."""
    return _derivatives(arrays)


def check(arrays: Arrays) -> Arrays:
    """Return the same, by the four equations of the statement and the way back that is derived of them."""
    from reference import precision

    cell, back = ways()
    matrices = {name: np.asarray(arrays[name], precision.current()).reshape(1, 1) for name in ARGUMENTS}
    found = values.run((*cell.lines, *back.lines), matrices, back.shapes, {"number": 1, "samples": 1})
    return {name: np.array(found[name], np.float64).reshape(()) for name in GRADIENTS}


@cache
def ways(data: tuple[str, ...] = ("x", "h", *WEIGHTS)) -> tuple[Program, WayBack]:
    """Forward and back. All letters are numbers: so the weights, too, are what each sample has of its own.

    Args:
        data: what each sample has of its own, where it matters which letters are weights.
    """
    printed = reading.numbered(STATEMENT.read_text(encoding="utf-8"), str(STATEMENT))
    scalar = [replace(one, right=entry_by_entry(one.right)) for one in printed]
    cell = program.compiled(scalar, dict.fromkeys(data, "number"))
    return cell, way_back.derived(cell, {"h_2": "delta"})


def other_way_round(arrays: Arrays) -> Arrays:
    """Return what comes of it when the gate lets the candidate in: h_2 = (1 - z) h_1 + z g.

    The derivatives by W_xz and W_hz are left out: they only change their sign, and that has other causes.
    """
    from reference.dialects import Keeps

    wrong = _derivatives(arrays, keeps=Keeps.ONE_MINUS_Z)
    return {name: wrong[name] for name in GRADIENTS if not name.endswith("z")}


def loss(arrays: Arrays) -> float:
    """Return what the derivatives are of: delta times the new state."""
    return float(arrays["delta"] * _back(arrays)["h"][0, 0])


def _derivatives(arrays: Arrays, **changes: Any) -> Arrays:
    true = _back(arrays, **changes)
    return {f"d{ours}": true[f"d{theirs}"].reshape(()) for ours, theirs in WEIGHTS.items()}


def _back(arrays: Arrays, **changes: Any) -> Arrays:
    """Return the new state and all derivatives, by the reference's names, (1, 1) each."""
    from reference import gru  # torch takes a second to import, and a stored suite needs none
    from reference.dialects import THEORY_GRU

    dialect = replace(THEORY_GRU, biases=0, **changes)  # "you may ignore the bias"
    square: dict[str, Array] = {name: arrays[name].reshape(1, 1) for name in ARGUMENTS}
    weights = {theirs: square[ours] for ours, theirs in WEIGHTS.items()}
    return gru.forward_and_gradients(dialect, weights, square["x"], square["h"], square["delta"])


def points(seed: int) -> Suite:
    """Return the random points that every student gets."""
    drawn = draw(Recipe(inputs=inputs, truth=truth, check=check, count=64, ranges=ONE), seed)
    swapped = Lookalike(
        "It is the derivative for h_2 = (1 - z) h_1 + z g; here z keeps the old state.",
        of_each_case(lambda case: other_way_round(case.inputs)),
    )
    return replace(changed(drawn, _as_a_point), lookalikes=(swapped,), float32=drawn.float32, loss=loss)


def _as_a_point(number: int, case: Case, truth: Arrays) -> tuple[Case, Arrays]:
    """Return the case as a point: a number has no strides, and a function without a state none beside."""
    return replace(case, label=f"point {number}", strided=False, interleaved=False), truth
