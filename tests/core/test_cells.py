"""Homeworks that ask for one cell, declared by their equations; and two of which torch has no cell."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader import discovery
from grader.cases import Regime, specs
from grader.cell import Cell, asked
from grader.cell.derived import Derived, derived
from grader.cell.filling import activations, filling
from grader.cell.homework import suite
from grader.cell.truth import by_equations, by_torch
from grader.declaration import Loaded
from grader.engine import Grader, Options
from grader.equations.values import run
from grader.errors import DeclarationError, EquationError
from grader.inside.adapter_api import Given
from grader.inside.one_cell import OneCell
from grader.records import Array, Report, Status
from grader.suite import AGREEMENT
from reference.dialects import CMU_GRU, TORCH_LSTM, TORCH_RNN, Dialect, LSTMDialect, Orientation
from reference.precision import in_float32

pytestmark = pytest.mark.slow  # not for `make check`

ROOT = Path(__file__).parents[2]
BUILT_IN = ROOT / "grader" / "assignments"
REHEARSAL = ROOT / "tests" / "data" / "rehearsal" / "assignments"
OUTSIDE = ROOT / "tests" / "data" / "cells" / "assignments"
MODELS = ROOT / "tests" / "data" / "cells" / "model"
OUTSIDERS = {one.name: one for one in discovery.assignments(OUTSIDE)}
DECLARED = {one.name: one for one in discovery.assignments(BUILT_IN, REHEARSAL, OUTSIDE) if one.derived_from}


def declared(name: str) -> Derived:
    """Return the cell of one of the homeworks, with its equations."""
    folder = DECLARED[name].folder
    assert folder is not None
    module = sys.modules[f"cellgrade_assignment_{name}"]
    return derived(folder, module.CELL)


# --- two homeworks that the repository does not have, written by its documents


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(tuple(OUTSIDERS.values()), Options()) as opened:
        yield opened


def reasons(report: Report) -> dict[str, dict[str, str | None]]:
    """Problem -> criterion that fails -> why."""
    found = {one.name: {c.name: c.reason for c in one.criteria if not c.passed} for one in report.problems}
    return {problem: failing for problem, failing in found.items() if failing}


def mistakes(name: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    written = tomllib.loads((OUTSIDE / name / "mistakes.toml").read_text(encoding="utf-8"))
    assert written.pop("of") == "model"
    for problem, entries in written.items():
        for mistake, entry in entries.items():
            yield name, f"{problem}.{mistake}", entry


def spoilt(name: str, entry: Mapping[str, Any], folder: Path) -> Path:
    """Return the model with a mistake: each substitution has exactly one place."""
    shutil.copytree(MODELS / name, folder)
    (file,) = folder.iterdir()
    source = file.read_text(encoding="utf-8")
    for old, new in entry["spoil"]:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    file.write_text(source, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", OUTSIDERS)
def test_a_new_homework_is_thirty_lines_and_no_adapter(name: str) -> None:
    """All that is declared of a cell that torch does not have is short, and nothing calls it by hand."""
    lines = (OUTSIDE / name / "assignment.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 30
    assert not (OUTSIDE / name / "adapter.py").exists()


@pytest.mark.parametrize("name", OUTSIDERS)
def test_the_model_and_other_styles_get_all_points(grader: Grader, name: str) -> None:
    """Through the real sandbox: all points, and what the report says is where its truth is from."""
    for hand_in in (MODELS / name, *sorted((OUTSIDE / name / "right").iterdir())):
        report = grader.grade(hand_in)
        assert (report.status, reasons(report), report.assignment) == (Status.GRADED, {}, name)
        assert report.score == report.max_score
        told = [finding.message for finding in report.findings]
        assert [one for one in told if one.startswith("torch has no such cell: what is true here is")]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_the_starter_gets_nothing(grader: Grader, name: str) -> None:
    """What students are given earns no point."""
    report = grader.grade(OUTSIDE / name / "starter")
    assert (report.status, report.score) == (Status.GRADED, 0)


@pytest.mark.parametrize(
    ("name", "mistake", "entry"),
    [one for name in OUTSIDERS for one in mistakes(name)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_fails_exactly_as_it_says(
    grader: Grader, name: str, mistake: str, entry: Mapping[str, Any], tmp_path: Path
) -> None:
    """Exactly the criteria that are listed fail, for the reason that is given; and the pasted lines run."""
    folder = spoilt(name, entry, tmp_path / "handin")
    report = grader.grade(folder)
    expected = {
        problem: {criterion: reason for reason, names in by_reason.items() for criterion in names}
        for problem, by_reason in entry["fails"].items()
    }
    assert reasons(report) == expected, mistake
    for one in (c for problem in report.problems for c in problem.criteria if c.counterexample):
        assert one.counterexample is not None
        code = "\n".join(one.counterexample.call)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or one.reason == "missing", done.stderr


def test_a_report_on_torchs_own_cell_says_nothing_of_it() -> None:
    """Where torch has the cell, it is the truth, and there is nothing to say."""
    assert {name for name, one in DECLARED.items() if one.told} == set(OUTSIDERS)


# --- what is derived


def test_suites_are_what_they_were_before_cells_were_declared() -> None:
    """The digests of seed 0, as they were when each homework filled its cases by hand."""
    assert {
        name: DECLARED[name].suites["cells"](0).sha256[:16] for name in DECLARED if name not in OUTSIDERS
    } == {
        "elman": "612d094d888efe77",
        "gru_cell": "2059c727b089a168",
        "torch_gru_cell": "ccda19922cdd8490",
        "torch_lstm_cell": "c769ed39a2abbe1e",
    }


@pytest.mark.parametrize("name", DECLARED)
def test_two_formulations_agree_far_below_what_is_asked(name: str) -> None:
    """On every case of other seeds: a hundred times closer than two formulations must."""
    cell = declared(name)
    for case in suite(cell, 5).cases:
        one, other = by_torch(cell, case.inputs), by_equations(cell, case.inputs)
        assert one.keys() == other.keys()
        for output, array in one.items():
            scale = np.abs(array).max()
            assert np.abs(array - other[output]).max() <= AGREEMENT / 20 * scale, (output, case.label)


@pytest.mark.parametrize("name", DECLARED)
def test_float32_is_computed_in_float32(name: str) -> None:
    """The equations are computed in float32, where torch's cell is: off by its digits, and no more."""
    cell = declared(name)
    case = suite(cell, 5).cases[0]
    exact = by_equations(cell, case.inputs)
    with in_float32():
        found = by_equations(cell, case.inputs)
    off = max(np.abs(found[key] - array).max() / np.abs(array).max() for key, array in exact.items())
    assert 1e-9 < off < 1e-5
    assert all(array.dtype == np.float64 for array in found.values())


