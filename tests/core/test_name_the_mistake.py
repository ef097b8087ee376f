"""Wrong values have their mistake named, right ones and noise have none, and no hint is the solution."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import shipped
from shipped import answers, known

from grader.cell.derived import Derived, derived
from grader.cell.explaining import declared
from grader.engine import Grader, Options
from grader.equations.nodes import Letter
from grader.equations.printing import text as written
from grader.errors import SandboxError
from grader.faults import probing
from grader.faults.collected import arrays
from grader.faults.confusions import confusion
from grader.faults.explained import Explanation
from grader.faults.explaining import cause
from grader.faults.fault import Declared, Fault, Scope, both
from grader.faults.matching import Matcher
from grader.faults.modes import Mode
from grader.faults.operations import Kind
from grader.faults.telling import sentence
from grader.inside.adapter_api import Given
from grader.mistakes import Files, Mistake
from grader.records import Answer, Array, Blame, Keep, Suite
from grader.report import json_reading, json_report
from grader.report import text as text_report
from grader.secret import Secret
from grader.verdicts import Called, Verdict, judged

pytestmark = pytest.mark.slow  # not for `make check`

CELLS = ("gru_cell", "torch_gru_cell", "torch_lstm_cell")
# Of the mistakes that fail by their values: by how many faults they are explained. What nothing explains:
# an array that does not depend on what is handed in (gradients_start_at_random).
FIGURES = {
    "gru_cell": {"one": 23, "several": 1, "zero": 1},
    "torch_gru_cell": {"one": 31, "zero": 2, "none": 1},
    "torch_lstm_cell": {"one": 39, "several": 1, "zero": 1},
}
SUITE = "cells"


@dataclass(frozen=True)
class Answered:
    """What a hand-in answers: the arrays of each case, and which outputs are wrong by value, and right."""

    arrays: Sequence[Mapping[str, Array]]
    wrong: tuple[str, ...]
    right: tuple[str, ...]


@cache
def cell(name: str) -> Declared:
    assignment = known(name)
    module: Any = importlib.import_module(f"grader.assignments.{name}.assignment")
    found: Derived = derived(assignment.folder, module.CELL)
    return declared(found)


@cache
def suite(name: str, seed: int = 0) -> Suite:
    return known(name).suites[SUITE](seed)


@cache
def matcher(name: str) -> Matcher:
    return Matcher(cell(name), suite(name))


def asked(name: str, files: Files, folder: Path, seed: int = 0) -> Answered:
    """Return the answers of files of ours, which are run in this process."""
    assignment, cases = known(name), suite(name, seed).cases
    for path, content in {**assignment.provided, **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    main = folder / next(path for path in files if Path(path).name == Path(assignment.wanted[0].path).name)
    before, paths = set(sys.modules), list(sys.path)
    sys.path[:0] = [str(folder), str(main.parent)]
    adapter: dict[str, Any] = {}
    exec(assignment.adapter.replace("from inside.", "from grader.inside."), adapter)
    found: list[dict[str, Array]] = [{} for _ in cases]
    wrong: list[str] = []
    right: list[str] = []
    try:
        with redirect_stdout(StringIO()), np.errstate(all="ignore"):
            spec = importlib.util.spec_from_file_location("handed_in", main)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for problem in assignment.problems:
                for check in problem.calls:
                    given = [_call(adapter[check.call], module, case) for case in cases]
                    for one, answer in zip(found, given, strict=True):
                        one.update(answer.arrays)
                    for verdict in judged(Called(check, suite(name, seed), given), assignment.sizes_of_one):
                        assert isinstance(verdict, Verdict)
                        if verdict.holds or verdict.reason == "value":
                            (right if verdict.holds else wrong).append(verdict.output.name)
    finally:
        sys.path[:] = paths
        for imported in set(sys.modules) - before:
            if str(folder) in str(getattr(sys.modules[imported], "__file__", "")):
                del sys.modules[imported]
    return Answered(found, tuple(wrong), tuple(right))


def _call(function: Any, module: Any, case: Any) -> Answer:
    for form in (0, 1):
        np.random.seed(case.seed % 2**32)
        inputs = {name: array.copy() for name, array in case.inputs.items()}
        with suppress(Exception):
            found = function(module, Given(inputs, form, case.interleaved))
            return Answer({k: np.array(v) for k, v in found.items() if isinstance(v, np.ndarray)})
    return Answer()


@cache
def of_mistake(name: str, path: str, seed: int = 0) -> Answered:
    with TemporaryDirectory() as folder:
        return asked(name, answers(name).mistake(path).files, Path(folder), seed)


@cache
def explained(name: str, path: str) -> Explanation:
    given = of_mistake(name, path)
    return matcher(name).explain(suite(name).cases, given.arrays, given.wrong, given.right)


def by_value(name: str) -> list[Mistake]:
    """Return the mistakes that fail by their values, and by nothing else."""
    return [
        one
        for one in answers(name).mistakes
        if {reason for criteria in (one.fails or {}).values() for reason in criteria.values()} == {"value"}
    ]


def made(name: str, fault: Fault, cases: Any) -> list[dict[str, Array]]:
    """Return what a hand-in with a fault answers, as matrices of the homework's layout."""
    found = []
    for case in cases:
        one = matcher(name).case(case)
        true = {output: one.true[letter] for output, letter in cell(name).outputs.items()}
        with np.errstate(all="ignore"):
            true |= arrays(cell(name), one, fault)
        found.append(true)
    return found


