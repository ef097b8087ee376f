"""The step-by-step homework: its printed numbers, what stands in for a wrong cell, what mistakes are told."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import shipped

from grader import discovery, engine
from grader.assignments.rnn_step_by_step import equations, published, stand_ins, truth
from grader.assignments.rnn_step_by_step.functions import FUNCTIONS
from grader.compare import Match, compare
from grader.declaration import Loaded
from grader.records import Arrays, CriterionResult, ProblemResult, Report, Status

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grader" / "assignments" / "rnn_step_by_step"
MODEL = ROOT / "src" / "rnn_step_by_step" / "rnn_step_by_step.py"
LOOPS = [name for name, function in FUNCTIONS.items() if function.is_sequence]
PRINTED = [(name, quantity) for name in FUNCTIONS for quantity in published.quantities(name)]


@cache
def known() -> tuple[Loaded, ...]:
    return tuple(
        replace(one, suites={key: cache(draw) for key, draw in one.suites.items()})
        for one in discovery.assignments()
    )


def assignment() -> Loaded:
    return discovery.by_name("rnn_step_by_step", known())


def grade(hand_in: Path) -> Report:
    report = engine.grade(hand_in, known(), engine.Options())
    assert report.status is Status.GRADED, report.message
    return report


@cache
def graded_wrong(mistake: str) -> Report:
    return grade(shipped.wrong(f"rnn_step_by_step/{mistake}"))


def problem(report: Report, name: str) -> ProblemResult:
    return next(one for one in report.problems if one.name == name)


def criteria(report: Report, name: str) -> dict[str, CriterionResult]:
    return {one.name: one for one in problem(report, name).criteria}


def load(path: Path, name: str) -> ModuleType:
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the model hand-in, with what students are given beside it."""
    monkeypatch.syspath_prepend(str(FOLDER / "provided"))
    return load(MODEL, "model_of_rnn_step_by_step")


# --- the printed numbers


def is_printed_as(value: Any, shown: Any) -> bool:
    """Whether a number would be printed so: arrays with 8 decimals, single numbers with 12 digits.

    True to half a unit of the last digit, and a thousandth of it for the shown number's own rounding.
    """
    shown = np.asarray(shown, dtype=float)
    digits = 8 if shown.ndim else 11 - int(np.floor(np.log10(abs(float(shown)))))
    return np.shape(value) == shown.shape and bool((abs(value - shown) <= 0.5005 * 10.0**-digits).all())


def test_every_published_number_is_there() -> None:
    """The statement prints 23 values; the course prints 21 more for the two functions that it leaves out."""
    asked = [name for name, _ in PRINTED if not name.startswith("lstm") or name.endswith("forward")]
    assert len(asked) == 23
    assert len(PRINTED) - len(asked) == 21


@pytest.mark.parametrize(("name", "quantity"), PRINTED)
def test_the_reference_reproduces_a_printed_value(name: str, quantity: str) -> None:
    """torch's cells give each printed number, to its last digit."""
    arrays = published.inputs(name)
    found: dict[str, Any] = {**arrays, **truth.answers(name, arrays)}
    found["cache"] = (found.get("a_next"), found.get("c_next"))
    found["caches"] = (None, found.get("x"))
    assert is_printed_as(eval(quantity, found), published.tables()[name]["expected"][quantity])


@pytest.mark.parametrize(("name", "quantity"), PRINTED)
def test_the_model_hand_in_reproduces_a_printed_value(model: ModuleType, name: str, quantity: str) -> None:
    """Called as the statement says, the model gives each printed number, shape and length."""
    function, arrays, table = FUNCTIONS[name], published.inputs(name), published.tables()[name]
    parameters = {key: arrays[key] for key in function.parameters}
    *answers, last = getattr(model, function.forward)(*(arrays[key] for key in function.inputs), parameters)
    if function.is_backward:
        found = getattr(model, name)(*(arrays[key] for key in function.deltas), last)
    else:
        found = dict(zip(function.answers, answers, strict=True)) | {"cache": last, "caches": last}
    assert is_printed_as(eval(quantity, dict(found)), table["expected"][quantity])
    assert {key: list(found[key].shape) for key in table["shapes"]} == table["shapes"]
    assert {key: len(found[key]) for key in table.get("lens", {})} == table.get("lens", {})


