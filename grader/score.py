"""From answers to points: which criteria hold in every case, and what to say of those that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

from grader.compare import Gap, GapKind, Match, Rounding, compare_all, missing
from grader.declaration import Check, Output, Person, Problem, Reading
from grader.errors import GraderError
from grader.letters import EXACT_DIGITS, assignment, in_letters
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
VALUES = (GapKind.FINITE, GapKind.VALUE)
WITHHELD = "withheld"  # the reason of what is right, and for which the course gives nothing
ALONE = "alone"  # the reason of what is right, and counts only with something that is not

Outcome = Match | Gap | Failure
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
    """

    check: Check
    output: Output
    suite: Suite
    answers: Sequence[Answer]
    outcomes: tuple[Outcome, ...]

    @cached_property
    def failing(self) -> tuple[int, ...]:
        """Positions of the cases in which the criterion does not hold, the smallest case first."""
        wrong = [i for i, outcome in enumerate(self.outcomes) if not isinstance(outcome, Match)]
        return tuple(sorted(wrong, key=lambda i: self.suite.cases[i].entries))

    @property
    def reason(self) -> str | None:
        """Why it fails in its smallest failing case: the kind of a Gap or of a Failure; None if it holds."""
        return _kind(self.outcomes[self.failing[0]]) if self.failing else None


def judge(
    problem: Problem,
    suites: Mapping[str, Suite],
    answers: Answers,
    files: Mapping[str, tuple[str, bytes]] = MappingProxyType({}),
    methods: Mapping[str, Method] = MappingProxyType({}),
) -> tuple[ProblemResult, tuple[Finding, ...]]:
    """Score one problem.

    A criterion counts when it holds in every case. Points are maximum x passed / total, computed exactly.

    Args:
        problem: what is judged.
        suites: by the key that the problem's checks name.
        answers: by `Check.key`: one answer per case of that check's suite, in order. What is to be asked
            instead of a check may be missing, if nothing of it was needed.
        files: by wanted path: path in the hand-in and content of the files that are there.
        methods: by name: where the student's functions and methods are.

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
            for verdict in verdicts(problem, check, suites, answers):
                criteria.append(_with_method(_result(verdict, share), check, verdict.output, methods))
                findings += _notices(verdict)
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


def holding(problem: Problem, check: Check, suites: Mapping[str, Suite], answers: Answers) -> frozenset[str]:
    """The outputs of a check that hold in every case.

    Raises:
        GraderError: as `judge`.
    """
    if check.judge is not None:
        judged = check.judge(suites[check.suite], _complete(problem, check, suites, answers))
        return frozenset(name for name, one in zip(check.names, judged, strict=True) if one.passed)
    found = verdicts(problem, check, suites, answers)
    return frozenset(verdict.output.name for verdict in found if not verdict.failing)


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
    problem: Problem, check: Check, suites: Mapping[str, Suite], answers: Answers
) -> Iterator[Verdict]:
    """What came of each output of a check, in order.

    An output that fails here, and holds in what was asked instead, is that other verdict.

    Raises:
        GraderError: as `judge`.
    """
    given, suite = _complete(problem, check, suites, answers), suites[check.suite]
    other = {}
    if check.instead is not None and check.instead.key in answers:
        others = verdicts(problem, check.instead, suites, answers)
        other = {verdict.output.name: verdict for verdict in others if not verdict.failing}
    for output in check.outputs:
        verdict = Verdict(check, output, suite, given, _outcomes(check, output, suite, given))
        yield other.get(output.name, verdict) if verdict.failing else verdict


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
    """What came of each case; those with an array are compared in one pass."""
    outcomes: list[Outcome | None] = []
    actual: list[Array] = []
    expected: list[Array] = []
    asked: list[Case] = []
    for case, answer, truth in zip(suite.cases, given, suite.expected, strict=True):
        if output.name not in truth:
            raise GraderError(f"{check.call}: the suite {check.suite!r} holds no truth for {output.name}")
        if answer.failure is not None:
            outcomes.append(answer.failure)
        elif output.name in answer.arrays:
            actual.append(answer.arrays[output.name])
            expected.append(truth[output.name])
            asked.append(case)
            outcomes.append(None)
        else:
            outcomes.append(missing(output, answer.absent.get(output.name, "")))
    compared = iter(compare_all(output, actual, expected, _rounding(output, suite, asked)))
    return tuple(next(compared) if outcome is None else outcome for outcome in outcomes)


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


def _result(verdict: Verdict, share: float) -> CriterionResult:
    name = verdict.output.name
    if not verdict.failing:
        return CriterionResult(name, True, share, share)
    smallest = verdict.failing[0]
    outcome = verdict.outcomes[smallest]
    failure = outcome if isinstance(outcome, Failure) else None
    return CriterionResult(
        name,
        False,
        0.0,
        share,
        message=_message(verdict),
        hint=_hint(verdict),
        reason=verdict.reason,
        traceback=failure.traceback if failure else None,
        file=failure.file if failure else None,
        line=failure.line if failure else None,
        cell=failure.cell if failure else None,
        counterexample=_counterexample(verdict, smallest),
    )


def _message(verdict: Verdict) -> str:
    """The fact: how many cases fail, and what happens in the smallest of them."""
    smallest = verdict.failing[0]
    outcome, label = verdict.outcomes[smallest], verdict.suite.cases[smallest].label
    assert not isinstance(outcome, Match)
    fact = outcome.message.rstrip(".")
    if isinstance(outcome, Failure) and outcome.fatal:
        return fact  # the process died of it, so the other cases were not asked
    if len(verdict.outcomes) == 1:
        return fact if not isinstance(outcome, Gap) or outcome.kind not in VALUES else f"wrong: {fact}"
    count = f"in {len(verdict.failing)} of {len(verdict.outcomes)} cases"
    alike = {_kind(verdict.outcomes[i]) for i in verdict.failing} == {_kind(outcome)}
    if isinstance(outcome, Gap) and outcome.kind in VALUES:
        wrong = "not finite" if alike and outcome.kind is GapKind.FINITE else "wrong"
        return f"{wrong} {count} (smallest: {label}; {fact})"
    if alike:
        return f"{fact}, {count}"
    return f"{fact}, in the smallest case ({label}); wrong {count}"


def _hint(verdict: Verdict) -> str | None:
    """The known wrong answer that this is, or the smallest failing case's hint if it explains all others."""
    outcomes = [verdict.outcomes[i] for i in verdict.failing]
    if isinstance(outcomes[0], Failure):
        return outcomes[0].hint
    for lookalike in verdict.suite.lookalikes:
        if _is(verdict, lookalike):
            return lookalike.says
    company = {i for i, case in enumerate(verdict.suite.cases) if case.company}
    if company >= set(verdict.failing) and 2 * len(verdict.failing) >= len(company):
        return "Alone it is right; it fails while a second instance is in use: keep its state in self."
    causes = {outcome.cause if isinstance(outcome, Gap) else None for outcome in outcomes}
    return outcomes[0].hint if isinstance(outcomes[0], Gap) and len(causes) == 1 else None


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


