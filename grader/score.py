"""From answers to points: which criteria hold in every case, and what to say of those that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

from grader import leniency, outcomes
from grader.compare import Gap, Match, Rounding, compare_all, missing
from grader.declaration import Check, Output, Person, Problem, Reading, SizesOfOne
from grader.errors import GraderError
from grader.letters import EXACT_DIGITS, in_letters
from grader.outcomes import Group, Outcome
from grader.snippet import Source, snippet
from grader.words import (
    Answer,
    Array,
    Case,
    Counterexample,
    CriterionResult,
    Failure,
    Finding,
    Judged,
    Lookalike,
    Method,
    ProblemResult,
    Suite,
    notice,
)

# A case with more numbers than this is not shown as a counterexample: nobody would read it.
READABLE_ENTRIES = 60
WITHHELD = "withheld"  # the reason of what is right, and for which the course gives nothing
ALONE = "alone"  # the reason of what is right, and counts only with something that is not

Answers = Mapping[tuple[str, str], Sequence[Answer]]


@dataclass(frozen=True)
class Verdict:
    """What came of one criterion over a whole suite.

    Attributes:
        check: what was asked.
        output: the criterion.
        suite: the cases it was asked on.
        answers: what the student's process answered, one per case.
        outcomes: what came of each case.
        lenient: a case with a size of 1 costs nothing where all others hold.
    """

    check: Check
    output: Output
    suite: Suite
    answers: Sequence[Answer]
    outcomes: tuple[Outcome, ...]
    lenient: bool = False

    @cached_property
    def failing(self) -> tuple[int, ...]:
        """Positions of the cases in which the criterion does not hold, the smallest case first."""
        wrong = [i for i, outcome in enumerate(self.outcomes) if not isinstance(outcome, Match)]
        return tuple(sorted(wrong, key=lambda i: self.suite.cases[i].entries))

    @cached_property
    def groups(self) -> list[Group]:
        """The failing cases by what is said of them, the commonest first."""
        return outcomes.groups(self.suite.cases, self.outcomes)

    @property
    def holds(self) -> bool:
        """Whether it counts: in every case, or in all that do."""
        return not self.failing or (self.lenient and leniency.forgiven(self.suite.cases, self.outcomes))

    @property
    def reason(self) -> str | None:
        """Why most of its failing cases fail: the kind of a Gap or of a Failure; None if none fails."""
        return outcomes.kind(self.groups[0].shown) if self.failing else None


def judge(
    problem: Problem,
    suites: Mapping[str, Suite],
    answers: Answers,
    files: Mapping[str, tuple[str, bytes]] = MappingProxyType({}),
    methods: Mapping[str, Method] = MappingProxyType({}),
    *,
    sizes_of_one: SizesOfOne = SizesOfOne.COUNT,
    source: Source | None = None,
) -> tuple[ProblemResult, tuple[Finding, ...]]:
    """Score one problem.

    A criterion counts when it holds in every case, or, where sizes of 1 are only told, in every other one.
    Points are maximum x passed / total, computed exactly.

    Args:
        problem: what is judged.
        suites: by the key that the problem's checks name.
        answers: by `Check.key`: one answer per case of that check's suite, in order. What is to be asked
            instead of a check may be missing, if nothing of it was needed.
        files: by wanted path: path in the hand-in and content of the files that are there.
        methods: by name: where the student's functions and methods are.
        sizes_of_one: whether a case with a size of 1 costs anything.
        source: what a snippet to try a failing case with must know of the hand-in.

    Returns:
        The gradebook's row, and notices: what is worth knowing of criteria that hold, and costs nothing.

    Raises:
        GraderError: there is not one answer per case, or the truth is missing or unusable. Never the
            student's fault.
    """
    total = Fraction(str(problem.points))  # the decimal that the declaration says: 0.3 is three tenths
    share = float(total / len(problem.criteria))
    criteria: list[CriterionResult] = []
    findings: list[Finding] = []
    for check in problem.checks:
        if isinstance(check, Person):
            criteria.append(CriterionResult(check.name, None, 0.0, share, check.task))
        elif isinstance(check, Reading):
            criteria.append(_as_judged(check.name, check.read(files), share))
        elif check.judge is not None:
            judged = check.judge(suites[check.suite], _complete(problem, check, suites, answers))
            for output, one in zip(check.outputs, judged, strict=True):
                criteria.append(_with_method(_as_judged(output.name, one, share), check, output, methods))
        else:
            found = list(verdicts(problem, check, suites, answers, sizes_of_one))
            for verdict in found:
                result = _result(verdict, share, source)
                criteria.append(_with_method(result, check, verdict.output, methods))
                findings += _notices(verdict)
            findings += _forgiven(found, source)
    return _row(problem, _held_together(problem, criteria)), tuple(findings)


def _row(problem: Problem, criteria: Sequence[CriterionResult]) -> ProblemResult:
    """The gradebook's row: the maximum x passed / total, computed exactly."""
    passed = sum(criterion.passed is True for criterion in criteria)
    points = float(Fraction(str(problem.points)) * passed / len(criteria))
    return ProblemResult(problem.name, points, float(problem.points), tuple(criteria))


