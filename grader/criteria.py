"""A criterion as the report has it: what came of it in words, what it looks like, a case to try it on."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader import leniency, outcomes
from grader.compare import Gap, Match, compare_all
from grader.declaration import Check, Output
from grader.formatting import EXACT_DIGITS, as_text, uniform
from grader.records import (
    Answer,
    Arrays,
    Case,
    Counterexample,
    CriterionResult,
    Failure,
    Finding,
    Judged,
    Lookalike,
    Method,
    notice,
)
from grader.snippet import Source, snippet
from grader.verdicts import Called, Ruling, Verdict, rounding

# A case with more numbers than this is not shown as a counterexample: nobody would read it.
READABLE_ENTRIES = 60
RAISES_CHARS = 200  # of what it raises
LEAST_DIGITS = 4  # of the arrays that are shown


def criterion(
    check: Check,
    found: Verdict | Ruling,
    share: float,
    methods: Mapping[str, Method],
    source: Source | None,
) -> CriterionResult:
    """Put what came of a criterion into words.

    Args:
        check: whose criterion it is.
        found: what came of it, perhaps by what was asked instead.
        share: points to be had for it.
        methods: by name: where the student's functions and methods are.
        source: what a snippet to try a failing case with must know of the hand-in.
    """
    name = found.output.name
    result = (
        as_judged(name, found.judged, share)
        if isinstance(found, Ruling)
        else _compared(name, found, share, source)
    )
    return replace(result, method=methods.get(found.output.method or check.method or ""))


def as_judged(name: str, judged: Judged, share: float) -> CriterionResult:
    """Put what a judge, or a reading of the files, says of a criterion into the report's form."""
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
        traceback=judged.traceback,
        file=judged.file,
        line=judged.line,
        cell=judged.cell,
        attached=judged.attached,
    )


def notices(found: Sequence[Verdict | Ruling], source: Source | None) -> list[Finding]:
    """List what is worth knowing of a check's criteria that hold: it costs nothing."""
    verdicts = [one for one in found if isinstance(one, Verdict)]
    told = [finding for verdict in verdicts for finding in _notices(verdict)]
    for called in {verdict.called.check.key: verdict.called for verdict in verdicts}.values():
        # One may count as asked instead.
        mine = [verdict for verdict in verdicts if verdict.called.check.key == called.check.key]
        holding = {verdict.output.name: verdict.outcomes for verdict in mine if verdict.holds}
        text = source.text if source else ""
        told += leniency.notices(called.suite.cases, called.answers, holding, text)
    return told


def _compared(name: str, verdict: Verdict, share: float, source: Source | None) -> CriterionResult:
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
    """Return the known wrong answer that this is, or the smallest failing case's hint if it explains all
    others.
    """
    first = verdict.groups[0].shown
    if isinstance(first, Failure):
        return first.hint
    for lookalike in verdict.suite.lookalikes:
        if _is(verdict, lookalike):
            return lookalike.says
    interleaved = {i for i, case in enumerate(verdict.suite.cases) if case.interleaved}
    if interleaved >= set(verdict.failing) and 2 * len(verdict.failing) >= len(interleaved):
        return "Alone it is right; it fails while a second instance is in use: keep its state in self."
    failing = [verdict.outcomes[i] for i in verdict.failing]
    causes = {outcome.cause if isinstance(outcome, Gap) else None for outcome in failing}
    return failing[0].hint if isinstance(failing[0], Gap) and len(causes) == 1 else None


def _is(verdict: Verdict, lookalike: Lookalike) -> bool:
    """Whether the student's arrays are those of a known wrong answer, in every case."""
    name, cases = verdict.output.name, verdict.suite.cases
    actual = [answer.arrays[name] for answer in verdict.called.answers if name in answer.arrays]
    if len(actual) < len(cases):
        return False
    expected = [wrong[name] for wrong in map(lookalike.of, cases) if name in wrong]
    if len(expected) < len(cases):
        return False
    float32 = rounding(verdict.output, verdict.suite, cases)
    return all(isinstance(one, Match) for one in compare_all(verdict.output, actual, expected, float32))


def _counterexample(verdict: Verdict, source: Source | None) -> Counterexample | None:
    """Return the smallest case that can be tried, of the commonest kind of which there is one."""
    at = next((group.at[0] for group in verdict.groups if can_be_tried(group.shown)), None)
    if at is None:
        return None
    called = verdict.called
    return example(
        called, verdict.output, called.suite.cases[at], called.answers[at], called.suite.expected[at], source
    )


def can_be_tried(outcome: Match | Gap | Failure) -> bool:
    """Whether what came of a case shows when a student pastes it: an array, or an exception of their code's.

    An exception for what is not there, or not allowed, in the sandbox may not be raised elsewhere.
    """
    if isinstance(outcome, Failure):
        raises = outcome.exception
        return raises is not None and outcome.file is not None and not _of_the_sandbox(raises)
    return isinstance(outcome, Gap) and outcome.kind in outcomes.SHOWN


def _of_the_sandbox(raises: str) -> bool:
    kind = getattr(builtins, raises.partition(":")[0].strip(), None)
    return isinstance(kind, type) and issubclass(kind, OSError | ImportError | SystemError | MemoryError)


def example(
    called: Called, output: Output, case: Case, answer: Answer, expected: Arrays, source: Source | None
) -> Counterexample | None:
    """Return a failing case to be tried by pasting; None if it is too large to read, or no lines are there.

    Args:
        called: how the check was asked; the case need not be of its suite.
        output: the criterion.
        case: what was asked.
        answer: what came back: the array, or what was raised.
        expected: what is true on the case.
        source: what a snippet must know of the hand-in.
    """
    if not called.check.paste:
        return None
    # What is written shortly, such as np.zeros((6, 6)), is read at a glance.
    if sum(one.size for one in case.inputs.values() if uniform(one) is None) > READABLE_ENTRIES:
        return None
    raises = answer.failure.exception if answer.failure is not None else None
    # The failure's own message has all of it.
    raises = raises if raises is None or len(raises) <= RAISES_CHARS else f"{raises[:RAISES_CHARS]}..."
    true = as_text(expected[output.name])
    yours, digits = None, LEAST_DIGITS
    if raises is None:
        # As many digits as it takes to see that they differ.
        for digits in (LEAST_DIGITS, 7, 10, EXACT_DIGITS):
            yours, true = as_text(answer.arrays[output.name], digits), as_text(expected[output.name], digits)
            if yours != true:
                break
    # Inputs with two digits more than the results: what a student gets by pasting them is what is shown.
    lines = snippet(case, called.check, output, called.form, min(digits + 2, EXACT_DIGITS), source)
    return Counterexample(case.label, lines, yours, true, raises, next(iter(answer.asserts), None))


def _notices(verdict: Verdict) -> Iterator[Finding]:
    """Yield what is worth knowing of a criterion that holds: each once, not once per case."""
    if not verdict.holds:
        return
    matches = [outcome for outcome in verdict.outcomes if isinstance(outcome, Match)]
    for texts in ([match.shape_notice for match in matches], [match.precision_notice for match in matches]):
        said = [text for text in texts if text is not None]
        if said:
            yield notice(said[0])