# --- what is explained


@pytest.mark.parametrize("name", CELLS)
def test_mistakes_that_fail_by_value_are_explained(name: str) -> None:
    counted: dict[str, int] = {}
    for one in by_value(name):
        given, found = of_mistake(name, one.path), explained(name, one.path)
        covered = {output for each in found.causes for output in each.outputs} | found.zero | found.left
        assert covered == set(given.wrong), one.path
        sort = (
            "none"
            if found.left
            else "zero"
            if not found.causes
            else "one"
            if len(found.causes) == 1
            else "several"
        )
        counted[sort] = counted.get(sort, 0) + 1
    assert counted == FIGURES[name]


@pytest.mark.parametrize("name", CELLS)
def test_the_equation_is_the_one_that_the_mistake_says(name: str) -> None:
    """A mistake's sentence names an equation in many cases; the fault's is the same where it has one."""
    compared = 0
    for one in by_value(name):
        said = {part.split(")")[0] for part in one.says.split("Eq. (")[1:]}
        if len(said) != 1:
            continue
        found = explained(name, one.path)
        for each in found.causes:
            numbers = {fault.equation for fault in each.faults if fault.equation}
            if numbers:
                assert said <= numbers, (one.path, one.says, numbers)
                compared += 1
    assert compared >= 8


@pytest.mark.parametrize("name", CELLS)
def test_an_explanation_holds_on_cases_that_it_was_not_found_on(name: str) -> None:
    fresh = Matcher(cell(name), suite(name, 1))
    for one in by_value(name)[::3]:
        found = explained(name, one.path)
        if not found.causes:
            continue
        there = of_mistake(name, one.path, seed=1)
        for each in found.causes:
            for fault in each.faults:
                for at, case in enumerate(suite(name, 1).cases):
                    if not _is_safe(fresh, case):
                        continue
                    with np.errstate(all="ignore"):
                        truth = fresh.case(case)
                        predicted = arrays(cell(name), truth, fault)
                    for output in each.outputs:
                        true = truth.true[cell(name).outputs[output]]
                        expected = predicted[output]
                        if each.factor is not None:
                            expected = true + each.factor * (expected - true)
                        like = suite(name, 1).expected[at][output].shape
                        answered = cell(name).matrix(output, there.arrays[at][output].reshape(like))
                        scale = np.abs(expected).max() + 1e-3 * np.abs(true).max()
                        assert np.abs(answered - expected).max() <= 1e-6 * scale, (
                            one.path,
                            output,
                            case.label,
                        )


