"""Fills the arrays of a random case."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.cases import Ranges, Regime, Spec
from grader.records import Array, Arrays

from .functions import FUNCTIONS, Function

CELL = Ranges(input=(1, 6), hidden=(1, 6), batch=(1, 5), outputs=(1, 6))
SEQUENCE = Ranges(input=(1, 6), hidden=(1, 6), batch=(1, 5), steps=(1, 5), outputs=(1, 6))

Fill = Callable[[Spec, np.random.Generator], Arrays]


def fill(name: str) -> Fill:
    """Return what fills a specification for a function: its inputs, its parameters, then its deltas."""
    function = FUNCTIONS[name]

    def filled(spec: Spec, rng: np.random.Generator) -> Arrays:
        steps = (spec.steps,) if function.is_sequence else ()
        x, *states = function.inputs
        arrays = {x: rng.standard_normal((spec.input, spec.batch, *steps))}
        # A cell state is a sum over time: it leaves (-1, 1), where a hidden state stays.
        arrays |= {
            state: (2 if state == "c_prev" else 1) * spec.state(rng, spec.hidden, spec.batch)
            for state in states
        }
        arrays |= _parameters(function, spec, rng)
        if spec.regime is Regime.LARGE:
            _push_to_the_limits(function, arrays, spec)
        shape = (spec.hidden, spec.batch, *steps)
        return arrays | {delta: spec.delta(rng, *shape) for delta in function.deltas}

    return filled


def ranges(name: str) -> Ranges:
    """Return the sizes of a function's cases."""
    return SEQUENCE if FUNCTIONS[name].is_sequence else CELL


def _parameters(function: Function, spec: Spec, rng: np.random.Generator) -> dict[str, Array]:
    n_x, n_a, n_y = spec.input, spec.hidden, spec.outputs
    shapes = {"Wax": (n_a, n_x), "Waa": (n_a, n_a), "Wya": (n_y, n_a), "Wy": (n_y, n_a), "by": (n_y, 1)}
    shapes |= {f"W{gate}": (n_a, n_a + n_x) for gate in "fico"}  # for [a_prev, xt], one above the other
    shapes |= {f"b{gate}": (n_a, 1) for gate in "afico"}
    # Half as large a bias as spec.weight gives: pre-activations of three terms stay of order 1.
    return {
        name: (0.5 if name.startswith("b") else 1.0) * spec.weight(rng, *shapes[name])
        for name in function.parameters
    }


def _push_to_the_limits(function: Function, arrays: dict[str, Array], spec: Spec) -> None:
    """Scale weights and biases so that pre-activations are as large as a case may have them.

    A later step's state is not known here, but that it is within (-1, 1) is: the bound holds for all steps.
    """
    x = np.abs(arrays[function.inputs[0]]).reshape(spec.input, -1)  # (n_x, samples of all steps)
    if function.is_lstm:
        bound = np.concatenate((np.ones((spec.hidden, x.shape[1])), x))  # of |[a, x]|
        for gate in "fico":
            most = np.max(np.abs(arrays[f"W{gate}"]) @ bound + np.abs(arrays[f"b{gate}"]))
            factor = (spec.LARGE_TANH if gate == "c" else spec.LARGE_SIGMOID) / most
            arrays[f"W{gate}"], arrays[f"b{gate}"] = factor * arrays[f"W{gate}"], factor * arrays[f"b{gate}"]
        return
    of_a = np.abs(arrays["Waa"]) @ np.ones((spec.hidden, 1))  # (n_a, 1)
    factor = spec.LARGE_TANH / np.max(of_a + np.abs(arrays["Wax"]) @ x + np.abs(arrays["ba"]))
    for name in ("Wax", "Waa", "ba"):
        arrays[name] = factor * arrays[name]
