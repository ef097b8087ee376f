"""What separates the cases that pass is told where it is sharp, and never where it could be chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import shipped

from grader import diagnosis
from grader.compare import Gap, GapKind, Match
from grader.declaration import Check
from grader.diagnosis.pattern import pattern
from grader.diagnosis.properties import properties
from grader.engine import Grader, Options
from grader.faults.so_far import so_far
from grader.mistakes import laid
from grader.outcomes import groups, message
from grader.records import Answer, Array, Case, CriterionResult, Failure, FailureKind, Suite
from grader.verdicts import Called, Verdict, judged

Change = Callable[[Case, Array], Array]


def suite_of(name: str, key: str) -> Suite:
    return shipped.known(name).suites[key](0)


def check_of(name: str, call: str) -> Check:
    found = [check for problem in shipped.known(name).problems for check in problem.calls]
    return next(check for check in found if check.call == call and len(suite_of(name, check.suite).cases) > 9)


def verdict(name: str, call: str, output: str, change: Change) -> Verdict:
    """Return what comes of an output if each case's true array is changed so."""
    check = check_of(name, call)
    suite = suite_of(name, check.suite)
    answers = [
        Answer({**true, output: change(case, np.array(true[output]))})
        for case, true in zip(suite.cases, suite.expected, strict=True)
    ]
    (found,) = (one for one in judged(Called(check, suite, answers)) if one.output.name == output)
    assert isinstance(found, Verdict)
    return found


def told(name: str, call: str, output: str, change: Change) -> str | None:
    found = verdict(name, call, output, change)
    return pattern(found, properties(found.suite.cases))


def wrong_unless(holds: Callable[[Case], bool]) -> Change:
    return lambda case, true: true if holds(case) else true + 1e-3 * np.abs(true).max()


def is_one_of(seeds: set[int], case: Case) -> bool:
    return case.seed in seeds


# --- cases

SPLITS: dict[str, tuple[str, str, str, Callable[[Case], bool], str]] = {
    "zero state": (
        "gru_cell", "backward", "dx", lambda case: not case.inputs["h"].any(),
        "whose h is zero, wrong in all",
    ),
    "hidden 1": (
        "gru_cell", "forward", "h", lambda case: case.sizes["hidden"] == 1,
        "Right in all 6 cases with hidden 1, wrong in all 58 others. With one unit a broadcast",
    ),
    "batch 1": (
        "torch_lstm_cell", "backward", "dbias_ih", lambda case: case.sizes["batch"] == 1,
        "cases with batch 1, wrong in all",
    ),
    "one step": (
        "rnn_step_by_step", "lstm_backward", "dx", lambda case: case.sizes["steps"] == 1,
        "cases with steps 1, wrong in all",
    ),
    "equal sizes": (
        "gru_cell", "backward", "dx", lambda case: case.sizes["input"] == case.sizes["hidden"],
        "cases in which input and hidden are equal, wrong in all",
    ),
    "unless equal": (
        "gru_cell", "backward", "dx", lambda case: case.sizes["input"] != case.sizes["hidden"],
        "Wrong in all 9 cases in which input and hidden are equal, right in all 55 others. There no shape",
    ),
    "small weights": (
        "gru_cell", "forward", "h", lambda case: bool(np.abs(case.inputs["Wh"]).max() < 1e-2),
        "cases whose Wzx, Wrx, Wx, Wzh, Wrh and Wh are tiny, wrong in all",
    ),
    "small delta": (
        "gru_cell", "backward", "dx", lambda case: bool(np.abs(case.inputs["delta"]).max() < 1e-6),
        "cases whose delta is tiny, wrong in all",
    ),
    "two steps at most": (
        "rnn_step_by_step", "lstm_backward", "dx", lambda case: case.sizes["steps"] <= 2,
        "cases with steps 2 or less, wrong in all",
    ),
}  # fmt: skip


@pytest.mark.parametrize("split", SPLITS)
def test_what_separates_right_cases_from_wrong_ones_is_told(split: str) -> None:
    """By the cases' arrays and sizes, with how many there are on either side."""
    name, call, output, holds, says = SPLITS[split]
    said = told(name, call, output, wrong_unless(holds))
    assert said is not None
    assert says in said