def _held_together(problem: Problem, criteria: Sequence[CriterionResult]) -> list[CriterionResult]:
    """The criteria, those that count only with others failed where one of these did not hold."""
    needs = {output.name: output.only_with for check in problem.calls for output in check.outputs}
    held = {criterion.name for criterion in criteria if criterion.passed}
    return [_with_others(criterion, needs.get(criterion.name, ()), held) for criterion in criteria]


def _with_others(criterion: CriterionResult, needs: Sequence[str], held: set[str]) -> CriterionResult:
    lacking = ", ".join(name for name in needs if name not in held)
    if not criterion.passed or not lacking:
        return criterion
    message = f"it is right, and earns nothing: it counts only with {lacking}, which did not hold"
    return replace(criterion, passed=False, points=0.0, message=message, reason=ALONE)


def holding(
    problem: Problem,
    check: Check,
    suites: Mapping[str, Suite],
    answers: Answers,
    sizes_of_one: SizesOfOne = SizesOfOne.COUNT,
) -> frozenset[str]:
    """The outputs of a check that count.

    Raises:
        GraderError: as `judge`.
    """
    if check.judge is not None:
        judged = check.judge(suites[check.suite], _complete(problem, check, suites, answers))
        return frozenset(name for name, one in zip(check.names, judged, strict=True) if one.passed)
    found = verdicts(problem, check, suites, answers, sizes_of_one)
    return frozenset(verdict.output.name for verdict in found if verdict.holds)


def withheld(problem: Problem, row: ProblemResult, because: Mapping[str, tuple[bool, str]]) -> ProblemResult:
    """The row, without points for what certain functions answered, though it is right.

    Args:
        problem: what was judged.
        row: what came of it.
        because: function or method of the student's -> whether a person decides (or else it fails), and why.
    """
    criteria = []
    for one in row.criteria:
        person, why = because.get(one.method.name if one.method and one.passed else "", (None, ""))
        if person is not None:
            reason = None if person else WITHHELD
            one = replace(one, passed=None if person else False, points=0.0, message=why, reason=reason)
        criteria.append(one)
    return _row(problem, criteria)


def person_decides(problem: Problem, message: str) -> ProblemResult:
    """The row of a problem that waits for a person as a whole, and why."""
    share = float(Fraction(str(problem.points)) / len(problem.criteria))
    criteria = tuple(CriterionResult(name, None, 0.0, share, message) for name in problem.criteria)
    return ProblemResult(problem.name, 0.0, float(problem.points), criteria)