def _is_safe(with_: Matcher, case: Any) -> bool:
    return probing.is_safe(with_.case(case))


@pytest.mark.parametrize("name", CELLS)
def test_each_fault_is_explained_by_itself_or_by_what_no_case_tells_from_it(name: str) -> None:
    faults, outputs = matcher(name).faults.faults, tuple(cell(name).outputs)
    chosen = np.random.default_rng(0).choice(len(faults), 60, replace=False)
    for at in chosen:
        fault = faults[at]
        broken = matcher(name).wrong_with(int(at))
        if not broken or fault.is_multiple:
            continue
        cases = suite(name).cases
        found = [_laid_out(name, one) for one in made(name, fault, cases)]
        right = _right_everywhere(name, found, outputs)
        wrong = [output for output in outputs if output not in right]
        explanation = matcher(name).explain(cases, found, wrong, right)
        if not explanation.left:
            continue
        # It may be alike with others that are told first; but something must be said of it.
        raise AssertionError((fault, explanation))


def _laid_out(name: str, matrices: Mapping[str, Array]) -> dict[str, Array]:
    """Matrices in the homework's layout: samples in rows, or vectors."""
    one = cell(name)
    found = {}
    for output, matrix in matrices.items():
        letter = one.outputs[output]
        is_sampled = one.back.shapes[letter].has_samples
        is_batch = name == "torch_lstm_cell"
        vector = one.back.shapes[letter].is_vector or is_sampled
        found[output] = matrix.T if is_sampled and is_batch else matrix[:, 0] if vector else matrix
    return found


def _right_everywhere(name: str, found: Sequence[Mapping[str, Array]], outputs: Sequence[str]) -> list[str]:
    def is_right(output: str) -> bool:
        pairs = zip(found, suite(name).expected, strict=True)
        return all(
            bool(np.abs(one[output] - true[output]).max() <= 1e-6 * np.abs(true[output]).max())
            for one, true in pairs
        )

    return [output for output in outputs if is_right(output)]


# --- what has no explanation


@pytest.mark.parametrize("name", CELLS)
def test_nothing_is_said_of_noise(name: str) -> None:
    rng = np.random.default_rng(3)
    outputs = list(cell(name).outputs)
    for wrong in (outputs, outputs[-1:], outputs[:2]):
        given = [dict(true) for true in suite(name).expected]
        for one in given:
            one |= {output: one[output] + rng.standard_normal(one[output].shape) for output in wrong}
        found = matcher(name).explain(
            suite(name).cases, given, wrong, [one for one in outputs if one not in wrong]
        )
        assert found.causes == ()
        assert found.left == set(wrong)


@pytest.mark.parametrize("name", CELLS)
def test_a_fault_that_has_wrong_what_is_right_is_no_explanation(name: str) -> None:
    """The arrays of one fault, of which one is put right again: the fault is not what happened."""
    faults = matcher(name).faults.faults
    some = [at for at, one in enumerate(faults) if one.mode is Mode.BACKWARD and one.letter == "da_z"]
    some = some or [at for at, one in enumerate(faults) if one.letter == "da_o"]
    fault = faults[some[0]]
    found = [_laid_out(name, one) for one in made(name, fault, suite(name).cases)]
    mended = [{**one, "dx": true["dx"]} for one, true in zip(found, suite(name).expected, strict=True)]
    right = _right_everywhere(name, mended, tuple(cell(name).outputs))
    wrong = [one for one in cell(name).outputs if one not in right]
    assert "dx" in right
    explanation = matcher(name).explain(suite(name).cases, mended, wrong, right)
    assert all(fault not in each.faults for each in explanation.causes)


