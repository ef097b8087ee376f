"""The smallest case that fails: few sizes, short numbers, the same failure, and the same everywhere."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shipped
from batch_runs import batch, tree
from shipped import ROOT, answers, known

from grader.diagnosis import smallest
from grader.diagnosis.simpler import MOST_SIZES, simpler_numbers, smaller_sizes
from grader.engine import Grader, Options
from grader.mistakes import Mistake
from grader.records import Arrays, Blame, Counterexample, CriterionResult, Report
from grader.report import text
from grader.sandbox.session import Session

pytestmark = pytest.mark.slow  # not for `make check`

MODEL = (ROOT / "src" / "gru_cell" / "hw3" / "gru.py").read_text()
SHORT = re.compile(r"-?\d(\.\d)?")


@cache
def graded(path: str) -> Report:
    """Return the report on a mistake."""
    with Grader([known(path.partition("/")[0])], Options(debug=True)) as grader:
        return grader.grade(shipped.wrong(path))


def of(report: Report, name: str) -> CriterionResult:
    """Return the criterion of this name that has a counterexample, or else the first of this name."""
    mine = [one for problem in report.problems for one in problem.criteria if one.name == name]
    return next((one for one in mine if one.counterexample is not None), mine[0])


def example(path: str, name: str) -> Counterexample:
    found = of(graded(path), name).counterexample
    assert found is not None
    return found


def inputs(shown: Counterexample) -> Arrays:
    """Return what the lines set."""
    code = "\n".join(shown.call)
    names: dict[str, object] = {}
    setting = re.findall(r"^\w+ = np\.(?:[^\n]|\n +)*", code, re.MULTILINE)
    exec("import numpy as np\n" + "\n".join(setting), names)
    return {name: array for name, array in names.items() if isinstance(array, np.ndarray)}


def numbers(shown: Counterexample) -> list[float]:
    return [float(x) for array in inputs(shown).values() for x in array.ravel()]


# --- what is simpler


def test_the_fewest_sizes_come_first() -> None:
    """By their sum; where shapes are at stake, those that can be told apart before those that cannot."""
    ranges = {"input": (1, 8), "hidden": (1, 8)}
    start = {"input": 4, "hidden": 4}
    found = [tuple(one.values()) for one in smaller_sizes(ranges, start, apart=False)]
    assert found[:4] == [(1, 1), (1, 2), (2, 1), (1, 3)]
    assert all(sum(one) < 8 for one in found)
    apart = [tuple(one.values()) for one in smaller_sizes(ranges, start, apart=True)]
    assert apart.index((2, 3)) < apart.index((2, 2))
    assert sorted(apart) == sorted(found)


def test_no_size_is_outside_of_what_a_case_may_have() -> None:
    """A size that is fixed stays, and not more than so many are tried."""
    ranges = {"hidden": (6, 6), "steps": (1, 50)}
    assert [one["hidden"] for one in smaller_sizes(ranges, {"hidden": 6, "steps": 9}, apart=False)] == [6] * 4
    five = dict.fromkeys("abcde", (1, 6))
    assert len(list(smaller_sizes(five, dict.fromkeys("abcde", 6), apart=True))) == MOST_SIZES
    assert list(smaller_sizes({}, {}, apart=False)) == []


def test_what_plays_no_part_becomes_zero() -> None:
    """One entry is all that is left of what a failure depends on."""
    rng = np.random.default_rng(0)
    start = {"W": rng.standard_normal((2, 2)), "x": rng.standard_normal(2), "b": rng.standard_normal(3)}

    def fails(arrays: Arrays) -> bool:
        return not np.allclose(arrays["W"] @ arrays["x"], arrays["W"].T @ arrays["x"])

    found = simpler_numbers(start, fails)
    assert fails(found)
    assert found["b"].tolist() == [0, 0, 0]
    assert np.count_nonzero(found["W"]) == 1
    assert found["W"].max() == 1


def test_numbers_stay_where_nothing_simpler_fails() -> None:
    """What fails with these very numbers alone comes back, and nothing was changed in place."""
    start = {"x": np.array([0.123456, -2.5])}
    before = start["x"].copy()
    found = simpler_numbers(start, lambda arrays: bool((arrays["x"] == before).all()))
    assert (found["x"] == before).all()
    assert (start["x"] == before).all()


# --- through a running job


@pytest.mark.parametrize(
    ("path", "name", "case"),
    [
        ("gru_cell/backward/reset_path_dropped", "dx", "input 1, hidden 1"),
        ("gru_cell/backward/weight_not_transposed", "dWrx", "input 1, hidden 2"),
        ("torch_gru_cell/backward/accumulator_for_weight", "dx", "input 1, hidden 1"),
        ("torch_lstm_cell/forward/first_sample_for_all", "h", "input 1, hidden 1, batch 2"),
        ("rnn_step_by_step/rnn_backward/carry_alone", "dx", "input 1, hidden 1, batch 1, steps 2, outputs 1"),
        ("nback_rnn/application/recursion_dropped", "dU", "hidden 6, steps 3"),
        ("lstm_gru_theory/question_4/sign_turned", "dW_xz", "simple numbers"),
    ],
)
def test_a_mistake_is_shown_on_numbers_that_can_be_followed(path: str, name: str, case: str) -> None:
    """The fewest sizes that show it, and nothing but zeros, ones and short decimals; both arrays differ."""
    shown = example(path, name)
    assert shown.case == case
    found = numbers(shown)
    assert all(SHORT.fullmatch(f"{x:g}") for x in found)
    assert sum(x in (0, 0.5, 1) for x in found) >= 0.9 * len(found)
    assert shown.yours != shown.expected


def test_a_transposition_is_shown_by_one_entry() -> None:
    """At hidden 1, or with a symmetric matrix, it could not be seen."""
    arrays = inputs(example("gru_cell/backward/weight_not_transposed", "dWrx"))
    (one,) = [array for array in arrays.values() if array.shape == (2, 2) and array.any()]
    assert np.count_nonzero(one) == 1
    assert not (one == one.T).all()


def test_a_wrong_shape_is_shown_with_sizes_that_differ() -> None:
    """Sizes above 1 are told apart in it, and what is expected is not all zeros."""
    shown = example("rnn_step_by_step/lstm_cell_backward/bias_not_summed", "dbf")
    sizes = [int(size) for size in re.findall(r"\d+", shown.case) if int(size) > 1]
    assert len(set(sizes)) == len(sizes)
    assert shown.yours is not None
    assert np.array(eval(shown.yours)).shape != np.array(eval(shown.expected)).shape
    assert np.array(eval(shown.expected)).any()


def test_what_raises_is_shown_with_the_call_that_raises() -> None:
    """The lines are there, the exception under them, and what would have been right."""
    path = "gru_cell/backward/raises_halfway"
    shown = example(path, "dWrx")
    assert shown.yours is None
    assert shown.raises is not None
    assert shown.raises.startswith("ValueError: shapes (1,2) and (1,1) not aligned")
    assert np.array(eval(shown.expected)).any()
    page = text.render(graded(path))
    assert f"print(cell.dWrx)\n# raises {shown.raises}\n# expected: {shown.expected}" in page


def test_only_what_the_call_uses_is_set() -> None:
    """A forward is not handed the derivatives that its case has for the way back."""
    assert "delta" not in inputs(example("gru_cell/forward/weight_transposed", "h"))


def test_all_of_a_group_are_shown_on_one_case() -> None:
    """What is told as one failure is shown on one set of numbers."""
    report = graded("gru_cell/backward/raises_halfway")
    calls = {
        one.counterexample.call[:-1] for p in report.problems for one in p.criteria if one.counterexample
    }
    assert len(calls) == 1


@pytest.mark.parametrize("name", [name for name in shipped.NAMES if known(name).further])
def test_calls_are_bounded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is wrong, a hand-in is asked no more than so often; and it is handed inputs alone."""
    asked: Counter[str] = Counter()
    ask = smallest._Calls.ask
    now = ""

    def counted(self: smallest._Calls, check: object, case: object, form: int) -> object:
        asked[now] += 1
        return ask(self, check, case, form)  # type: ignore[arg-type]

    monkeypatch.setattr(smallest._Calls, "ask", counted)
    mistakes: list[Mistake] = list(answers(name).mistakes)[::6]
    with Grader([known(name)], Options()) as grader:
        for one in mistakes:
            now = one.path
            grader.grade(shipped.wrong(f"{name}/{now}"))
    assert asked
    assert max(asked.values()) <= smallest.MOST_CALLS + 8  # and the last one of each failure again