@pytest.mark.parametrize("name", DECLARED)
def test_no_pre_activation_is_beyond_its_limit(name: str) -> None:
    """In every regime; and what is called large is as large as a case may be, up to one state in a sum."""
    cell = declared(name)
    fill, all_ = filling(cell), tuple(activations(cell))
    for spec in specs(3, 60, cell.ranges):
        arrays = fill(spec, np.random.default_rng(spec.seed))
        matrices = cell.matrices({key: one for key, one in arrays.items() if key not in cell.deltas})
        found = run(cell.program.lines, matrices, cell.program.shapes, cell.numbers(matrices))
        for one in all_:
            largest = np.abs(found[one.argument]).max()
            assert largest <= one.limit(spec) * (1 + 1e-9)
            if spec.regime is Regime.LARGE and one.weights:
                assert largest == pytest.approx(one.limit(spec))


@pytest.mark.parametrize("name", DECLARED)
def test_the_adapter_knows_names_and_no_equation(name: str) -> None:
    """What travels to the student's process would help nobody."""
    adapter = DECLARED[name].adapter
    assert not [sign for sign in ("σ", "tanh", "⊙", "sigmoid", "@") if sign in adapter]
    assert "grader" not in adapter


@pytest.mark.parametrize(("own", "has"), [("brx", ()), ("bir", ("bir",))])
def test_a_class_is_set_by_the_names_that_it_has(own: str, has: tuple[str, ...]) -> None:
    """With `also`, a class whose __init__ sets the other names is set and read by those throughout."""
    calls = OneCell(
        "Cell",
        ("input", "hidden"),
        ("Wrx", "brx"),
        {"brx": "bir"},
        ("forward", ("x", "h"), ("h",)),
        ("backward", ("delta",), ("dx", "dh")),
        ("(hidden,)",),
    )

    class Student:
        def __init__(self, inputs: int, hidden: int) -> None:
            for name in has:
                setattr(self, name, np.zeros(hidden))

        def forward(self, x: Array, h: Array) -> Array:
            return np.asarray(getattr(self, own) + h)

        def backward(self, delta: Array) -> tuple[Array, Array]:
            setattr(self, f"d{own}", delta)
            return delta, delta

    arrays = {
        "Wrx": np.zeros((2, 3)),
        "brx": np.ones(2),
        "x": np.zeros(3),
        "h": np.ones(2),
        "delta": np.ones(2),
    }
    answered = calls.backward(SimpleNamespace(Cell=Student), Given(arrays, form=0, interleaved=False))
    np.testing.assert_array_equal(np.asarray(answered["dbrx"]), np.ones(2))