def test_a_label_says_nothing() -> None:
    """Properties are those of arrays and sizes: other words on the cases change nothing."""
    suite = suite_of("gru_cell", "cells")
    renamed = [replace(case, label="zero state, hidden 1") for case in suite.cases]
    assert properties(renamed) == properties(suite.cases)


def test_exceptions_are_counted() -> None:
    """One case of many that does not fit is told with the others, and hides nothing."""
    suite = suite_of("gru_cell", "cells")
    odd = next(case for case in suite.cases if case.sizes["hidden"] > 1 and case.inputs["h"].any())
    said = told(
        "gru_cell", "forward", "h",
        wrong_unless(lambda case: case.sizes["hidden"] == 1 or case is odd),
    )  # fmt: skip
    assert said is not None
    assert "Right in all 6 cases with hidden 1, wrong in 57 of the 58 others." in said


def test_chance_is_no_pattern() -> None:
    """Wrong by lot, in every case, in two cases or in all but two: nothing is told."""
    rng = np.random.default_rng(5)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        for _ in range(20):
            lot = {case.seed for case in suite_of("gru_cell", "cells").cases if rng.random() < share}
            assert told("gru_cell", "forward", "h", wrong_unless(partial(is_one_of, lot))) is None
    assert told("gru_cell", "forward", "h", wrong_unless(lambda _: False)) is None
    few = {case.seed for case in suite_of("gru_cell", "cells").cases if case.sizes["hidden"] == 1}
    some = set(sorted(few)[:2])
    assert told("gru_cell", "forward", "h", wrong_unless(partial(is_one_of, some))) is None


def test_what_is_zero_anyway_is_not_right_for_a_reason() -> None:
    """dWh is an outer product with h: that it is right where h is zero says nothing of the reset path."""
    spoil = told("gru_cell", "backward", "dWh", lambda _, true: true * 1.5)
    assert spoil is None


def test_noise_has_no_pattern() -> None:
    rng = np.random.default_rng(7)
    for output in ("dx", "dWrx", "dh"):
        said = told("gru_cell", "backward", output, lambda _, true: rng.standard_normal(true.shape))
        assert said is None


# --- entries


