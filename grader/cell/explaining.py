"""Which mistake of the equations explains what is wrong with a hand-in."""

from __future__ import annotations

from grader.cell.derived import Derived, gradients
from grader.faults import explainer
from grader.faults.fault import Declared
from grader.records import Array, Explain, Keep, Suite


def explain(found: Derived, suite: Suite, keep: Keep) -> Explain:
    """Return what names the causes of wrong values.

    Args:
        found: the cell.
        suite: what everybody is asked.
        keep: finds what was computed of it before.
    """
    return explainer(declared(found), suite, keep)


def declared(found: Derived) -> Declared:
    """Return the cell with what is judged of it."""
    states = dict(zip(found.forward.returned, found.new, strict=True))
    by = {**{f"d{name}": name for name in found.program.weights}, **found.returned}
    letters = {**states, **by}

    def matrix(name: str, array: Array) -> Array:
        return found.matrix(letters[name], array)

    return Declared(
        found.program,
        found.back,
        seeds=dict(zip(found.new, found.deltas, strict=True)),
        states=states,
        gradients={name: by[name] for name in gradients(found)},
        matrices=found.matrices,
        matrix=matrix,
        sizes=found.numbers,
    )
