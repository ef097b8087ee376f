"""What a criterion that holds is forgiven, and how that is told: it costs nothing.

A case with a size of 1 is asked like any other. What fails there and nowhere else is mostly `np.squeeze`,
which drops the only axis: a mistake worth knowing, and not one about recurrent networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader import outcomes
from grader.compare import Match
from grader.outcomes import Outcome
from grader.records import Answer, Case, Finding, notice

SQUEEZE = "np.squeeze drops every axis of length 1: name the one that it may drop, or use reshape."
ONE_STEP = "A sequence of one step has only the index 0: what a comment calls t=1 is [0] in Python."
NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()


def has_size_of_one(case: Case) -> bool:
    """Whether one of the sizes that differ from case to case is 1 here."""
    return 1 in case.sizes.values()


def forgiven(cases: Sequence[Case], found: Sequence[Outcome]) -> bool:
    """Whether all failing cases have a size of 1, and there are others, which hold."""
    holds_without = [
        isinstance(outcome, Match)
        for case, outcome in zip(cases, found, strict=True)
        if not has_size_of_one(case)
    ]
    return bool(holds_without) and all(holds_without)


def notices(
    cases: Sequence[Case],
    answers: Sequence[Answer],
    found: Mapping[str, Sequence[Outcome]],
    text: str = "",
) -> list[Finding]:
    """Return what is to be said of the criteria of a check that hold, although not everything went well.

    Args:
        cases: of the check's suite.
        answers: one per case.
        found: criterion that counts -> what came of each case.
        text: the source of the hand-in's main file.
    """
    of_ones, after_all = {}, {}
    for name, of_cases in found.items():
        if not all(isinstance(outcome, Match) for outcome in of_cases):
            of_ones[name] = _about_ones(cases, of_cases, text)
        elif any(answer.failure is not None for answer in answers):
            after_all[name] = _about_failures(answers)
    return [
        notice(f"{names}: {message}", hint)
        for said in (of_ones, after_all)
        for names, message, hint in outcomes.by_saying(said)
    ]


def _about_ones(cases: Sequence[Case], found: Sequence[Outcome], text: str) -> tuple[str, str | None]:
    """Return a sentence on cases that fail for a size of 1, and what it mostly is."""
    failing = [i for i, outcome in enumerate(found) if not isinstance(outcome, Match)]
    first = outcomes.groups(cases, found)[0].shown
    shared = [name for name in cases[failing[0]].sizes if all(cases[i].sizes[name] == 1 for i in failing)]
    sizes = outcomes.listed([f"{name} 1" for name in shared]) if shared else "a size of 1"
    if len(failing) == 1:
        which = f"the one that fails has {sizes}"
    else:
        count = NUMBERS[len(failing)] if len(failing) < len(NUMBERS) else str(len(failing))
        which = f"the {count} that fail all have {sizes}"
    hint = SQUEEZE if "squeeze" in text else ONE_STEP if "steps" in shared else None
    right = len(cases) - len(failing)
    return f"right in {right} of {len(cases)} cases; {which} ({outcomes.shortly(first)})", hint


def _about_failures(answers: Sequence[Answer]) -> tuple[str, str | None]:
    """Return a sentence on calls that raised after the array was stored, in which it was right."""
    failures = [answer.failure for answer in answers if answer.failure is not None]
    failure = failures[0]
    where = "" if failure.line is None else f" (line {failure.line})"
    count = f"in {len(failures)} of {len(answers)} cases"
    said = f"right as stored before {failure.message.rstrip('.')}{where}, {count}; so it counts"
    return said, failure.hint
