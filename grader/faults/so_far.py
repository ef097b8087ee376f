"""What is right up to a wrong gradient that nothing explains: which equations, by which gradients are right.

The gradient of a weight is a product with what comes back to the pre-activation of its equation. So if it is
right in every case, the way back is right up to there; if all of an equation's are wrong, it is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from grader.equations.nodes import letters
from grader.equations.reading import Equation
from grader.faults.fault import Declared
from grader.faults.naming import listed


def so_far(declared: Declared, wrong: Collection[str], right: Collection[str]) -> str | None:
    """Return a sentence on how far the way back is right; None if that cannot be told.

    Args:
        declared: the cell.
        wrong: outputs whose values are wrong.
        right: outputs that are right in every case.
    """
    if {*wrong, *right} != declared.outputs.keys() or not declared.states.keys() <= set(right):
        return None
    weights = {name: of for name, of in declared.gradients.items() if of in declared.program.weights}
    of_each = {
        one.number: names
        for one in declared.program.equations
        if one.number and (names := [name for name, of in weights.items() if of in _weights(declared, one)])
    }
    held = {number: [name for name in names if name in right] for number, names in of_each.items()}
    good = [number for number, names in held.items() if names]
    bad = [number for number, names in held.items() if not names]
    if not good:
        return None
    if not bad:
        if any(name in wrong for name in weights):
            return None
        lacking = listed([name for name in declared.outputs if name in wrong])
        return (
            "All gradients of weights are right, and so is the way back through every equation up to them: "
            f"look at how {lacking} {'is' if len(wrong) == 1 else 'are'} put together."
        )
    since = list(dict.fromkeys(name for number in good for name in held[number]))
    found = (
        f"The way back is right up to {_equations(good)}, since {listed(since)} "
        f"{'is' if len(since) == 1 else 'are'}, and not up to {_equations(bad)}"
    )
    before = {number: sorted(set(_nearest(declared, number, held))) for number in bad}
    first = [number for number in bad if not {*before[number]} & {*bad}]
    if len(first) == 1 and before[first[0]]:
        found += f": look at what leads from {_equations(before[first[0]])} back to {_equations(first)}"
    return f"{found}."


def _weights(declared: Declared, equation: Equation) -> set[str]:
    """Return the weights in an equation; for what is a part of a stacked one, that."""
    whole = {part: name for name, parts in declared.stacks.items() for part in parts}
    return {whole.get(letter, letter) for letter in letters(equation.right)}


def _nearest(declared: Declared, number: str, weighted: Collection[str]) -> Iterator[str]:
    """Yield the equations with weights through which the way back comes to this one, the nearest of each."""
    left = declared.program.equation(number).left
    for one in declared.program.equations:
        if set(left) & set(letters(one.right)) and one.number and one.number != number:
            if one.number in weighted:
                yield one.number
            else:
                yield from _nearest(declared, one.number, weighted)


def _equations(numbers: Sequence[str]) -> str:
    return f"Eq. {listed([f'({one})' for one in numbers])}"
