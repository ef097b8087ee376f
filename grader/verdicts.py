"""What a check was answered with, and what came of it: each answer is held to the truth once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader import leniency, outcomes
from grader.compare import Match, Rounding, compare_all, missing
from grader.declaration import Check, HandedIn, Output, SizesOfOne
from grader.errors import GraderError
from grader.outcomes import Group, Outcome
from grader.records import Answer, Array, Case, Judged, Suite
from grader.remembered import of_the_same
from grader.slices import Slices

NOTHING_BESIDE = HandedIn()


@dataclass(frozen=True)
class Called:
    """A check that was asked on every case of its suite.

    Attributes:
        check: what was asked.
        suite: the cases it was asked on.
        answers: what the student's process answered, one per case, in order.
        form: the way in which the arguments were handed over, counted from 0.
    """

    check: Check
    suite: Suite
    answers: Sequence[Answer]
    form: int = 0


@dataclass(frozen=True)
class Verdict:
    """What came of one criterion over a whole suite, by comparison with the truth.

    Attributes:
        called: what was asked, and answered.
        output: the criterion.
        outcomes: what came of each case.
        lenient: a case with a size of 1 costs nothing where all others hold.
    """

    called: Called
    output: Output
    outcomes: tuple[Outcome, ...]
    lenient: bool = False

    @property
    def suite(self) -> Suite:
        """The cases."""
        return self.called.suite

    @cached_property
    def failing(self) -> tuple[int, ...]:
        """Positions of the cases in which the criterion does not hold, the smallest case first."""
        wrong = [i for i, outcome in enumerate(self.outcomes) if not isinstance(outcome, Match)]
        return tuple(sorted(wrong, key=lambda i: self.suite.cases[i].entries))

    @cached_property
    def groups(self) -> list[Group]:
        """The failing cases by what is said of them, the commonest first."""
        return outcomes.groups(self.suite.cases, self.outcomes)

    @cached_property
    def holds(self) -> bool:
        """Whether it counts: in every case, or in all that do."""
        return not self.failing or (self.lenient and leniency.forgiven(self.suite.cases, self.outcomes))

    @property
    def reason(self) -> str | None:
        """Why most of its failing cases fail: the kind of a Gap or of a Failure; None if none fails."""
        return outcomes.kind(self.groups[0].shown) if self.failing else None


@dataclass(frozen=True)
class Ruling:
    """What came of one criterion by the check's own judge.

    Attributes:
        called: what was asked, and answered.
        output: the criterion.
        judged: what the judge says.
    """

    called: Called
    output: Output
    judged: Judged

    @property
    def holds(self) -> bool:
        """Whether it counts."""
        return bool(self.judged.passed)


def judged(
    called: Called, sizes_of_one: SizesOfOne = SizesOfOne.COUNT, handed_in: HandedIn = NOTHING_BESIDE
) -> tuple[Verdict, ...] | tuple[Ruling, ...]:
    """Hold the answers to the truth, or have the check's judge decide.

    Args:
        called: what was asked, and answered.
        sizes_of_one: whether a case with a size of 1 costs anything.
        handed_in: for a judge that looks at the hand-in.

    Returns:
        What came of each output of the check, in order.

    Raises:
        GraderError: there is not one answer per case, or the truth is missing or unusable. Never the
            student's fault.
    """
    check, suite = called.check, called.suite
    # An empty suite would be passed by everyone, and a lost answer would cost a student points.
    if not suite.cases or not len(suite.cases) == len(called.answers) == len(suite.expected):
        raise GraderError(
            f"{check.call} has {len(called.answers)} answers and {len(suite.expected)} truths "
            f"for {len(suite.cases)} cases"
        )
    if check.is_judged:
        if check.judge_of_hand_in is not None:
            decided = check.judge_of_hand_in(suite, called.answers, handed_in)
        else:
            assert check.judge is not None
            decided = check.judge(suite, called.answers)
        ruled = zip(check.outputs, decided, strict=True)
        return tuple(Ruling(called, output, one) for output, one in ruled)
    return tuple(_verdict(called, output, sizes_of_one is SizesOfOne.TELL) for output in check.outputs)


def settled(chain: Sequence[Sequence[Verdict | Ruling]]) -> tuple[Verdict | Ruling, ...]:
    """Choose for each output what counts.

    Args:
        chain: what came of a check, and after it of what was asked instead, in order.

    Returns:
        For each output the first that holds; where none does, what came of the check itself.
    """
    return tuple(
        next((one for one in of_output if one.holds), of_output[0]) for of_output in zip(*chain, strict=True)
    )


def rounding(output: Output, suite: Suite, cases: Sequence[Case]) -> Rounding:
    """Tell what float32 makes of an output on these cases: nothing where the suite says nothing of it."""
    return lambda at: None if suite.float32 is None else suite.float32(cases[at])[output.name]


def _verdict(called: Called, output: Output, lenient: bool) -> Verdict:
    verdict = Verdict(called, output, _outcomes(called, output), lenient)
    failures = [answer.failure for answer in called.answers]
    if verdict.holds or not any(failures):
        return verdict
    # What was stored before counts as a whole or not at all: each failure is told as one.
    return replace(verdict, outcomes=tuple(a or b for a, b in zip(failures, verdict.outcomes, strict=True)))


def _outcomes(called: Called, output: Output) -> tuple[Outcome, ...]:
    """Return what came of each case; those with an array are compared in one pass.

    Where the call failed, what was stored before counts if it is right, and the failure is told if it is not.
    """
    check, suite = called.check, called.suite
    found: list[Outcome | None] = [None] * len(suite.cases)
    actual: list[Array] = []
    ready: list[int] = []
    for at, answer in enumerate(called.answers):
        array = answer.arrays.get(output.name)
        if array is None:
            found[at] = answer.failure or missing(output, answer.absent.get(output.name, ""))
        else:
            ready.append(at)
            actual.append(array)
    expected, slices = _truth(check, output, suite)
    compared = compare_all(
        output,
        actual,
        [expected[at] for at in ready],
        rounding(output, suite, [suite.cases[at] for at in ready]),
        slices,
    )
    for at, one in zip(ready, compared, strict=True):
        failure = called.answers[at].failure
        found[at] = failure if failure is not None and not isinstance(one, Match) else one
    return tuple(one for one in found if one is not None)


@of_the_same
def _known(_: Suite) -> dict[tuple[str, tuple[int, ...]], tuple[Sequence[Array], Slices]]:
    return {}


def _truth(check: Check, output: Output, suite: Suite) -> tuple[Sequence[Array], Slices]:
    """Return what is true of an output on each case, and the same laid end to end; kept for a class."""
    known, key = _known(suite), (output.name, output.each)
    if key not in known:
        if any(output.name not in truth for truth in suite.expected):
            raise GraderError(f"{check.call}: the suite {check.suite!r} holds no truth for {output.name}")
        expected = [truth[output.name] for truth in suite.expected]
        known[key] = expected, Slices(output, expected)
    return known[key]