CONCATENATED = """
    f  = σ(W_f [h; x] + b_f)       (1)
    i  = σ(W_i [h; x] + b_i)       (2)
    c̃  = tanh(W_c [h; x] + b_c)    (3)
    o  = σ(W_o [h; x] + b_o)       (4)
    c′ = f ⊙ c + i ⊙ c̃             (5)
    h′ = o ⊙ tanh(c′)              (6)
"""


def test_a_weight_for_input_and_state_together_is_told_to_torch_by_its_columns(tmp_path: Path) -> None:
    """One matrix for [h; x], gates by another letter and in another order: torch's cell agrees."""
    (tmp_path / "statement.md").write_text(CONCATENATED, encoding="utf-8")
    cell = Cell(
        made="LSTM(input, hidden)",
        forward="h, c = forward(x, h, c)",
        backward="dx, dh, dc = backward(dh_next, dc_next)",
        torch=LSTMDialect(biases=1, orientation=Orientation.OUTPUT_BY_INPUT),
        gates={"c̃": "g"},
        batch=(1, 3),
    )
    drawn = suite(derived(tmp_path, cell), 0)
    assert {case.inputs["W_f"].shape == case.inputs["W_c"].shape for case in drawn.cases} == {True}
    assert drawn.expected[0]["dW_f"].shape == (3, 3 + 2)
    with pytest.raises(EquationError, match=r"statement\.md: these are not the equations of `torch`"):
        suite(derived(tmp_path, replace(cell, gates={})), 0)


# --- what is refused


def copied(name: str, tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Return a homework's folder elsewhere, with changes to its statement."""
    source = next(one for one in (BUILT_IN, REHEARSAL, OUTSIDE) if (one / name).exists())
    folder = tmp_path / name
    shutil.copytree(source / name, folder, ignore=shutil.ignore_patterns("wrong", "__pycache__"))
    statement = (folder / "statement.md").read_text(encoding="utf-8")
    for old, new in changes:
        assert statement.count(old) == 1, old
        statement = statement.replace(old, new)
    (folder / "statement.md").write_text(statement, encoding="utf-8")
    return folder


def loaded(folder: Path) -> Loaded:
    (one,) = discovery.assignments(folder.parent)
    return one


DIFFERENT = [
    ("gru_cell", "σ(Wrh h + Wrx x)", "σ(Wrh h − Wrx x)", 28, "(2)", "r"),
    ("gru_cell", "Wh (r ⊙ h) + Wx x", "r ⊙ Wh h + Wx x", 29, "(3)", "n"),
    ("gru_cell", "(1 − z) ⊙ h + z ⊙ n", "(1 − z) ⊙ n + z ⊙ h", 30, "(4)", "h′"),
    ("torch_gru_cell", "r ⊙ (Wnh h + bnh)", "r ⊙ (Wnh h) + bnh", 28, "(3)", "n"),
    ("torch_lstm_cell", "f ⊙ c + i ⊙ g ", "i ⊙ c + f ⊙ g ", 33, "(5)", "c′"),
    ("torch_lstm_cell", "o ⊙ tanh(c′)", "o ⊙ c′", 34, "(6)", "h′"),
    ("elman", "tanh(W_x x", "σ(W_x x", 13, "(1)", "h′"),
]


@pytest.mark.parametrize(("name", "old", "new", "line", "number", "letter"), DIFFERENT)
def test_an_equation_that_is_not_torchs_is_refused_by_its_number(
    name: str, old: str, new: str, line: int, number: str, letter: str, tmp_path: Path
) -> None:
    """Not one case is left out in silence: the first that parts names equation, output, case, distance."""
    folder = copied(name, tmp_path, (old, new))
    with pytest.raises(EquationError) as caught:
        loaded(folder).suites["cells"](0)
    said = str(caught.value)
    assert said.startswith(f"{folder / 'statement.md'}, line {line}: Equation {number} is not what torch.nn.")
    assert f"{letter} parts from it by " in said
    assert "of its largest value, where 1e-09 is allowed; and so " in said
    assert said.endswith(")")
    assert "(input 2, hidden 3" in said


def test_a_refused_equation_is_our_fault_and_costs_no_student_anything(tmp_path: Path) -> None:
    """The report is an error, with the sentence, and records nothing."""
    folder = copied("elman", tmp_path / "course", ("tanh(W_x x", "σ(W_x x"))
    with Grader((loaded(folder),), Options()) as opened:
        report = opened.grade(ROOT / "tests/data/rehearsal/model/elman")
    assert report.status is Status.ERROR
    assert "Equation (1) is not what torch.nn.RNNCell is told" in (report.message or "")


def test_a_way_back_that_is_not_autograds_is_refused() -> None:
    """Of a cell that torch does not have, a wrong derivative of ours would be found by torch's autograd."""
    cell = declared("minimal_gated_unit")
    lines = [replace(line, terms=line.terms[:1]) if line.letter == "dh" else line for line in cell.back.lines]
    wrong = replace(cell, back=replace(cell.back, lines=tuple(lines)))
    with pytest.raises(
        EquationError, match=r"torch's autograd on the same operations part: dh by .* \(input 2"
    ):
        suite(wrong, 0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("tanh(W_x x", "relu(W_x x"), "statement.md, line 13, column 10: there is no function relu here"),
        (("W_h h + b)", "W_h x + b)"), "line 13: h is data of the equations that begin here, and is in none"),
        (("    h′ =", "    y ="), "no equation defines h′ or h, which 'h = forward(x, h)' returns"),
        (("        (1)", ""), "there is no numbered equation"),
    ],
)
def test_a_statement_that_cannot_be_used_is_refused_when_it_is_found(
    change: tuple[str, str], says: str, tmp_path: Path
) -> None:
    """Before anything is graded, with file, line and column."""
    folder = copied("elman", tmp_path, change)
    with pytest.raises(DeclarationError) as caught:
        loaded(folder)
    assert str(caught.value).startswith(str(folder / "statement.md"))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"made": "ElmanCell(x, h)"}, "must be a class with its two sizes"),
        ({"forward": "forward(x, h)"}, "is no call that returns arrays by name"),
        ({"backward": "dx = backward(dh_next)"}, "one is wanted for each"),
        ({"gradients": "dx dh"}, "`gradients` must name each of these once: dW_x dW_h db dx dh"),
        ({"also": {"bias": "b"}}, "`also` names bias"),
        ({"forms": ("(1, hidden)",)}, "a batch is handed over in one form alone"),
        ({"forms": ("(hidden, 2)",)}, "is none of"),
        ({"numbers": (2,)}, "there is no Equation (2)"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(changes: dict[str, Any], says: str) -> None:
    """Each with a sentence that names what is wrong."""
    right = sys.modules["cellgrade_assignment_elman"].CELL
    assert isinstance(right, Cell)
    with pytest.raises(DeclarationError) as caught:
        derived(REHEARSAL / "elman", replace(right, **changes))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("torch", "says"),
    [
        (TORCH_RNN, "`torch` in the declaration: an RNN with 2 biases per gate also needs b_x, b_h"),
        (CMU_GRU, "`torch` in the declaration: a GRU with 0 biases per gate also needs W_zx"),
        (TORCH_LSTM, "`torch` is an LSTM, which hands on h and c, and 'h = forward(x, h)' has 1"),
    ],
)
def test_a_dialect_of_another_cell_is_refused(torch: Dialect, says: str) -> None:
    """What torch would be told does not go with the equations: which of its weights are missing is said."""
    right = sys.modules["cellgrade_assignment_elman"].CELL
    with pytest.raises(DeclarationError) as caught:
        suite(derived(REHEARSAL / "elman", replace(right, torch=torch)), 0)
    assert says in str(caught.value)


