"""Which mistake a hand-in has made: a cell with one fault in it, held to what the hand-in answers.

    operations   what mistakes do to expressions
    rules        the ways to be wrong at one place; slopes those of a derivative, whole those of an array
    fault        a fault: what was done, in which line, in which of the two ways
    lines        the lines of both ways, what may stand in them, and which equation they belong to
    forward      faults of forward: alone, with a backward that is true to it, or in backward alone
    backward     faults of backward; handed those of what is given and handed back
    values       what programs with faults compute, many at once
    collected    the faults of a cell with what they make of a probe case
    catalogue    all of them, compiled once for an assignment
    pairs        the likeliest faults on top of another; meeting two faults that meet, by that and otherwise
    bench        what they make of the probe case, and which may be what was answered
    wiring       a loop through time as lines; looped what those with faults compute
    looping      faults of the wiring, and through_words what is said of them
    loops        all faults of a loop, and which of them a hand-in has
    matching     which of them explain a hand-in: what is wrong, in every safe case, and nothing that is right
    confusions   wrong forwards that are another author's cell
    facts        what can be said of an array that no fault explains
    so_far       up to which equations the way back is right, where no fault explains what is wrong
    naming       what letters, equations and places are called
    sayings      what is said of each kind of fault
    telling      what a student is told, which is never a line of the way back

Source of the idea: a catalogue of bugs matched with what somebody answers (Brown, Burton: Diagnostic models
for procedural bugs in basic mathematical skills, 1978); rewriting rules of a program (Singh, Gulwani,
Solar-Lezama: Automated feedback generation for introductory programming assignments, 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from grader.faults.confusions import confusion
from grader.faults.fault import TRUE_TO_IT, Declared, Mode
from grader.faults.loops import LoopMatcher
from grader.faults.matching import Explained, Matcher
from grader.faults.so_far import so_far
from grader.faults.telling import mode, sentence
from grader.faults.wiring import DeclaredLoop
from grader.records import Arrays, Case, Cause, Explain, Suite

FACT = "fact"  # the mode of what is known of an array, and is no cause
CONSISTENT = str(Mode.CONSISTENT)  # that of a wrong forward whose gradient backward is
LOOP = str(Mode.LOOP)  # that of a loop around a right cell; of its way back nothing is said

__all__ = [
    "CONSISTENT",
    "FACT",
    "LOOP",
    "TRUE_TO_IT",
    "Declared",
    "DeclaredLoop",
    "LoopMatcher",
    "Matcher",
    "cause",
    "explainer",
]


def explainer(declared: Declared, suite: Suite) -> Explain:
    """Return what names the causes of wrong values, of a suite that everybody is asked."""
    matcher = LoopMatcher(declared, suite) if isinstance(declared, DeclaredLoop) else Matcher(declared, suite)
    return partial(_causes, matcher)


def _causes(
    matcher: Matcher,
    cases: Sequence[Case],
    answers: Sequence[Arrays],
    wrong: Sequence[str],
    right: Sequence[str],
) -> list[Cause]:
    explanation = matcher.explain(cases, answers, wrong, right)
    is_all = len(explanation.causes) == 1 and {*wrong, *right} == matcher.declared.outputs.keys()
    is_all = is_all and not explanation.left | explanation.zero
    facts = [
        Cause(f"{name} is, in every case, {says}.", "", FACT, FACT, (name,))
        for name, says in explanation.facts
    ]
    known = {name for name, _ in explanation.facts}
    left = tuple(name for name in matcher.declared.outputs if name in explanation.left - known)
    if left and not explanation.causes and (says := so_far(matcher.declared, wrong, right)) is not None:
        facts.append(Cause(says, "", FACT, FACT, left))
    return [cause(matcher.declared, one, is_all) for one in explanation.causes] + facts


def cause(declared: Declared, explained: Explained, is_all: bool = True) -> Cause:
    """Return what a report says of an explanation.

    Args:
        declared: the cell.
        explained: what is explained, and by what.
        is_all: nothing else is wrong: then something can be said of backward as a whole.
    """
    outputs = [name for name in declared.outputs if name in explained.outputs]
    # Of what no case tells apart, another author's cell is likelier than a slip that comes to the same.
    faults = sorted(explained.faults, key=lambda one: not confusion(declared, one))
    first = faults[0]
    what = " and ".join([", ".join(outputs[:-1]), outputs[-1]] if len(outputs) > 1 else outputs)
    is_ = "is" if len(outputs) == 1 else "are"
    when = sentence(declared, faults, explained.factor)
    if explained.also is not None:
        when += f", and {sentence(declared, [explained.also])}"
    says = f"{what} {is_} exactly what comes out when {when}."
    # Of two, backward is true to the wrong forward only if it is to both.
    last = explained.also if explained.also is not None and first.mode is Mode.CONSISTENT else first
    is_one_way = explained.also is None or explained.also.mode is first.mode
    more = mode(last, list(declared.states), outputs) if is_all and is_one_way else ""
    more = f"{confusion(declared, first)} {more}".strip()
    return Cause(
        f"{says} {more}".strip(), first.equation, str(first.slip.kind), str(last.mode), tuple(outputs)
    )