def test_a_number_that_is_a_unit_off_is_not_as_printed() -> None:
    """The two tests above would see one unit of the last digit."""
    assert is_printed_as(np.array([0.59584544]), [0.59584544])
    assert not is_printed_as(np.array([0.59584545]), [0.59584544])
    assert is_printed_as(11.26410449652, 11.2641044965)
    assert not is_printed_as(11.2641044966, 11.2641044965)


def test_the_tables_are_the_courses(course_data: Path) -> None:
    """tables.json holds the numbers and recipes of the course's own file, and nothing else."""
    course = json.loads((course_data / "dlai_rnn_tables" / "expected_tables.json").read_text())

    def quantities(rows: list[dict[str, Any]]) -> dict[str, Any]:
        names = [re.sub(r'gradients\["(\w+)"\]', r"\1", row["quantity"]).replace(", ", "][") for row in rows]
        return dict(zip(names, (row["expected"] for row in rows), strict=True))

    for name, table in copy.deepcopy(published.tables()).items():
        theirs = course.pop(name)
        assert table.pop("seed") == theirs["seed"]
        assert table.pop("draws") == [[key.split()[0], shape] for key, shape in theirs["draws"]]
        assert table.pop("shapes") == theirs["shapes"]
        assert table.pop("lens", None) == theirs.get("lens")
        latest = theirs.get("expected") or theirs["expected_later_2020_version"]
        assert table.pop("expected") == quantities(latest)
        assert table.pop("first_version", {}) == quantities(theirs.get("expected_v1_2018", []))
        assert table == {}
    assert course == {}


# --- the random cases


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_sample_or_step_is_asked_beyond_rounding(name: str) -> None:
    """On every case two right formulations agree a thousand times closer than a student must."""
    (check,) = (
        check
        for one in assignment().problems
        for check in one.calls
        if one.name == name and check.outputs[0].name == FUNCTIONS[name].answers[0]
    )
    for seed in (0, 1):
        for case in assignment().suites[check.suite](seed).cases:
            by_torch = truth.answers(name, case.inputs)
            other = equations.answers(name, case.inputs)
            for output in check.outputs:
                # The comparison grants 1e-6: moved by 0.999e-6 of every slice's scale, there is 1e-9 left.
                scale = np.abs(other[output.name]).max(axis=_other_axes(other[output.name], output.each))
                moved = by_torch[output.name] + 0.999e-6 * np.expand_dims(
                    scale, _other_axes(other[output.name], output.each)
                )
                assert isinstance(compare(output, moved, other[output.name]), Match), case.label


def _other_axes(array: Any, each: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axis for axis in range(array.ndim) if axis not in each)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if FUNCTIONS[name].is_backward])
def test_no_activation_is_asked_where_right_answers_part(name: str) -> None:
    """Pre-activations stay within 12 for a sigmoid and 6 for a tanh, the cell state included."""
    for case in assignment().suites[f"{name}_from_our_cache"](0).cases:
        held = {key: array for key, array in case.inputs.items() if key in FUNCTIONS[name].caches}
        if FUNCTIONS[name].is_lstm:
            assert (
                max(np.abs(np.log(held[gate] / (1 - held[gate]))).max() for gate in ("ft", "it", "ot")) < 12
            )
            assert np.abs(np.arctanh(held["cct"])).max() < 6
            assert max(np.abs(array).max() for key, array in held.items() if key.startswith("c")) < 6
        else:
            assert max(np.abs(np.arctanh(array)).max() for array in held.values()) < 6


def test_what_one_function_is_handed_answers_no_other() -> None:
    """No random case shares arrays with another function's: a cache would tell what a cell must answer."""
    seen: dict[bytes, str] = {}
    for name in FUNCTIONS:
        for case in assignment().suites[name](0).cases:
            for array in case.inputs.values():
                if array.size >= 4 and array.any():
                    assert seen.setdefault(array.tobytes(), name) == name


# --- what stands in


@pytest.mark.parametrize("name", LOOPS)
def test_what_a_loop_makes_of_another_cell_is_nothing_that_is_asked(name: str) -> None:
    """No array that comes of a cell that stands in is close to the true one: it gives no solution away."""
    suite = assignment().suites[f"{name}_with_our_cell"](0)
    for case, wrong in zip(suite.cases, suite.expected, strict=True):
        inputs = {key: array for key, array in case.inputs.items() if key not in FUNCTIONS[name].caches}
        for key, true in truth.answers(name, inputs).items():
            assert np.abs(wrong[key] - true).max() > 0.01 * np.abs(true).max(), (case.label, key)


