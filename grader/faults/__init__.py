"""Which mistake a hand-in has made: a cell with one fault in it, held to what the hand-in answers.

    operations   what mistakes do to expressions
    rules        the ways to be wrong at one place; slopes those of a derivative, whole those of an array
    fault        a fault: what was done, in which line, in which of the two ways
    lines        the lines of both ways, what may stand in them, and which equation they belong to
    forward      faults of forward: alone, with a backward that is true to it, or in backward alone
    backward     faults of backward; handed those of what is given and handed back
    values       what programs with faults compute, many at once
    collected    the faults of a cell as they are found, with what they make of a probe case
    compiling    finds all of them, once for an assignment and seed; catalogue what comes of it
    written      a catalogue in flat form, for other processes
    probing      which case is the probe, and on which others faults may be held
    pairs        the likeliest faults on top of another; meeting two faults that meet, by that and otherwise
    bench        which of them may be what was answered
    wiring       a loop through time as lines; looped what those with faults compute
    looping      faults of the wiring, and through_words what is said of them
    loops        which fault of a loop a hand-in has; loop_compiling finds all of them
    matching     which of them explain a hand-in: what is wrong, in every safe case, and nothing that is right
    confusions   wrong forwards that are another author's cell
    facts        what can be said of an array that no fault explains
    so_far       up to which equations the way back is right, where no fault explains what is wrong
    naming       what letters, equations and places are called
    sayings      what is said of each kind of fault
    telling      what a student is told, which is never a line of the way back
    explained    what comes of matching
    explaining   all of it together, for a suite

What a right hand-in needs is imported with the package, the rest when something is wrong.

Source of the idea: a catalogue of bugs matched with what somebody answers (Brown, Burton: Diagnostic models
for procedural bugs in basic mathematical skills, 1978); rewriting rules of a program (Singh, Gulwani,
Solar-Lezama: Automated feedback generation for introductory programming assignments, 2013).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.faults.modes import CONSISTENT, FACT, LOOP, TRUE_TO_IT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.faults.fault import Declared
    from grader.records import Explain, Keep, Suite

__all__ = ["CONSISTENT", "FACT", "LOOP", "TRUE_TO_IT", "explainer"]


def explainer(
    declared: Declared, suite: Suite, keep: Keep | None = None, printed: Mapping[str, str] | None = None
) -> Explain:
    """Return what names the causes of wrong values.

    Args:
        declared: the cell, or the loop, with what is judged of it.
        suite: on which it is judged, as everybody is asked it.
        keep: where what is computed once may be found; None to compute it.
        printed: letter of the equations -> what a sentence has for it.
    """
    from grader.faults.explaining import Explainer

    return Explainer(declared, suite, keep, printed or {})