@pytest.mark.parametrize("name", CELLS)
def test_zeros_are_a_fact_and_no_cause(name: str) -> None:
    wrong = [one for one in cell(name).outputs if one not in cell(name).states]
    given = [
        {one: np.zeros_like(array) if one in wrong else array for one, array in true.items()}
        for true in suite(name).expected
    ]
    found = matcher(name).explain(suite(name).cases, given, wrong, list(cell(name).states))
    assert found == Explanation((), frozenset(wrong))


def test_what_is_right_never_gets_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Any:
        raise AssertionError("a right hand-in is explained")

    monkeypatch.setattr(Matcher, "explain", never)
    with Grader([known("gru_cell")], Options(assignment="gru_cell", debug=True)) as grader:
        report = grader.grade(Path(__file__).parents[2] / "src" / "gru_cell")
    assert report.score == report.max_score


# --- what is told


@pytest.mark.parametrize("name", CELLS)
def test_no_sentence_holds_a_line_of_the_way_back(name: str) -> None:
    """Of no fault at all: neither a right-hand side, nor a term of one, nor a product with a derivative."""
    one = cell(name)
    secret = {written(term.node) for line in one.back.lines for term in line.terms}
    secret |= {written(line.node) for line in one.back.lines}
    secret = {text for text in secret if " " in text and not _is_forward(text, one)}
    assert len(secret) > 10
    derivatives = {letter for letter in one.back.derivative.values() if letter.startswith("da_")}
    for fault in matcher(name).faults.faults:
        said = sentence(one, [fault], 2.0 if fault.is_multiple else None)
        assert not [text for text in secret if text in said], said
        assert not [letter for letter in derivatives if letter in said.split()], said
        assert said == said.strip()
        assert "  " not in said


def _is_forward(text: str, one: Declared) -> bool:
    """Whether it is a part of the way forward, which is the statement's: "tanh(c′)", "r ⊙ h"."""
    return any(text in written(line.node) for line in one.program.lines)


def test_the_sentence_names_equation_and_term() -> None:
    (one,) = explained("gru_cell", "backward/update_gate_derivative_left_out").causes
    told = cause(cell("gru_cell"), one)
    assert told.says == (
        "dWzx, dWzh, dx and dh are exactly what comes out when z ⊙ (1 − z), the derivative of the update "
        "gate in Eq. (1), is left out."
    )
    assert (told.equation, told.mode) == ("1", "backward")


def test_a_backward_that_is_true_to_a_wrong_forward_is_said_to_be() -> None:
    (one,) = explained("gru_cell", "forward/update_gate_swapped").causes
    told = cause(cell("gru_cell"), one)
    assert told.mode == "consistent"
    assert told.says.endswith(
        "Your backward is the exact gradient of that forward: only forward is to be mended."
    )


def test_the_same_is_said_by_another_process_of_faults() -> None:
    """No order of sets gets into what is found: two catalogues are the same, fault by fault."""
    first, second = matcher("gru_cell").faults, Matcher(cell("gru_cell"), suite("gru_cell")).faults
    assert first.faults == second.faults
    assert all(np.array_equal(first.made[name][1], second.made[name][1]) for name in first.made)
    assert Letter("x") in {fault.slip.part for fault in first.faults}


OTHER_LSTMS = {
    "with coupled gates, in which 1 − f stands for i": (Kind.GATE, "i", "1 − f", "c′"),
    "without tanh on its cell state": (Kind.ACTIVATION, "tanh(c′)", "", "tanh(c′)"),
    "adds 1 to its forget gate": (Kind.CONSTANT, "a_f", "1", "f"),
}


@pytest.mark.parametrize("says", list(OTHER_LSTMS))
def test_another_lstm_is_called_what_it_is(says: str) -> None:
    """A forward that is another author's LSTM, with a backward that is true to it."""
    kind, part, by, letter = OTHER_LSTMS[says]
    name = "torch_lstm_cell"
    (fault,) = [
        one
        for one in matcher(name).faults.faults
        if one.mode is Mode.CONSISTENT and one.letter == letter and one.slip.kind is kind and not one.slip.how
        if one.slip.part is not None
        and written(one.slip.part) == part
        and (written(one.slip.by) if one.slip.by is not None else "") == by
    ]
    found = [_laid_out(name, one) for one in made(name, fault, suite(name).cases)]
    right = _right_everywhere(name, found, tuple(cell(name).outputs))
    wrong = [one for one in cell(name).outputs if one not in right]
    (one,) = matcher(name).explain(suite(name).cases, found, wrong, right).causes
    assert says in cause(cell(name), one).says


