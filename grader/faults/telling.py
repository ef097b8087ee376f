"""What a student is told of a fault: which equation, what was done there, and never a line of the way back.

Equations are the statement's, and are quoted. Of the way back a sentence names the equation that it goes back
through, letters of the statement, and the derivative of an activation, which is in every textbook.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.equations.nodes import Slope
from grader.faults.fault import Declared, Fault, Scope
from grader.faults.modes import TRUE_TO_IT, Mode
from grader.faults.naming import Names, listed
from grader.faults.operations import Kind
from grader.faults.sayings import SAID, plain, whole

MOST_TOLD = 2  # ways to say what may have happened: more of them tell a reader nothing


def sentence(declared: Declared, faults: Sequence[Fault], factor: float | None = None) -> str:
    """Return what completes "exactly what comes out when ...", with an "or" where no case tells which.

    Args:
        declared: the cell.
        faults: the likeliest first.
        factor: of what is added a number of times, that number.
    """
    teller = Names(declared, factor)
    first = faults[0]
    # What is the same in other words is told once: of a loop, as a fault of its cell or of its wiring.
    others = [one for one in faults[1:] if (one.mode is Mode.LOOP) is (first.mode is Mode.LOOP)]
    others = [one for one in others if not _is_same(one, first)]
    faults = [first, *others]
    said = list(dict.fromkeys(_of(teller, fault) for fault in faults))
    # Of two ways to say one thing the simpler one is enough: at one use alone, or where the letter is made.
    simple = [
        one
        for one, fault in zip([_of(teller, fault) for fault in faults], faults, strict=True)
        if fault.slip.here == first.slip.here
    ]
    return ", or when ".join([one for one in said if one in simple][:MOST_TOLD])


def _is_same(one: Fault, other: Fault) -> bool:
    """Whether the same was done to the same part of an equation, at more or fewer places."""
    same = (one.slip.kind, one.slip.part, one.equation) == (other.slip.kind, other.slip.part, other.equation)
    return same and one.mode is other.mode and bool(one.equation) and isinstance(one.slip.part, Slope)


def mode(fault: Fault, states: Sequence[str], outputs: Sequence[str]) -> str:
    """Return what a mistake that explains all that is wrong means for backward; "" if nothing."""
    if fault.mode is Mode.CONSISTENT and set(outputs) - set(states):
        return TRUE_TO_IT
    if fault.mode is Mode.FORWARD and set(outputs) - set(states):
        return "What backward has wrong comes of the wrong forward, and of nothing else."
    return ""


def _of(names: Names, fault: Fault) -> str:
    """Return the sentence of one fault."""
    if fault.mode is Mode.GIVEN:
        return _given(names, fault)
    if fault.mode is Mode.OUTPUT:
        return _output(names, fault)
    if fault.mode is Mode.LOOP:
        return fault.says
    said = SAID.get(fault.slip.kind, plain)(names, fault)
    if fault.mode is Mode.BORROWED:
        where = f"the line of {names.name(fault.letter)}" if fault.scope is Scope.USE else "backward"
        return f"{where} is that of another forward, in which {said}"
    return said


def _given(names: Names, fault: Fault) -> str:
    who = listed(fault.places)
    if fault.slip.kind is Kind.SIDES:
        return f"{who} are taken for each other from the start"
    if fault.says.startswith("ignored"):
        return (
            f"{who} is ignored, as if it were 0"
            if len(fault.places) == 1
            else f"{who} are ignored, as if they were 0"
        )
    return f"of {who}, {fault.says.replace('its ', 'the ')}"


def _output(names: Names, fault: Fault) -> str:
    slip, name = fault.slip, next(iter(fault.outputs))
    if slip.kind is Kind.LETTER:
        return f"{names.shown(slip.by, 'another array')} is handed back for {name}"
    if slip.kind is Kind.SIDES:
        return f"{listed(tuple(fault.outputs))} are handed back in each other's place"
    return f"{whole(names, fault, name)} where it is handed back"