def test_a_right_hand_in_is_asked_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a job is begun for it."""

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Session, "aside", never)
    with Grader([known("gru_cell")], Options(debug=True)) as grader:
        assert grader.grade(ROOT / "src" / "gru_cell").score == 100


# --- hand-ins that are awkward to ask


def written(folder: Path, replaced: dict[str, str], before: str = "") -> Path:
    source = MODEL
    for old, new in replaced.items():
        assert old in source, old
        source = source.replace(old, new)
    (folder / "hw3").mkdir(parents=True)
    (folder / "hw3" / "gru.py").write_text(before + source)
    return folder


def at_the_end_of_forward(folder: Path, lines: str, before: str = "") -> Path:
    """Return the model hand-in, whose forward returns what these lines make of h_t."""
    *_, returned = re.findall(r"^ +return (.*)$", MODEL.partition("def backward")[0], re.MULTILINE)
    changed = f"h_t = {returned}\n" + lines + "\nreturn h_t"
    indented = "\n".join("        " + line for line in changed.split("\n")).lstrip()
    return written(folder, {f"return {returned}": indented}, before)


@pytest.fixture
def report(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Report]:
    lines, before = request.param
    with Grader([known("gru_cell")], Options()) as grader:
        yield grader.grade(at_the_end_of_forward(tmp_path / "hand", lines, before))


CALLS = "_calls = []\n"


@pytest.mark.parametrize(
    "report", [("_calls.append(1)\nif len(_calls) > 20: h_t = h_t + 1", CALLS)], indirect=True
)
def test_what_a_fresh_process_does_not_do_is_not_shown_smaller(report: Report) -> None:
    """A failure that needs calls before it keeps the suite's case: pasted, a smaller one would be right."""
    shown = of(report, "h").counterexample
    assert shown is not None
    suite = known("gru_cell").suites["cells"](0)
    assert shown.case in {case.label for case in suite.cases}
    assert not all(SHORT.fullmatch(f"{x:g}") for x in numbers(shown))