def test_of_a_gru_no_lstm_is_said() -> None:
    for fault in matcher("torch_gru_cell").faults.faults:
        assert "LSTM" not in confusion(cell("torch_gru_cell"), fault)


# --- the report


@pytest.fixture(scope="module")
def left_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mistake = answers("gru_cell").mistake("backward/update_gate_derivative_left_out")
    return mistake.laid(tmp_path_factory.mktemp("left_out"))


def test_a_report_says_one_cause_once_and_beside_each_criterion(left_out: Path) -> None:
    with Grader([known("gru_cell")], Options(assignment="gru_cell", debug=True)) as grader:
        report = grader.grade(left_out)
    backward = report.problems[1].criteria
    explained_ = [one for one in backward if one.cause is not None]
    assert [one.name for one in explained_] == ["dWzx", "dWzh", "dx", "dh"]
    assert len({one.cause for one in explained_}) == 1
    assert all(one.cause is None for one in backward if one.passed)
    page = " ".join(text_report.render(report).split())
    assert page.count("is left out.") == 1
    assert "dWzh, dx, dh are wrong, too." in page
    assert "z ⊙ (1 − z), the derivative of the update gate in Eq. (1), is left out." in page
    assert json_reading.read(json_report.render(report)).problems == report.problems


def test_a_report_is_the_same_from_a_grader_that_has_explained_others(left_out: Path) -> None:
    def graded(*folders: Path) -> str:
        with Grader([known("gru_cell")], Options(assignment="gru_cell", debug=True)) as grader:
            return [json_report.render(grader.grade(folder)) for folder in folders][-1]

    other = answers("gru_cell").mistake("forward/reset_after_the_product").laid(left_out.parent / "other")
    assert graded(left_out) == graded(other, left_out)


def test_a_course_with_a_secret_gets_the_cause_too(left_out: Path) -> None:
    options = Options(assignment="gru_cell", secret=Secret(b"s" * 32), debug=True)
    with Grader([known("gru_cell")], options) as grader:
        report = grader.grade(left_out)
    assert {one.cause.equation for row in report.problems for one in row.criteria if one.cause} == {"1"}


# --- two mistakes


@pytest.mark.parametrize(("name", "least"), [("gru_cell", 20), ("torch_lstm_cell", 16)])
def test_two_mistakes_are_explained_and_not_by_what_they_are_not(name: str, least: int) -> None:
    """Of 24 pairs of likely faults, drawn by a seed: how many are explained, each by what it makes."""
    faults, rng = matcher(name).faults.faults, np.random.default_rng(7)
    likely = [
        one
        for one in faults
        if one.mode is Mode.BACKWARD
        and one.rank < 20
        and one.scope is Scope.LINE
        and not (one.is_multiple or one.slip.here)
    ]
    outputs, cases = tuple(cell(name).outputs), suite(name).cases
    explained_ = tried = 0
    while tried < 24:
        first, second = (likely[i] for i in rng.choice(len(likely), 2, replace=False))
        if first.letter == second.letter:
            continue
        fault = both(first, second)
        found = [_laid_out(name, one) for one in made(name, fault, cases)]
        right = _right_everywhere(name, found, outputs)
        wrong = [one for one in outputs if one not in right]
        if not wrong:
            continue
        tried += 1
        explanation = matcher(name).explain(cases, found, wrong, right)
        explained_ += not explanation.left
        for each in explanation.causes:
            says = each.faults[0] if each.also is None else both(each.faults[0], each.also)
            for case in suite(name, 1).cases[::8]:
                there = matcher(name).case(case)
                if each.factor is not None or not probing.is_safe(there):
                    continue
                true = {one: there.true[letter] for one, letter in cell(name).outputs.items()}
                predicted, really = (true | arrays(cell(name), there, one) for one in (says, fault))
                for one in each.outputs:
                    scale = np.abs(really[one]).max() + 1e-3 * np.abs(true[one]).max()
                    assert np.abs(predicted[one] - really[one]).max() <= 1e-6 * scale, (first, second, each)
    assert explained_ >= least