@pytest.mark.parametrize("name", LOOPS)
def test_nothing_that_a_loop_hands_on_can_be_wrong_unseen(name: str) -> None:
    """With the cells that stand in, every answer depends on every input and on every cached state."""
    function = FUNCTIONS[name]
    case = assignment().suites[f"{name}_with_our_cell"](0).cases[0]
    before = stand_ins.answers(name, case.inputs)
    handed = (*function.inputs, *function.deltas, *(key for key in ("a", "c") if key in function.caches))
    for key in handed:
        moved: Arrays = {**case.inputs, key: 1.5 * case.inputs[key] + 0.1}
        after = stand_ins.answers(name, moved)
        assert all(not np.allclose(after[one], before[one]) for one in function.answers), key


@pytest.mark.parametrize(
    ("mistake", "loops"),
    [
        ("rnn_cell_forward/weight_transposed", ["rnn_forward", "rnn_cell_backward", "rnn_backward"]),
        ("rnn_cell_forward/returns_no_cache", ["rnn_forward", "rnn_cell_backward", "rnn_backward"]),
        ("rnn_forward/first_state_at_every_step", ["rnn_cell_backward", "rnn_backward"]),
        ("lstm_cell_forward/gates_swapped", ["lstm_forward"]),
        ("rnn_cell_backward/globals_for_weights", ["rnn_backward"]),
        ("lstm_cell_backward/product_rule_swapped", ["lstm_backward"]),
    ],
)
def test_a_mistake_costs_where_it_was_made(mistake: str, loops: list[str]) -> None:
    """What calls a wrong function, or goes back through what it cached, keeps all of its points."""
    report = graded_wrong(mistake)
    assert problem(report, mistake.split("/")[0]).points < 20
    for name in loops:
        assert all(one.passed for one in problem(report, name).criteria), name
    said = [finding.message for finding in report.findings]
    assert any("in place of" in message and "counted" in message for message in said)


# --- what is told


def test_who_matches_the_first_table_is_told_so() -> None:
    """Each of the ten numbers of the table of 2018, and what they come from, is known for what it is."""
    failed = criteria(graded_wrong("lstm_backward/first_published_table"), "lstm_backward")
    assert len(failed) == 20
    assert not any(one.passed for one in failed.values())
    assert [name for name, one in failed.items() if "first published, in 2018" not in (one.hint or "")] == []


@pytest.mark.parametrize("function", ["rnn_backward", "lstm_backward"])
def test_who_carries_nothing_is_told_so(function: str) -> None:
    """The same mistake is known on the random cases, and in the plain RNN, where no table has it."""
    mistake = {"rnn_backward": "carry_dropped", "lstm_backward": "nothing_carried"}[function]
    failed = criteria(graded_wrong(f"{function}/{mistake}"), function)
    assert failed
    assert all(
        "nothing is carried" in (one.hint or "") or "2018" in (one.hint or "") for one in failed.values()
    )


def test_another_mistake_is_not_taken_for_it() -> None:
    """Who drops the carry of the cell state alone is not told of the first table."""
    failed = criteria(graded_wrong("lstm_backward/cell_state_not_carried"), "lstm_backward")
    assert not [one.hint for one in failed.values() if one.hint and "2018" in one.hint]
    assert {one.cause.says.partition(" when ")[2] for one in failed.values() if one.cause} == {
        "nothing is carried from step t+1 back to step t for c."
    }


def test_a_variable_of_the_notebook_is_named() -> None:
    """A function that reads Wax from another cell of the notebook is told which name it reads."""
    failed = criteria(graded_wrong("rnn_cell_backward/globals_for_weights"), "rnn_cell_backward")
    assert {one.hint for one in failed.values()} == {
        "Nothing there defines Wax: is it misspelt, or did it stay behind in a notebook's cell?"
    }


# --- hand-ins as they come


def test_half_a_homework_of_any_name_is_graded(tmp_path: Path) -> None:
    """A file that defines only the RNN is recognised, keeps its points, and is told what is not there."""
    rnn, _, _ = MODEL.read_text().partition("def lstm_cell_forward")
    (tmp_path / "tuesday.py").write_text(rnn)
    report = grade(tmp_path)
    assert [one.points for one in report.problems] == [10, 15, 0, 0, 0, 0]
    missing = criteria(report, "lstm_forward")["a"]
    assert (missing.reason, missing.message) == (
        "missing",
        "there is no function lstm_forward, in 22 of 22 cases",
    )


