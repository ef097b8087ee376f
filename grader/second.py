"""A second step on one instance, with other numbers: what a training does, and no single case asks for.

A case of it holds the inputs of two cases of the same sizes, the second's under names that end in "_2". True
of the second step is what is true of it alone; but of gradients that a cell adds up, both steps' sum is as
right. All of it is told, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from grader.compare import Match, compare_all
from grader.declaration import Check, Output, Probe, Problem
from grader.outcomes import listed
from grader.records import Answer, Judged, Suite
from grader.remembered import of_the_same
from grader.suite import digest

SECOND, SUM = "_2", " in all"
CASES = 4
HINT = (
    "Every case is asked of a fresh instance, so it costs nothing here; but a training takes many steps. "
    "Forward must set anew whatever backward reads."
)


def probe(problems: Sequence[Problem], suite: str) -> Probe:
    """Return the adapter's call `second_step`: its outputs are those of all checks, compared after the second
    step.

    Args:
        problems: the assignment's.
        suite: key of the suite whose cases make the steps.
    """
    outputs = tuple(output for problem in problems for check in problem.calls for output in check.outputs)
    return Probe(Check("second_step", suite, outputs, judge=partial(judge, outputs)), two_steps)


@of_the_same
def two_steps(drawn: Suite) -> Suite:
    """Return a few cases of two steps each, from a suite of single ones."""
    plain = [i for i, case in enumerate(drawn.cases) if min(case.sizes.values()) > 1 and not case.interleaved]
    pairs = [(i, j) for i, j in pairwise(plain) if drawn.cases[i].sizes == drawn.cases[j].sizes]
    cases, expected = [], []
    for i, j in pairs[:CASES]:
        case, then = drawn.cases[i], drawn.cases[j]
        inputs = {**case.inputs, **{f"{name}{SECOND}": array for name, array in then.inputs.items()}}
        cases.append(replace(case, inputs=inputs, strided=False))
        first, second = drawn.expected[i], drawn.expected[j]
        expected.append({**second, **{f"{name}{SUM}": first[name] + second[name] for name in second}})
    return Suite(drawn.seed, digest(cases), tuple(cases), tuple(expected))


def judge(outputs: Sequence[Output], suite: Suite, answers: Sequence[Answer]) -> tuple[Judged, ...]:
    """One verdict on the second step: whether it raises, or what it gets wrong."""
    for answer in answers:
        if answer.failure is not None:
            message = f"on a second step with the same instance, {answer.failure.message}"
            return (Judged(False, message, HINT),)
    wrong = [output.name for output in outputs if not _holds(output, suite, answers)]
    if not wrong:
        return (Judged(True),)
    verb = "is" if len(wrong) == 1 else "are"
    return (Judged(False, f"on a second step with the same instance, {listed(wrong)} {verb} wrong", HINT),)


def _holds(output: Output, suite: Suite, answers: Sequence[Answer]) -> bool:
    """Whether an array is right on each case: of the second step alone, or of both in all."""
    found = [answer.arrays[output.name] for answer in answers if output.name in answer.arrays]
    if len(found) < len(answers):
        return False
    left = set(range(len(found)))
    for end in ("", SUM):
        true = [truth[f"{output.name}{end}"] for truth in suite.expected]
        compared = compare_all(output, found, true)
        left -= {at for at, one in enumerate(compared) if isinstance(one, Match)}
        if not left:
            return True
    return False