def verdicts(
    problem: Problem,
    check: Check,
    suites: Mapping[str, Suite],
    answers: Answers,
    sizes_of_one: SizesOfOne = SizesOfOne.COUNT,
) -> Iterator[Verdict]:
    """What came of each output of a check, in order.

    An output that fails here, and counts in what was asked instead, is that other verdict.

    Raises:
        GraderError: as `judge`.
    """
    given, suite = _complete(problem, check, suites, answers), suites[check.suite]
    other = {}
    if check.instead is not None and check.instead.key in answers:
        others = verdicts(problem, check.instead, suites, answers, sizes_of_one)
        other = {verdict.output.name: verdict for verdict in others if verdict.holds}
    lenient = sizes_of_one is SizesOfOne.TELL
    for output in check.outputs:
        verdict = Verdict(check, output, suite, given, _outcomes(check, output, suite, given), lenient)
        if not verdict.holds and any(answer.failure is not None for answer in given):
            # What was stored before counts as a whole or not at all: each failure is told as one.
            failures = [answer.failure for answer in given]
            found = tuple(a or b for a, b in zip(failures, verdict.outcomes, strict=True))
            verdict = replace(verdict, outcomes=found)
        yield verdict if verdict.holds else other.get(output.name, verdict)


def _complete(
    problem: Problem, check: Check, suites: Mapping[str, Suite], answers: Answers
) -> Sequence[Answer]:
    suite, given = suites[check.suite], answers.get(check.key, ())
    # An empty suite would be passed by everyone, and a lost answer would cost a student points.
    if not suite.cases or not len(suite.cases) == len(given) == len(suite.expected):
        raise GraderError(
            f"{problem.name}: {check.call} has {len(given)} answers and {len(suite.expected)} truths "
            f"for {len(suite.cases)} cases"
        )
    return given


def _outcomes(check: Check, output: Output, suite: Suite, given: Sequence[Answer]) -> tuple[Outcome, ...]:
    """What came of each case; those with an array are compared in one pass.

    Where the call failed, what was stored before counts if it is right, and the failure is told if it is not.
    """
    found: list[Outcome] = []
    actual: list[Array] = []
    expected: list[Array] = []
    ready: list[int] = []
    asked: list[Case] = []
    for case, answer, truth in zip(suite.cases, given, suite.expected, strict=True):
        if output.name not in truth:
            raise GraderError(f"{check.call}: the suite {check.suite!r} holds no truth for {output.name}")
        if output.name in answer.arrays:
            ready.append(len(found))
            actual.append(answer.arrays[output.name])
            expected.append(truth[output.name])
            asked.append(case)
        found.append(answer.failure or missing(output, answer.absent.get(output.name, "")))
    rounding = _rounding(output, suite, asked)
    for i, compared in zip(ready, compare_all(output, actual, expected, rounding), strict=True):
        if isinstance(compared, Match) or given[i].failure is None:
            found[i] = compared
    return tuple(found)


def _rounding(output: Output, suite: Suite, cases: Sequence[Case]) -> Rounding:
    """What float32 makes of an output on these cases; nothing is known of it where the suite says nothing."""
    return lambda at: None if suite.float32 is None else suite.float32(cases[at])[output.name]


def _as_judged(name: str, judged: Judged, share: float) -> CriterionResult:
    passed = None if judged.passed is None else bool(judged.passed)  # NumPy's True is not True
    return CriterionResult(
        name,
        passed,
        share if passed else 0.0,
        share,
        message=judged.message,
        hint=judged.hint,
        reason=judged.reason,
        curve=judged.curve,
    )


def _with_method(
    result: CriterionResult, check: Check, output: Output, methods: Mapping[str, Method]
) -> CriterionResult:
    return replace(result, method=methods.get(output.method or check.method or ""))


def _result(verdict: Verdict, share: float, source: Source | None) -> CriterionResult:
    name = verdict.output.name
    if verdict.holds:
        return CriterionResult(name, True, share, share)
    outcome = verdict.groups[0].shown
    failure = outcome if isinstance(outcome, Failure) else None
    return CriterionResult(
        name,
        False,
        0.0,
        share,
        message=outcomes.message(verdict.suite.cases, verdict.outcomes),
        hint=_hint(verdict),
        reason=verdict.reason,
        traceback=failure.traceback if failure else None,
        file=failure.file if failure else None,
        line=failure.line if failure else None,
        cell=failure.cell if failure else None,
        counterexample=_counterexample(verdict, source),
    )