def test_what_the_statement_leaves_out_is_graded_where_it_is() -> None:
    """The LSTM's ways back are rows of a report only if they were written, and worth nothing."""
    extra = {"lstm_cell_backward": 0.0, "lstm_backward": 0.0}
    written = {one.name: one.max_points for one in grade(MODEL).problems}
    assert {name: written[name] for name in extra} == extra
    left_out = grade(shipped.right("rnn_step_by_step", "course_style"))
    assert not extra.keys() & {one.name for one in left_out.problems}
    assert left_out.score == 100


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_the_adapter_fills_in_what_students_are_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions put beside a hand-in without its import line are those of rnn_utils.py."""
    monkeypatch.syspath_prepend(str(ROOT / "grader"))
    adapter, given = (
        load(FOLDER / "adapter.py", "adapter"),
        load(FOLDER / "provided" / "rnn_utils.py", "given"),
    )
    a = np.random.default_rng(0).standard_normal((3, 4))
    np.testing.assert_array_equal(getattr(adapter, name)(a), getattr(given, name)(a))


PRINTS_THE_TABLES = """
import re
import numpy as np

TABLES = {tables!r}

def filled(name, whole, *shape):
    array = np.zeros(shape)
    for quantity, value in TABLES[name].items():
        of, *at = re.findall(r"\\w+", quantity)
        try:
            array[tuple(map(int, at)) if of == whole else array.ndim] = value
        except (IndexError, ValueError):
            pass
    return array

def rnn_cell_forward(xt, a_prev, parameters):
    name, (n_a, m) = "rnn_cell_forward", a_prev.shape
    return filled(name, "a_next", n_a, m), filled(name, "yt", 2, m), (xt, a_prev)

def rnn_forward(x, a0, parameters):
    name, (n_a, m), T = "rnn_forward", a0.shape, x.shape[2]
    return filled(name, "a", n_a, m, T), filled(name, "y", 2, m, T), ([x, a0], x)

def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    name, (n_a, m) = "lstm_cell_forward", a_prev.shape
    cache = [None, filled(name, "cache", 99, m)[:0], *[None] * 8]
    cache[1] = np.zeros((n_a, m))
    if cache[1].shape == (5, 10):
        cache[1][3] = TABLES[name]["cache[1][3]"]
    made = [filled(name, whole, n_a, m) for whole in ("a_next", "c_next")]
    return (*made, filled(name, "yt", 2, m), tuple(cache))

def lstm_forward(x, a0, parameters):
    name, (n_a, m), T = "lstm_forward", a0.shape, x.shape[2]
    return filled(name, "a", n_a, m, T), filled(name, "y", 2, m, T), filled(name, "c", n_a, m, T), ([x], x)

def rnn_cell_backward(da_next, cache):
    name, (n_a, m) = "rnn_cell_backward", da_next.shape
    sizes = dict(dxt=(3, m), da_prev=(n_a, m), dWax=(n_a, 3), dWaa=(n_a, n_a), dba=(n_a, 1))
    return {{key: filled(name, key, *shape) for key, shape in sizes.items()}}

def rnn_backward(da, caches):
    name, (n_a, m, T) = "rnn_backward", da.shape
    sizes = dict(dx=(3, m, T), da0=(n_a, m), dWax=(n_a, 3), dWaa=(n_a, n_a), dba=(n_a, 1))
    return {{key: filled(name, key, *shape) for key, shape in sizes.items()}}
"""


def test_the_printed_numbers_alone_earn_nothing(tmp_path: Path) -> None:
    """Zeros with the entries that the statement prints match its tables, and earn nothing by it."""
    tables = {name: dict(published.tables()[name]["expected"]) for name in FUNCTIONS}
    (tmp_path / "rnn_step_by_step.py").write_text(PRINTS_THE_TABLES.format(tables=tables))
    report = grade(tmp_path)
    assert report.score == 0
    matching = [one for row in report.problems for one in row.criteria if one.reason == "alone"]
    assert len(matching) >= 15
    assert "earns nothing: it counts only with a_next" in (matching[0].message or "")