def _counterexample(verdict: Verdict, at: int) -> Counterexample | None:
    """The case at that position in letters, if it has an array to show and is small enough to read."""
    case, outcome = verdict.suite.cases[at], verdict.outcomes[at]
    shown = (GapKind.SHAPE, GapKind.FINITE, GapKind.VALUE)
    if case.entries > READABLE_ENTRIES or not isinstance(outcome, Gap) or outcome.kind not in shown:
        return None
    actual = verdict.answers[at].arrays[verdict.output.name]
    expected = verdict.suite.expected[at][verdict.output.name]
    # As many digits as it takes to see that they differ.
    for digits in (4, 7, 10, EXACT_DIGITS):
        yours, true = in_letters(actual, digits), in_letters(expected, digits)
        if yours != true:
            break
    # Inputs with two digits more than the results: what a student gets by pasting them is what is shown.
    lines = (*_setting(case, min(digits + 2, EXACT_DIGITS)), *verdict.check.paste)
    return Counterexample(case.label, lines, yours, true)


def _setting(case: Case, digits: int) -> Iterator[str]:
    """Lines of NumPy that set the case's inputs."""
    for name, array in case.inputs.items():
        yield from assignment(name, array, digits)
    if case.strided:
        yield "# handed over as views that are not contiguous in memory"
    if case.company:
        yield "# while a second instance of the class is in use"


def _kind(outcome: Outcome) -> str | None:
    return None if isinstance(outcome, Match) else outcome.kind.value


def _notices(verdict: Verdict) -> Iterator[Finding]:
    """What is worth knowing of a criterion that holds: each once, not once per case."""
    matches = [outcome for outcome in verdict.outcomes if isinstance(outcome, Match)]
    if len(matches) < len(verdict.outcomes):
        return
    for texts in ([match.shape_notice for match in matches], [match.precision_notice for match in matches]):
        said = [text for text in texts if text is not None]
        if said:
            yield notice(said[0])