def test_of_a_wrong_forward_and_a_wrong_backward_both_are_told() -> None:
    """Neither that backward is true to that forward, nor that it has nothing wrong of its own."""
    name, faults = "gru_cell", matcher("gru_cell").faults.faults
    forward = next(one for one in faults if one.mode is Mode.FORWARD and one.letter == "n")
    back = next(one for one in faults if one.mode is Mode.BACKWARD and one.letter == "da_z")
    found = [_laid_out(name, one) for one in made(name, both(forward, back), suite(name).cases)]
    right = _right_everywhere(name, found, tuple(cell(name).outputs))
    wrong = [one for one in cell(name).outputs if one not in right]
    (one,) = matcher(name).explain(suite(name).cases, found, wrong, right).causes
    assert one.also is not None
    assert {one.faults[0].mode, one.also.mode} == {Mode.FORWARD, Mode.BACKWARD}
    said = cause(cell(name), one).says
    assert "nothing else" not in said
    assert "exact gradient" not in said


# --- follow-through


@pytest.mark.parametrize(("name", "count"), [("gru_cell", 3), ("torch_gru_cell", 6), ("torch_lstm_cell", 3)])
def test_backward_is_called_exact_for_the_wrong_forwards_that_it_is_exact_for(name: str, count: int) -> None:
    """As many as differences through the mistake's own forward find; and of those, no other."""
    exact = {
        one.path
        for one in by_value(name)
        if [each.faults[0].mode for each in explained(name, one.path).causes] == [Mode.CONSISTENT]
    }
    assert len(exact) == count
    for path in exact:
        assert path.startswith("forward/")
        says = answers(name).mistake(path).says
        assert "backward still" not in says
        assert "as it stands" not in says


def test_a_hint_that_cannot_be_had_costs_nobody_a_grade() -> None:
    """Should looking for the cause fail, the points are those without it, and the report says so."""

    def broken(*_: object) -> Any:
        raise ZeroDivisionError("our fault")

    assignment = known("gru_cell")
    lame = replace(assignment, explains={SUITE: broken})
    hand_in = shipped.wrong("gru_cell/backward/carry_dropped")
    reports = []
    for one in (assignment, lame):
        with Grader([one], Options()) as grader:
            reports.append(grader.grade(hand_in))
    with Grader([lame], Options(debug=True)) as grader, pytest.raises(ZeroDivisionError):
        grader.grade(hand_in)
    assert reports[0].score == reports[1].score == 91.25
    told = [one.message for one in reports[1].findings if one.blame is Blame.GRADER]
    assert told == ["no cause could be looked for: ZeroDivisionError"]


def test_a_sandbox_that_fails_while_a_cause_is_looked_for_is_tried_again() -> None:
    """What a report says must not depend on what else happens on the machine."""
    tries: list[int] = []
    assignment = known("gru_cell")
    hand_in = shipped.wrong("gru_cell/backward/carry_dropped")

    def fails_once(suites: Mapping[str, Suite], keep: Keep) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise SandboxError("the zygote is gone")
        return assignment.explains[SUITE](suites, keep)

    with Grader([assignment], Options()) as grader:
        undisturbed = grader.grade(hand_in)
    with Grader([replace(assignment, explains={SUITE: fails_once})], Options()) as grader:
        assert grader.grade(hand_in) == undisturbed
    assert len(tries) == 2