def test_an_adapter_beside_a_declared_cell_is_refused(tmp_path: Path) -> None:
    """Two adapters would be one too many: which of them counts must not be guessed."""
    folder = copied("elman", tmp_path)
    (folder / "adapter.py").write_text("def forward(module, given): ...\n")
    with pytest.raises(
        DeclarationError, match="the declaration makes an adapter of its own; delete this one"
    ):
        loaded(folder)


def test_the_equations_belong_to_what_may_change_a_grade(tmp_path: Path) -> None:
    """Results are kept for an assignment's digest: another equation is another, another word is not."""
    digests = [
        discovery.digest(loaded(copied("elman", tmp_path / str(i), *changes)))
        for i, changes in enumerate(
            ((), (("You write the cell", "Write the cell"),), (("W_h h + b)", "W_h h − b)"),))
        )
    ]
    assert digests[0] == digests[1] != digests[2]


def test_lines_to_paste_are_short() -> None:
    """A student reads them: no line that makes a cell goes far beyond a hundred characters."""
    for name in DECLARED:
        cell = declared(name)
        for check in (asked.forward(cell), asked.backward(cell)):
            assert max(map(len, (*check.paste, *check.meanwhile))) <= asked.MOST_CHARACTERS + 20, name


def test_the_document_declares_what_is_graded_here() -> None:
    """The example of docs/assignments.md is the minimal gated unit's own declaration, word for word."""
    document = (ROOT / "docs" / "assignments.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```python\n(from grader\.cell .*?)^```", document, re.MULTILINE | re.DOTALL)
    _, *own = ast.parse((OUTSIDE / "minimal_gated_unit" / "assignment.py").read_text(encoding="utf-8")).body
    assert ast.unparse(ast.parse(shown)) == "\n".join(map(ast.unparse, own))
