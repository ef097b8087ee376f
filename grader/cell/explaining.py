"""Which mistake of the equations explains what is wrong with a hand-in."""

from __future__ import annotations

from grader.cell.derived import Derived, gradients
from grader.faults import Declared, explainer
from grader.records import Array, Explain, Suite


def explain(found: Derived, suite: Suite) -> Explain:
    """Return what names the causes of wrong values, of a suite that everybody is asked."""
    return explainer(declared(found), suite)


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