def _hint(verdict: Verdict) -> str | None:
    """The known wrong answer that this is, or the smallest failing case's hint if it explains all others."""
    first = verdict.groups[0].shown
    if isinstance(first, Failure):
        return first.hint
    for lookalike in verdict.suite.lookalikes:
        if _is(verdict, lookalike):
            return lookalike.says
    company = {i for i, case in enumerate(verdict.suite.cases) if case.company}
    if company >= set(verdict.failing) and 2 * len(verdict.failing) >= len(company):
        return "Alone it is right; it fails while a second instance is in use: keep its state in self."
    failing = [verdict.outcomes[i] for i in verdict.failing]
    causes = {outcome.cause if isinstance(outcome, Gap) else None for outcome in failing}
    return failing[0].hint if isinstance(failing[0], Gap) and len(causes) == 1 else None


def _is(verdict: Verdict, lookalike: Lookalike) -> bool:
    """Whether the student's arrays are those of a known wrong answer, in every case."""
    name, cases = verdict.output.name, verdict.suite.cases
    actual = [answer.arrays[name] for answer in verdict.answers if name in answer.arrays]
    if len(actual) < len(cases):
        return False
    expected = [wrong[name] for wrong in map(lookalike.of, cases) if name in wrong]
    if len(expected) < len(cases):
        return False
    rounding = _rounding(verdict.output, verdict.suite, cases)
    return all(isinstance(one, Match) for one in compare_all(verdict.output, actual, expected, rounding))


def _counterexample(verdict: Verdict, source: Source | None) -> Counterexample | None:
    """The smallest case with an array to show in letters, if it is small enough to read.

    It is one of the commonest kind, if that kind leaves an array.
    """
    shown = [
        group.at[0]
        for group in verdict.groups
        if isinstance(group.shown, Gap) and group.shown.kind in outcomes.SHOWN
    ]
    if not shown or verdict.suite.cases[shown[0]].entries > READABLE_ENTRIES:
        return None
    at = shown[0]
    case, answer = verdict.suite.cases[at], verdict.answers[at]
    actual = answer.arrays[verdict.output.name]
    expected = verdict.suite.expected[at][verdict.output.name]
    # As many digits as it takes to see that they differ.
    for digits in (4, 7, 10, EXACT_DIGITS):
        yours, true = in_letters(actual, digits), in_letters(expected, digits)
        if yours != true:
            break
    # Inputs with two digits more than the results: what a student gets by pasting them is what is shown.
    lines = snippet(case, verdict.check, verdict.output, answer.form, min(digits + 2, EXACT_DIGITS), source)
    return Counterexample(case.label, lines, yours, true)


def _forgiven(found: Sequence[Verdict], source: Source | None) -> list[Finding]:
    """What is to be said of criteria of a check that count although something went wrong."""
    told: list[Finding] = []
    for key in dict.fromkeys(verdict.check.key for verdict in found):  # one may count as asked instead
        mine = [verdict for verdict in found if verdict.check.key == key]
        holding = {verdict.output.name: verdict.outcomes for verdict in mine if verdict.holds}
        cases, given = mine[0].suite.cases, mine[0].answers
        told += leniency.notices(cases, given, holding, source.text if source else "")
    return told


def _notices(verdict: Verdict) -> Iterator[Finding]:
    """What is worth knowing of a criterion that holds: each once, not once per case."""
    if not verdict.holds:
        return
    matches = [outcome for outcome in verdict.outcomes if isinstance(outcome, Match)]
    for texts in ([match.shape_notice for match in matches], [match.precision_notice for match in matches]):
        said = [text for text in texts if text is not None]
        if said:
            yield notice(said[0])