def test_the_right_rows_of_a_stacked_array_are_named_by_their_gate() -> None:
    """PyTorch's four quarters, in the statement's letters."""

    def spoil(_: Case, true: Array) -> Array:
        true[: 3 * len(true) // 4] *= 1.1
        return true

    said = told("torch_lstm_cell", "backward", "dweight_ih", spoil)
    assert said == "Where it is wrong, its rows of o are right and those of i, f and g are wrong."


def test_the_first_or_last_step_or_sample_is_told() -> None:
    def last_step(_: Case, true: Array) -> Array:
        true[:, :, -1] *= 1.1
        return true

    def later_samples(_: Case, true: Array) -> Array:
        true[1:] *= 1.1
        return true

    said = told("rnn_step_by_step", "rnn_forward", "a", last_step)  # of one step, too
    assert said == "Where it is wrong, only its last time step is wrong."
    said = told("torch_lstm_cell", "backward", "dx", later_samples)
    assert said is not None
    assert "cases with batch 1, wrong in all" in said
    assert said.endswith("Where it is wrong, its first sample is right and every other is wrong.")


def test_any_other_choice_of_entries_is_not_told() -> None:
    rng = np.random.default_rng(9)

    def some_steps(_: Case, true: Array) -> Array:
        chosen = [t for t in range(true.shape[2]) if t == 0 or rng.random() < 0.5]
        true[:, :, chosen] *= 1.1
        return true

    assert told("rnn_step_by_step", "rnn_forward", "a", some_steps) is None


# --- which equations are right so far


def test_it_is_said_up_to_which_equation_the_way_back_is_right() -> None:
    from grader.cell.derived import derived
    from grader.cell.explaining import declared

    cell = shipped.known("gru_cell")
    namespace: dict[str, object] = {"__file__": str(cell.folder / "assignment.py")}
    exec((cell.folder / "assignment.py").read_text(), namespace)
    gru = declared(derived(cell.folder, namespace["CELL"]))  # type: ignore[arg-type]
    everything = set(gru.outputs)

    def up_to(*wrong: str) -> str | None:
        return so_far(gru, wrong, everything - {*wrong})

    assert up_to("dWrx", "dWrh", "dx", "dh") == (
        "The way back is right up to Eq. (1) and (3), since dWzx, dWzh, dWx and dWh are, and not up to "
        "Eq. (2): look at what leads from Eq. (3) back to Eq. (2)."
    )
    assert up_to("dx") == (
        "All gradients of weights are right, and so is the way back through every equation up to them: "
        "look at how dx is put together."
    )
    assert up_to("h", "dx") is None  # the way back starts from a wrong forward
    assert up_to("dWzx", "dWzh", "dWrx", "dWrh", "dWx", "dWh", "dx", "dh") is None
    assert so_far(gru, ["dx"], ["h"]) is None  # nothing is known of the others


# --- whole reports


def graded(folder: Path) -> tuple[CriterionResult, ...]:
    with Grader([shipped.known("gru_cell")], Options(assignment="gru_cell", debug=True)) as grader:
        return tuple(one for row in grader.grade(folder).problems for one in row.criteria)


@pytest.mark.slow
def test_a_report_has_the_pattern_of_what_raises_and_none_of_what_is_explained() -> None:
    criteria = graded(shipped.wrong("gru_cell/backward/raises_halfway"))
    patterns = {one.pattern for one in criteria if one.passed is False}
    assert len(patterns) == 1
    assert "Right in all 6 cases with hidden 1, not right in all 58 others." in str(patterns)
    assert all(one.pattern is None for one in criteria if one.passed)
    explained = graded(shipped.wrong("gru_cell/backward/update_gate_derivative_left_out"))
    assert all(one.pattern is None for one in explained)


@pytest.mark.slow
def test_a_right_hand_in_reaches_no_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(diagnosis.pattern, "properties", never)
    monkeypatch.setattr(diagnosis.pattern, "_of_check", never)
    assert all(one.passed for one in graded(shipped.right("gru_cell", "products")))


@pytest.mark.slow
def test_a_mistake_that_nothing_explains_is_told_with_what_is_right(tmp_path: Path) -> None:
    """dr times the cosine of h: no fault of the catalogue, and all up to Eq. (3) is right."""
    files = dict(shipped.answers("gru_cell").right["products"])
    (path,) = files
    files[path] = files[path].replace(b"dr = drh * h", b"dr = drh * h * np.cos(h)")
    found = {one.name: one for one in graded(laid(files, tmp_path))}
    assert all(one.cause is None for one in found.values())
    assert "not up to Eq. (2): look at what leads from Eq. (3) back" in str(found["dWrx"].hint)
    assert "cases whose h is zero, wrong in" in str(found["dx"].pattern)


# --- the headline is the commonest kind


def raised(text: str, line: int) -> Failure:
    return Failure(FailureKind.RAISED, f"backward raised {text}", "", "gru.py", line)


def cases_of(count: int) -> list[Case]:
    return [Case(f"case {i}", i, {"x": np.ones(i + 1)}) for i in range(count)]


def outcomes_of(*some: tuple[int, Gap | Failure | Match]) -> Sequence[Gap | Failure | Match]:
    return [one for count, outcome in some for one in [outcome] * count]


VALUE = Gap(GapKind.VALUE, "worst at [0]: 1, expected 2")


def test_one_line_that_raises_is_one_kind_whatever_it_says() -> None:
    """Two values differ, and 62 calls raise in one line, in three ways: that is the headline."""
    outcomes = outcomes_of(
        (2, VALUE),
        (1, raised("ValueError: shapes (2,) and (3,4) not aligned", 210)),
        (40, raised("ValueError: operands could not be broadcast together", 210)),
        (21, raised("ValueError: shapes (2,3) and (4,) not aligned: 3 != 4", 210)),
    )
    cases = cases_of(64)
    first, second = groups(cases, outcomes)
    assert (len(first.at), len(second.at)) == (62, 2)
    assert message(cases, outcomes) == (
        "backward raised ValueError: operands could not be broadcast together, in the smallest case "
        "(case 3); that line raises in 62 of 64 cases; in 2 wrong"
    )


def test_the_commonest_kind_goes_before_the_largest_group() -> None:
    """Three lines that raise in 14 cases each are more than 22 wrong values."""
    lines = [(14, raised("IndexError: list index out of range", line)) for line in (3, 5, 7)]
    outcomes = outcomes_of((22, VALUE), *lines)
    cases = cases_of(64)
    assert groups(cases, outcomes)[0].shown == lines[0][1]
    assert message(cases, outcomes).startswith(
        "backward raised IndexError: list index out of range, in 14 of 64"
    )
