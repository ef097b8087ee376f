"""From answers to points: a criterion counts when it holds in every case; the message says what does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import leniency
from grader.declaration import Check, Output, Problem, Shape, SizesOfOne
from grader.errors import GraderError
from grader.records import (
    Answer,
    Blame,
    Case,
    CriterionResult,
    Failure,
    FailureKind,
    Finding,
    ProblemResult,
    Suite,
)
from grader.score import Beside, scored
from grader.snippet import Source
from grader.verdicts import Called, judged

Array = np.ndarray[Any, Any]

WEIGHTS = ("dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh")
OUTPUTS = (*(Output(name) for name in WEIGHTS), Output("dx", Shape.VECTOR), Output("dh", Shape.VECTOR))
BACKWARD = Problem("GRU Cell Backward", 70, (Check("backward", "cell", OUTPUTS, paste=("asked = x, Wx",)),))


def suite_of(sizes: Sequence[tuple[int, int]], names: Sequence[str] = (*WEIGHTS, "dx", "dh")) -> Suite:
    """Return a suite with random truths: a case for each (input, hidden), matrices of (hidden, input)."""
    rng = np.random.default_rng(1)
    cases, expected = [], []
    for i, (n, m) in enumerate(sizes):
        inputs = {"x": rng.standard_normal(n), "Wx": rng.standard_normal((m, n))}
        cases.append(Case(f"input {n}, hidden {m}", i, inputs, sizes={"input": n, "hidden": m}))
        expected.append({name: rng.standard_normal(n if name == "dx" else (m, n)) for name in names})
    return Suite(1, "0" * 64, tuple(cases), tuple(expected))


SIZES = ((3, 2), (1, 1), (1, 2), (2, 2), (8, 8))
SUITE = suite_of(SIZES)


def right(suite: Suite = SUITE) -> list[Answer]:
    """Return what a right hand-in answers."""
    return [Answer({name: array.copy() for name, array in truth.items()}) for truth in suite.expected]


def spoilt(
    change: Callable[[Array], Array], name: str, cases: Sequence[int], suite: Suite = SUITE
) -> list[Answer]:
    """Right answers, but for one array in these cases."""
    return [
        Answer({**answer.arrays, name: change(answer.arrays[name])}) if i in cases else answer
        for i, answer in enumerate(right(suite))
    ]


def judge(
    problem: Problem,
    suites: Mapping[str, Suite],
    answers: Mapping[tuple[str, str], Sequence[Answer]],
    *,
    sizes_of_one: SizesOfOne = SizesOfOne.COUNT,
    source: Source | None = None,
) -> tuple[ProblemResult, tuple[Finding, ...]]:
    """Return the row and the notices for these answers, by `Check.key`."""
    found = {
        check.key: judged(Called(check, suites[check.suite], answers.get(check.key, ())), sizes_of_one)
        for check in problem.calls
    }
    return scored(problem, found, Beside(source=source))


def row(answers: Sequence[Answer], suite: Suite = SUITE, problem: Problem = BACKWARD) -> ProblemResult:
    """Return the gradebook's row for these answers of `backward`."""
    return judge(problem, {"cell": suite}, {("backward", "cell"): answers})[0]


def criterion(answers: Sequence[Answer], name: str = "dWzh") -> CriterionResult:
    """Return the one criterion of that name."""
    return next(c for c in row(answers).criteria if c.name == name)


