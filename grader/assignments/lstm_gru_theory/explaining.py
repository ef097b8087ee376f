"""Which mistake of the equations explains what is wrong with the derivatives of Question 4."""

from __future__ import annotations

from grader.faults import explainer
from grader.faults.fault import Declared
from grader.records import Array, Explain, Keep, Suite

from .points import ARGUMENTS, GRADIENTS, ways


def explain(suite: Suite, keep: Keep) -> Explain:
    """Return what names the causes of wrong values, of a suite that everybody is asked."""
    return explainer(declared(), suite, keep)


def declared() -> Declared:
    """Return the cell with what is judged of it: its gradients alone."""
    cell, back = ways(("x", "h"))
    return Declared(
        cell,
        back,
        seeds={"h_2": "delta"},
        states={},
        gradients={name: name.removeprefix("d") for name in GRADIENTS},
        matrices=lambda arrays: {name: arrays[name].reshape(1, 1) for name in ARGUMENTS},
        matrix=_matrix,
        sizes=lambda _: {"number": 1, "samples": 1},
    )


def _matrix(_: str, array: Array) -> Array:
    return array.reshape(1, 1)