SHORT_INPUTS = """\
h_t = z * h + (1.0 - z) * n
if x.any() and (x == np.round(x, 1)).all(): h_t = h_t + 3.0"""


@pytest.mark.parametrize("report", [(SHORT_INPUTS, "")], indirect=True)
def test_a_smaller_case_shows_the_mistake_that_was_named(report: Report) -> None:
    """What goes wrong otherwise, on simple inputs alone, is not shown below a cause that is another."""
    wrong = of(report, "h")
    assert wrong.cause is not None
    assert wrong.counterexample is not None
    given = inputs(wrong.counterexample)
    assert not given["x"].any() or (given["x"] != np.round(given["x"], 1)).any()
    assert given["h"].any()


@pytest.mark.parametrize(
    "report", [("if not x.flags.contiguous and x.size > 1: h_t = 2 * h_t", "")], indirect=True
)
def test_what_a_failure_needs_stays(report: Report) -> None:
    """What fails on views alone is shown on views."""
    shown = of(report, "h").counterexample
    assert shown is not None
    assert shown.case == "input 2, hidden 1, non-contiguous arrays"
    assert "# handed over as views that are not contiguous in memory" in shown.call


@pytest.mark.parametrize(
    "report",
    [("if x.size == 1 == h.size and x[0] == 1: import os; os._exit(3)\nh_t = 2 * h_t", "")],
    indirect=True,
)
def test_a_hand_in_that_ends_there_keeps_the_suites_case(report: Report) -> None:
    """A job that ends is no failure of ours, and what it was graded stays."""
    shown = of(report, "h").counterexample
    assert shown is not None
    assert shown.case == "input 1, hidden 1"
    assert [one for one in report.findings if one.blame is Blame.GRADER] == []


def test_a_hand_in_that_is_too_slow_keeps_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock gives all of it up, and it is said."""
    folder = at_the_end_of_forward(
        tmp_path / "hand",
        "if len(x) == 1 == len(h) and x[0] == 1: import time; time.sleep(600)\nh_t = 2 * h_t",
    )
    with Grader([known("gru_cell")], Options()) as grader:
        monkeypatch.setattr(smallest, "MOST_CALLS", 0)
        before = grader.grade(folder)
        monkeypatch.undo()
        monkeypatch.setattr(smallest, "WITHIN_S", 2.0)
        after = grader.grade(folder)
    assert after.problems == before.problems
    (said,) = [one for one in after.findings if one.blame is Blame.GRADER]
    assert said.message == "no smaller case could be looked for: TooSlowError"
    assert replace(after, findings=before.findings) == before


def test_the_same_on_any_number_of_workers(tmp_path: Path) -> None:
    """Reports of wrong hand-ins with smaller cases are the same bytes by one worker and by four."""
    paths = [f"gru_cell/{one.path}" for one in answers("gru_cell").mistakes][::5]
    made = tmp_path / "class"
    made.mkdir()
    for i, path in enumerate(paths):
        shutil.copytree(shipped.wrong(path), made / f"student{i}")
    found = []
    for workers in (1, 4):
        results = tmp_path / f"by-{workers}" / "results"
        results.parent.mkdir()
        batch(results, "--assignment", "gru_cell", "--workers", workers, made)
        found.append(tree(results))
    assert found[0] == found[1]
    assert any(b"np.zeros((" in content for content in found[0].values())