def why(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Return the reasons of the failing criteria."""
    return {c.name: str(c.reason) for c in row(answers).criteria if not c.passed}


RAISED = Failure(
    FailureKind.RAISED, "backward raised ValueError: shapes do not match", 'line 3, in "backward"'
)

# Ways to spoil one answer, and the reason that they are to be failed for.
SPOILS: dict[str, Callable[[Answer, str], Answer]] = {
    "value": lambda answer, name: Answer({**answer.arrays, name: answer.arrays[name] * 1.001}),
    "shape": lambda answer, name: Answer({**answer.arrays, name: np.stack([answer.arrays[name]] * 2)}),
    "finite": lambda answer, name: Answer({**answer.arrays, name: answer.arrays[name] * np.nan}),
    "missing": lambda answer, name: Answer({k: v for k, v in answer.arrays.items() if k != name}),
}


def test_a_right_answer_gets_everything_and_no_remark() -> None:
    """All criteria hold: full points, no message, no notice."""
    result, findings = judge(BACKWARD, {"cell": SUITE}, {("backward", "cell"): right()})
    assert (result.name, result.points, result.max_points) == ("GRU Cell Backward", 70, 70)
    assert findings == ()
    assert result.criteria[0] == CriterionResult("dWrx", True, 8.75, 8.75)
    assert why(right()) == {}


@given(
    st.sets(st.sampled_from([o.name for o in OUTPUTS])),
    st.sampled_from([30.0, 70.0, 0.3, 100.0, 12.7]),
    st.data(),
)
def test_points_are_maximum_times_passed_over_total(
    names: set[str], points: float, data: st.DataObject
) -> None:
    """Whatever fails, why and where: exactly the spoilt criteria lose; points are the share, rounded once."""
    answers = right()
    expected_reasons = {}
    for name in sorted(names):
        at = data.draw(st.integers(0, len(answers) - 1))
        expected_reasons[name] = data.draw(st.sampled_from(sorted(SPOILS)))
        answers[at] = SPOILS[expected_reasons[name]](answers[at], name)
    result = row(answers, problem=replace(BACKWARD, points=points))
    assert {c.name for c in result.criteria if not c.passed} == names
    assert why(answers) == expected_reasons
    share = Fraction(str(points)) * (len(OUTPUTS) - len(names)) / len(OUTPUTS)
    assert result.points == float(share)
    assert all(
        c.max_points == points / 8 and c.points == (c.max_points if c.passed else 0) for c in result.criteria
    )


def test_points_are_free_of_float_noise() -> None:
    """Seven of eight of 70 are 61.25, a third of 0.3 is 0.1, and all of it is all of it."""
    assert row(spoilt(np.negative, "dx", [0])).points == 61.25
    thirds = Problem("p", 0.3, (Check("backward", "cell", OUTPUTS[:3]),))
    assert row(spoilt(np.negative, "dWrh", [0]), problem=thirds).points == 0.2
    assert row(right(), problem=thirds).points == 0.3
    assert row(right(), problem=thirds).criteria[0].points == 0.1


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([o.name for o in OUTPUTS])), min_size=1))
def test_another_mistake_never_gains_points(mistakes: list[tuple[int, str]]) -> None:
    """Points are monotone: each further wrong array leaves them or lowers them."""
    answers = right()
    points = [70.0]
    for at, name in mistakes:
        answers[at] = SPOILS["value"](answers[at], name)
        points.append(row(answers).points)
    assert points == sorted(points, reverse=True)
    assert points[-1] == 70 - 8.75 * len({name for _, name in mistakes})


@given(
    st.sampled_from([o.name for o in OUTPUTS]),
    st.integers(0, 4),
    st.sampled_from(["absent", "silent", "failed"]),
)
def test_a_missing_answer_never_passes(name: str, at: int, how: str) -> None:
    """An array that is not there in one case fails its criterion, whatever else is right."""
    answers = right()
    rest = {k: v for k, v in answers[at].arrays.items() if k != name}
    answers[at] = {
        "absent": Answer(rest, {name: f"self.{name} was never set"}),
        "silent": Answer(rest),
        "failed": Answer(failure=RAISED),
    }[how]
    result = next(c for c in row(answers).criteria if c.name == name)
    assert result.passed is False
    assert result.points == 0
    assert (
        result.message
        == {
            "absent": f"self.{name} was never set, in 1 of 5 cases",
            "silent": f"{name} is missing, in 1 of 5 cases",
            "failed": "backward raised ValueError: shapes do not match, in 1 of 5 cases "
            f"(smallest: {SUITE.cases[at].label})",
        }[how]
    )


def test_what_was_stored_before_a_failure_counts_if_it_is_right() -> None:
    """Two arrays were there when the call raised: one right, one wrong. The others failed, and it is told."""
    kept = spoilt(np.negative, "dWrh", [0])
    answers = [
        replace(answer, arrays={name: answer.arrays[name] for name in ("dWrx", "dWrh")}, failure=RAISED)
        for answer in kept
    ]
    result, found = judge(BACKWARD, {"cell": SUITE}, {("backward", "cell"): answers})
    assert [one.name for one in result.criteria if one.passed] == ["dWrx"]
    assert set(why(answers).values()) == {"raised"}
    assert len({one.message for one in result.criteria}) == 2  # the one failure, told alike, and no message
    assert [(one.blame, one.message) for one in found] == [
        (
            Blame.NOBODY,
            "dWrx: right as stored before backward raised ValueError: shapes do not match, "
            "in 5 of 5 cases; so it counts",
        )
    ]


def test_a_right_array_is_needed_in_every_case() -> None:
    """What was stored before counts only if it is right in all cases, those that raised nothing included."""
    answers = spoilt(np.negative, "dWrx", [4])
    answers[0] = replace(answers[0], failure=RAISED)
    assert [one.name for one in row(answers).criteria if not one.passed] == ["dWrx"]


ONES = [1, 2]  # the cases of SIZES with a size of 1


def leniently(answers: Sequence[Answer], text: str = "") -> tuple[ProblemResult, tuple[Finding, ...]]:
    """Return the row and the notices where sizes of 1 are only told."""
    return judge(
        BACKWARD,
        {"cell": SUITE},
        {("backward", "cell"): answers},
        sizes_of_one=SizesOfOne.TELL,
        source=Source("gru.py", text),
    )


@pytest.mark.parametrize("spoil", sorted(SPOILS))
def test_what_fails_only_at_a_size_of_one_is_told_and_counts(spoil: str) -> None:
    """However it fails there: full points, and a notice with the count and the size."""
    answers = right()
    for at in ONES:
        answers[at] = SPOILS[spoil](answers[at], "dWzh")
    result, (found,) = leniently(answers, "h = np.squeeze(h)")
    assert result.points == 70
    assert found.blame is Blame.NOBODY
    assert found.message.startswith("dWzh: right in 3 of 5 cases; the two that fail all have input 1 (")
    assert found.hint == leniency.SQUEEZE
    assert row(answers).points == 61.25  # where a course has them count


def test_a_case_that_fails_without_a_size_of_one_takes_the_leniency_along() -> None:
    """One wrong case among those above 1 fails the criterion; one wrong case in all is worded as one."""
    assert leniently(spoilt(np.negative, "dWzh", [1, 3]))[0].points == 61.25
    _, (found,) = leniently(spoilt(np.negative, "dWzh", [1]))
    assert "right in 4 of 5 cases; the one that fails has input 1 and hidden 1 (is wrong)" in found.message
    assert found.hint is None


def test_there_must_be_cases_without_a_size_of_one() -> None:
    """A suite in which every case has a size of 1 forgives nothing."""
    small = replace(SUITE, cases=SUITE.cases[1:3], expected=SUITE.expected[1:3])
    answers = {("backward", "cell"): spoilt(np.negative, "dWzh", [1])[1:3]}
    result, _ = judge(BACKWARD, {"cell": small}, answers, sizes_of_one=SizesOfOne.TELL)
    assert result.points == 61.25


@given(st.permutations(range(len(SIZES))), st.data())
def test_the_order_of_cases_does_not_matter(order: list[int], data: st.DataObject) -> None:
    """Shuffled cases give the same points and messages (no two of them are of the same size)."""
    answers = right()
    for _ in range(data.draw(st.integers(0, 4))):
        at, spoil = data.draw(st.integers(0, 4)), data.draw(st.sampled_from(sorted(SPOILS)))
        answers[at] = SPOILS[spoil](
            answers[at], data.draw(st.sampled_from(sorted(answers[at].arrays) or ["dx"]))
        )
    shuffled = replace(
        SUITE,
        cases=tuple(SUITE.cases[i] for i in order),
        expected=tuple(SUITE.expected[i] for i in order),
    )
    assert row([answers[i] for i in order], shuffled) == row(answers)


def test_a_crash_in_backward_keeps_forward() -> None:
    """Two checks are answered apart: the failure of one call costs the other nothing."""
    both = Problem(
        "both", 100, (Check("forward", "cell", OUTPUTS[:1]), Check("backward", "cell", OUTPUTS[1:]))
    )
    crashed = [Answer(failure=RAISED)] * len(SIZES)
    result, _ = judge(both, {"cell": SUITE}, {("forward", "cell"): right(), ("backward", "cell"): crashed})
    assert [c.passed for c in result.criteria] == [True] + [False] * 7
    assert result.points == 12.5
    assert [c.reason for c in result.criteria] == [None] + ["raised"] * 7


def test_a_dead_process_is_told_once_and_not_counted() -> None:
    """When a call ended the process the later cases were not asked: no number of cases is claimed."""
    died = Answer(failure=Failure(FailureKind.TIME, "backward was stopped after 10 s", fatal=True))
    result = criterion([*right()[:2], *[died] * (len(SIZES) - 2)])
    assert (result.message, result.reason) == ("backward was stopped after 10 s", "time")


def test_a_counterexample_ends_with_the_call() -> None:
    """The lines to paste set the inputs and then make the call as the check declares it."""
    (check,) = BACKWARD.calls
    problem = replace(BACKWARD, checks=(replace(check, paste=("dx = cell.backward(delta)",)),))
    result = row(spoilt(np.negative, "dWzh", [0]), problem=problem)
    example = next(c for c in result.criteria if c.name == "dWzh").counterexample
    assert example is not None
    assert example.call[-2:] == ("dx = cell.backward(delta)", "print(dWzh)")


def test_the_message_of_wrong_values() -> None:
    """How many cases, which is the smallest, where it is worst, what is there and what is true."""

    def change(array: Array) -> Array:
        return np.where(np.arange(array.size).reshape(array.shape) == 1, 0.113, array)

    suite = suite_of(SIZES)
    suite.expected[2]["dWzh"][...] = [[0.5], [0.028]]
    result = row(spoilt(change, "dWzh", [0, 2, 4], suite), suite).criteria[3]
    assert result.message == (
        "wrong in 3 of 5 cases (smallest: input 1, hidden 2; worst at [1, 0]: 0.113, expected 0.028)"
    )
    assert (result.hint, result.traceback) == (None, None)


def test_the_message_of_a_wrong_shape() -> None:
    """Both shapes, how many have it, what the others have; the hint covers all of them."""
    result = criterion(spoilt(np.transpose, "dWzh", [0, 2, 4]))
    assert result.message == (
        "has shape (1, 2), expected (2, 1), in the smallest case (input 1, hidden 2); the same with other "
        "numbers in 2 of 5 cases; in 1 wrong"
    )
    assert result.hint == "transposed? it should be (2, 1)"
    result = criterion(spoilt(np.transpose, "dWzh", [2]))
    assert (
        result.message == "has shape (1, 2), expected (2, 1), in 1 of 5 cases (smallest: input 1, hidden 2)"
    )


def test_the_message_of_nan() -> None:
    """What is not finite is said to be so, and where."""
    message = criterion(spoilt(lambda array: array * np.nan, "dWzh", [1, 4])).message
    assert message is not None
    assert message.startswith(
        "not finite in 2 of 5 cases (smallest: input 1, hidden 1; nan at [0, 0], expected "
    )


def raising(message: str) -> Answer:
    return Answer(failure=Failure(FailureKind.RAISED, message, f"traceback of {message}"))


def test_messages_are_counted_by_what_they_say() -> None:
    """Each message with the number of cases that say it, the commonest first; only numbers may differ."""
    answers = right()
    answers[0] = raising("backward raised IndexError: list index out of range")
    answers[1] = raising("backward raised ValueError: shapes (1,) and (2,)")
    answers[2] = raising("backward raised ValueError: shapes (3,) and (4,)")
    answers[4] = spoilt(np.negative, "dWzh", [4])[4]
    result = criterion(answers)
    assert result.message == (
        "backward raised ValueError: shapes (1,) and (2,), in the smallest case (input 1, hidden 1); the "
        "same with other numbers in 2 of 5 cases; in 1: backward raised IndexError: list index out of "
        "range; in 1 wrong"
    )
    assert result.traceback == "traceback of backward raised ValueError: shapes (1,) and (2,)"
    assert (result.reason, result.hint) == ("raised", None)


def test_of_many_messages_the_commonest_are_told() -> None:
    """Three kinds are named, and the rest is counted."""
    names = ("IndexError", "TypeError", "KeyError", "ValueError", "ValueError")
    message = criterion([raising(f"backward raised {name}") for name in names]).message
    assert message == (
        "backward raised ValueError, in 2 of 5 cases (smallest: input 2, hidden 2); in 1: backward raised "
        "TypeError; in 1: backward raised KeyError; in 1 still otherwise"
    )


def test_the_commonest_kind_is_the_reason() -> None:
    """Values wrong in three cases, and a call that raises in one: it is for values that it fails."""
    answers = spoilt(np.negative, "dWzh", [0, 2, 3])
    answers[1] = Answer(failure=RAISED)
    result = criterion(answers)
    assert result.reason == "value"
    assert result.message is not None
    assert result.message.startswith("wrong in 3 of 5 cases (smallest: input 1, hidden 2; ")
    assert result.message.endswith("; in 1: backward raised ValueError: shapes do not match")
    timed = [Answer(failure=Failure(FailureKind.TIME, "backward took longer than 10 s."))] * 5
    assert criterion(timed).message == "backward took longer than 10 s, in 5 of 5 cases"
    assert set(why(timed).values()) == {"time"}


def test_a_hint_must_explain_every_failing_case() -> None:
    """A turned sign in all failing cases is hinted at; in all but one it is not."""
    assert criterion(spoilt(np.negative, "dWzh", [0, 3])).hint == "every entry has the wrong sign"
    mixed = spoilt(np.negative, "dWzh", [0, 3])
    mixed[4] = SPOILS["value"](mixed[4], "dWzh")
    assert criterion(mixed).hint is None


def test_the_smallest_failing_case_is_the_counterexample() -> None:
    """The smallest failing case, the first of several, is shown as NumPy to paste, with both arrays."""
    result = criterion(spoilt(np.negative, "dWzh", [0, 2, 4]))
    shown = result.counterexample
    assert shown is not None
    assert shown.case == "input 1, hidden 2"
    names: dict[str, Any] = {"np": np}
    exec("\n".join(shown.call[:-1]), names)
    for name, array in SUITE.cases[2].inputs.items():
        assert names[name] == pytest.approx(array, rel=1e-5)
    assert shown.yours is not None
    truth = SUITE.expected[2]["dWzh"]
    assert np.array(eval(shown.yours)) == pytest.approx(-truth, rel=1e-3)
    assert np.array(eval(shown.expected)) == pytest.approx(truth, rel=1e-3)


def test_without_lines_that_make_the_call_there_is_nothing_to_paste() -> None:
    """A check that says nothing of how it is called has no counterexample."""
    silent = Problem("silent", 70, (Check("backward", "cell", OUTPUTS),))
    found = row(spoilt(np.negative, "dWzh", [0]), problem=silent)
    assert [one.counterexample for one in found.criteria if not one.passed] == [None]


def test_a_counterexample_shows_the_difference() -> None:
    """A small error is shown with as many digits as it takes, and the inputs with more."""
    shown = criterion(spoilt(lambda array: array * (1 + 2e-6), "dWzh", [2])).counterexample
    assert shown is not None
    assert shown.yours != shown.expected
    names: dict[str, Any] = {"np": np}
    exec("\n".join(shown.call[:-1]), names)
    assert names["x"] == pytest.approx(SUITE.cases[2].inputs["x"], rel=1e-8)


def test_a_counterexample_is_small_enough_to_read_or_absent() -> None:
    """Nothing is shown of a case with more than some sixty numbers, nor where no array came back."""
    assert criterion(spoilt(np.negative, "dWzh", [4])).counterexample is None
    assert criterion([Answer(failure=RAISED)] * 5).counterexample is None
    assert criterion([Answer()] * 5).counterexample is None


def test_a_counterexample_says_what_else_was_special() -> None:
    """Strided inputs and a second instance are part of the case, so they are said."""
    special = replace(
        SUITE, cases=tuple(replace(case, strided=True, interleaved=True) for case in SUITE.cases)
    )
    (check,) = BACKWARD.calls
    problem = replace(BACKWARD, checks=(replace(check, paste=("a(x, Wx)", "b()"), meanwhile=("other()",)),))
    shown = row(spoilt(np.negative, "dWzh", [2]), special, problem).criteria[3].counterexample
    assert shown is not None
    assert list(shown.call[-5:]) == [
        "a(x, Wx)",
        "# meanwhile, a second instance is in use",
        "other()",
        "b()",
        "print(dWzh)",
    ]
    names: dict[str, Any] = {}
    exec("\n".join(shown.call[:-5]), names)
    assert not names["x"].base.flags.owndata or names["x"].strides[-1] > names["x"].itemsize
    assert names["Wx"] == pytest.approx(special.cases[2].inputs["Wx"], rel=1e-5)


def notices(answers: Sequence[Answer]) -> tuple[Finding, ...]:
    """Return what was found besides the points."""
    return judge(BACKWARD, {"cell": SUITE}, {("backward", "cell"): answers})[1]


def test_notices_are_said_once_and_cost_nothing() -> None:
    """A vector as a row in all cases, and float32 in some, are one notice each, and nobody's fault."""
    answers = [
        Answer({**a.arrays, "dx": a.arrays["dx"][None].astype(np.float32), "dh": a.arrays["dh"]})
        for a in right()
    ]
    for answer in answers:
        answer.arrays["dx"][...] *= np.float32(1 + 1.6e-6)
    assert row(answers).points == 70
    found = notices(answers)
    assert [finding.blame for finding in found] == [Blame.NOBODY] * 2
    assert found[0].message.startswith("dx has shape (1, 3), expected (3,): accepted")
    assert found[1].message.startswith("dx was computed in float32")


def test_a_criterion_that_fails_has_no_notice() -> None:
    """Where points are lost, "accepted" is not said."""
    answers = [Answer({**a.arrays, "dx": a.arrays["dx"][None]}) for a in right()]
    answers[3] = SPOILS["value"](answers[3], "dx")
    assert row(answers).points == 61.25
    assert notices(answers) == ()


@pytest.mark.parametrize("given_answers", [[], right()[:-1], [*right(), Answer()]])
def test_a_wrong_number_of_answers_is_our_fault(given_answers: list[Answer]) -> None:
    """An answer lost between the processes is an error of ours, not a score."""
    with pytest.raises(GraderError, match=f"backward has {len(given_answers)} answers"):
        row(given_answers)


def test_an_empty_suite_or_a_lost_truth_is_our_fault() -> None:
    """A suite without cases would be passed by everyone; one without the truth by nobody."""
    with pytest.raises(GraderError):
        row([], replace(SUITE, cases=(), expected=()))
    with pytest.raises(GraderError, match="no truth for dWzh"):
        row(right(), suite_of(SIZES, ("dWrx", "dWrh", "dWzx")))
