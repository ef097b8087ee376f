"""Which mistake of the recurrence, or of the loops around it, explains what is wrong with a hand-in."""

from __future__ import annotations

import numpy as np

from grader.equations.algebra import negative
from grader.equations.nodes import Letter, Sum
from grader.faults import explainer
from grader.faults.wiring import DeclaredLoop
from grader.records import Array, Explain, Keep, Suite

from .sequences import BEFORE, PRINTED, SIZES, ways


def explain(suite: Suite, keep: Keep) -> Explain:
    """Return what names the causes of wrong values, of a suite that everybody is asked."""
    return explainer(declared(), suite, keep, printed={BEFORE: PRINTED})


def declared() -> DeclaredLoop:
    """Return the network with what is judged of it."""
    loop, back = ways()
    return DeclaredLoop(
        loop.cell,
        back.cell,
        seeds={line.letter.removeprefix("d"): line.letter for line in back.into},
        states={"yhat": "yhat_t"},
        gradients={"dU": "U", "dV": "V", "dw": "w"},
        matrices=lambda arrays: {
            "U": arrays["U"],
            "V": arrays["V"].reshape(-1, 1),
            "w": arrays["w"].reshape(-1, 1),
        },
        matrix=_matrix,
        sizes=lambda _: SIZES,
        loop=loop,
        loop_back=back,
        judged={"yhat": "yhat", "dU": "Σ dU", "dV": "Σ dV", "dw": "Σ dw"},
        sequences=lambda arrays: {name: arrays[name].reshape(-1, 1, 1) for name in ("x", "y")},
        sequences_of={"x": "x_t", "y": "yhat_t"},
        # Of J = sum over t of (yhat_t - y_t)^2 / 2, which the hand-in derives itself.
        errors={"dyhat": Sum((Letter("yhat_t"), negative(Letter("y⟨t⟩"))))},
    )


def _matrix(name: str, array: Array) -> Array:
    if name == "yhat":
        return array.reshape(1, -1)
    return array.reshape(-1, 1) if name in ("dV", "dw") else np.asarray(array)
