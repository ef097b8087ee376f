"""What costs nothing and is told: sizes of 1, asserts, other names, a last exception, a second step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from shipped import ROOT, known

from grader import aside, engine, intake, policy
from grader.declaration import SizesOfOne
from grader.errors import UsageError
from grader.records import (
    Blame,
    CriterionResult,
    Failure,
    FailureKind,
    Finding,
    ProblemResult,
    Report,
    Status,
)
from grader.sandbox import failures

MODEL = (ROOT / "src" / "gru_cell" / "hw3" / "gru.py").read_text()
STEPS = (ROOT / "src" / "rnn_step_by_step" / "rnn_step_by_step.py").read_text()
NEVER = "\n        raise ValueError('the end')\n"


@pytest.fixture(scope="module")
def grader() -> Iterator[engine.Grader]:
    with engine.Grader([known("gru_cell")], engine.Options()) as one:
        yield one


def graded(grader: engine.Grader, folder: Path, text: str, name: str = "gru.py") -> Report:
    (folder / name).write_text(text)
    report = grader.grade(folder / name)
    assert report.status is Status.GRADED, report.message
    return report


def points(report: Report) -> dict[str, float]:
    return {one.name: one.points for problem in report.problems for one in problem.criteria}


def told(report: Report) -> list[Finding]:
    """All findings but that a solution of ours was handed in, which it mostly is here."""
    return [finding for finding in report.findings if finding.message != policy.PUBLISHED]


def notices(report: Report) -> list[str]:
    assert all(finding.blame is Blame.NOBODY for finding in report.findings), report.findings
    return [finding.message for finding in told(report)]


def changed(*changes: tuple[str, str], text: str = MODEL) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


# --- sizes of 1

SQUEEZED = changed(
    ("return (1.0 - z) * h + z * n", "return np.squeeze((1.0 - z) * h + z * n)"),
    ("x, h = self.x, self.h_prev  #", "x, h = np.squeeze(self.x), np.squeeze(self.h_prev)  #"),
    ("drh = self.Wh.T @ da_n", "drh = np.dot(self.Wh.T, np.squeeze(da_n))"),
)


def test_np_squeeze_costs_nothing_and_is_told(grader: engine.Grader, tmp_path: Path) -> None:
    """Right at every size from 2 on: full points, with the count, the sizes, and what it is."""
    report = graded(grader, tmp_path, SQUEEZED)
    assert report.score == 100
    said = [finding for finding in report.findings if "that fail all have" in finding.message]
    assert said
    for finding in said:
        assert re.search(
            r": right in \d+ of 64 cases; the \w+ that fail all have hidden 1 \(", finding.message
        )
        assert finding.hint is not None
        assert finding.hint.startswith("np.squeeze drops every axis of length 1")


def test_a_course_can_let_sizes_of_one_count(tmp_path: Path) -> None:
    """With sizes_of_one = "count" the same hand-in loses what fails there."""
    strict = replace(known("gru_cell"), sizes_of_one=SizesOfOne.COUNT)
    (tmp_path / "gru.py").write_text(SQUEEZED)
    report = engine.grade(tmp_path / "gru.py", [strict], engine.Options())
    assert report.score < 100
    assert not [message for message in notices(report) if "that fail all have" in message]


def test_a_crash_at_a_size_of_one_takes_no_other_case_along(grader: engine.Grader, tmp_path: Path) -> None:
    """What ends the process there, and there alone, is told like any other failure there."""
    ends = "if len(h) == 1:\n            import os\n            os._exit(3)\n        z = self.z_act("
    report = graded(grader, tmp_path, changed(("z = self.z_act(", ends)))
    assert report.score == 100
    assert "ended the process (exit status 3)" in notices(report)[0]


def test_the_first_cache_of_a_sequence_of_one_step(tmp_path: Path) -> None:
    """`caches[1]` for sizes alone, as the course's comment has it, fails for one step: it counts."""
    text = re.sub(
        r"(def rnn_backward\(da, caches\):\n(?:    \"\"\"(?:.|\n)*?\"\"\"\n)?)",
        r"\1    caches[0][1]  # the first cache (t=1)\n",
        STEPS,
    )
    assert text != STEPS
    (tmp_path / "rnn_step_by_step.py").write_text(text)
    report = engine.grade(tmp_path / "rnn_step_by_step.py", [known("rnn_step_by_step")], engine.Options())
    assert report.score == 100
    (message,) = [one for one in notices(report) if "have steps 1" in one]
    assert "rnn_backward raised IndexError: list index out of range" in message


# --- what was stored before an exception, and asserts


def test_what_was_stored_before_backward_raised_counts(grader: engine.Grader, tmp_path: Path) -> None:
    """Six gradients are in place when the last line raises: what was to be returned is lost, and no more."""
    report = graded(grader, tmp_path, changed(("        return dx, dh\n", NEVER)))
    assert points(report) == {
        "h": 30,
        **dict.fromkeys(("dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh"), 8.75),
        **dict.fromkeys(("dx", "dh"), 0),
    }
    assert any("right as stored before backward raised ValueError: the end" in one for one in notices(report))


def test_what_is_wrong_when_it_raises_is_no_gift(grader: engine.Grader, tmp_path: Path) -> None:
    """Zeros that __init__ has put there, and gradients of a wrong sign, earn nothing."""
    early = graded(
        grader,
        tmp_path,
        changed(
            ("        dh_next = np.reshape(delta, -1)", NEVER + "        dh_next = np.reshape(delta, -1)")
        ),
    )
    assert early.score == 30
    wrong = changed(
        ("self.dWx = np.outer(da_n, x)", "self.dWx = -np.outer(da_n, x)"), ("        return dx, dh\n", NEVER)
    )
    assert points(graded(grader, tmp_path, wrong))["dWx"] == 0


@pytest.mark.parametrize(
    "line",
    [
        "assert dx.shape == (3,)",
        "assert False, 'todo'",
        "assert dh == 0, print('x')",
        "assert (y := nowhere)",
    ],
)
def test_a_last_assert_of_the_students_own_costs_nothing(
    grader: engine.Grader, tmp_path: Path, line: str
) -> None:
    """It is passed over, and told with its place; what it raises in its own test is passed over as well."""
    text = changed(("        return dx, dh\n", f"        {line}\n        return dx, dh\n"))
    report = graded(grader, tmp_path, text)
    assert report.score == 100
    (finding,) = told(report)
    assert finding.message.startswith("this assert of yours fails on cases that were asked")
    assert (finding.file, finding.line) == ("gru.py", text[: text.index(line)].count("\n") + 1)


def test_an_assert_under_try_is_left_alone(grader: engine.Grader, tmp_path: Path) -> None:
    """Code that lives by its own AssertionError goes on living by it."""
    lives = (
        "        try:\n            assert z is None\n            dx = dx * 2\n"
        "        except AssertionError:\n            pass\n        return dx, dh\n"
    )
    report = graded(grader, tmp_path, changed(("        return dx, dh\n", lives)))
    assert (report.score, told(report)) == (100, [])


# --- other names


def test_another_name_is_taken_if_one_thing_fits(grader: engine.Grader, tmp_path: Path) -> None:
    """GRUCell, and Anything with the wanted methods, for GRU_Cell, among activations; both names are told."""
    for name in ("GRUCell", "Anything"):
        report = graded(grader, tmp_path, changed(("GRU_Cell", name)))
        assert report.score == 100
        (finding,) = told(report)
        assert finding.message.startswith(f"{name} was taken for GRU_Cell")
        method = report.problems[1].criteria[0].method
        assert method is not None
        assert method.name == f"{name}.backward"


def test_of_two_that_fit_neither_is_taken(grader: engine.Grader, tmp_path: Path) -> None:
    """Two classes with forward and backward: nothing is guessed."""
    two = (
        changed(("GRU_Cell", "First")) + "\n\nclass Second(First):\n"
        "    def forward(self, x, h):\n        return h\n\n"
        "    def backward(self, delta):\n        return delta\n"
    )
    report = graded(grader, tmp_path, two)
    assert report.score == 0
    assert "has no attribute 'GRU_Cell'" in str(report.problems[0].criteria[0].message)


def test_a_strict_course_holds_to_the_name(tmp_path: Path) -> None:
    """With --strict a class under another name is not there."""
    (tmp_path / "gru.py").write_text(
        changed(("GRU_Cell", "GRUCell")).replace(
            "from numpy.typing import NDArray", "NDArray = {object: object}; NDArray = dict"
        )
    )
    report = engine.grade(tmp_path / "gru.py", [known("gru_cell")], engine.Options(strict=True))
    assert report.status is Status.GRADED
    assert report.score == 0
    assert told(report) == []


def test_a_function_under_another_name_is_taken(tmp_path: Path) -> None:
    """By its letters (rnnForward), else by its arguments, where those are of one missing function alone."""
    text = re.sub(r"\brnn_forward\b", "rnnForward", STEPS)
    text = re.sub(r"\blstm_cell_forward\b", "one_step_of_the_lstm", text)
    (tmp_path / "rnn_step_by_step.py").write_text(text)
    report = engine.grade(tmp_path / "rnn_step_by_step.py", [known("rnn_step_by_step")], engine.Options())
    assert report.score == 100
    told = " ".join(notices(report))
    assert "rnnForward was taken for rnn_forward" in told
    assert "one_step_of_the_lstm was taken for lstm_cell_forward" in told


@pytest.mark.parametrize(
    ("name", "text", "assignment"),
    [
        ("lstm.py", STEPS, "rnn_step_by_step"),
        ("LSTM.py", "def lstm_forward(x, a0, parameters): ...\n", "rnn_step_by_step"),
        ("gru.py", MODEL, "gru_cell"),
        ("gru_cell.py", changed(("GRU_Cell", "GRUCell")), "torch_gru_cell"),
        ("any.py", "RNN = imageio.imread('RNN.png')\ndef rnn_forward(): ...\n", "rnn_step_by_step"),
    ],
)
def test_recognised_by_what_is_defined(tmp_path: Path, name: str, text: str, assignment: str) -> None:
    """Of all assignments, whatever the file's name says."""
    (tmp_path / name).write_text(text)
    everything = [
        known(one)
        for one in ("gru_cell", "torch_gru_cell", "torch_lstm_cell", "rnn_step_by_step", "nback_rnn")
    ]
    assert intake.recognise(intake.unpack(tmp_path / name), everything).name == assignment


def test_what_is_merely_assigned_is_not_recognised(tmp_path: Path) -> None:
    """A picture that is called RNN makes no n-back homework."""
    (tmp_path / "a.py").write_text("RNN = imageio.imread('RNN.png')\n")
    with pytest.raises(UsageError):
        intake.recognise(intake.unpack(tmp_path / "a.py"), [known("nback_rnn"), known("gru_cell")])


# --- a second step


def test_adding_up_and_overwriting_are_both_right(grader: engine.Grader, tmp_path: Path) -> None:
    """Nothing is said of a second step that gives its own gradients, or both steps' sum."""
    for text in (MODEL, re.sub(r"(self\.dW\w+) = np\.outer", r"\1 += np.outer", MODEL)):
        report = graded(grader, tmp_path, text)
        assert (report.score, told(report)) == (100, [])


def test_a_second_step_that_raises_is_told(grader: engine.Grader, tmp_path: Path) -> None:
    """A cell that backward leaves unusable: full points, and a notice with the line."""
    report = graded(
        grader,
        tmp_path,
        changed(("        return dx, dh\n", "        self.z_act = None\n        return dx, dh\n")),
    )
    assert report.score == 100
    (finding,) = told(report)
    assert finding.message.startswith("on a second step with the same instance, forward raised TypeError")
    assert (finding.blame, finding.file) == (Blame.NOBODY, "gru.py")


def test_a_second_step_that_differs_is_told(grader: engine.Grader, tmp_path: Path) -> None:
    """A cell that keeps the first step's input: which arrays are wrong is told."""
    report = graded(
        grader,
        tmp_path,
        changed(("self.x, self.h_prev = x, h", "self.x, self.h_prev = getattr(self, 'x', x), h")),
    )
    assert report.score == 100
    assert notices(report) == ["on a second step with the same instance, dWrx, dWzx and dWx are wrong"]


def test_a_second_step_is_asked_in_the_form_that_works(grader: engine.Grader, tmp_path: Path) -> None:
    """A backward that takes a vector alone is handed one."""
    alone = "        if delta.ndim != 1:\n            raise ValueError('a vector')\n        dh_next ="
    report = graded(grader, tmp_path, changed(("        dh_next =", alone)))
    assert notices(report) == ["backward was called with delta of shape (hidden,), which is what it accepts"]


# --- findings that are true


def test_a_syntax_error_is_said_once(grader: engine.Grader, tmp_path: Path) -> None:
    """By the finding that names its line; no criterion repeats it."""
    report = graded(grader, tmp_path, "def (\n")
    (finding,) = told(report)
    assert (finding.blame, finding.line) == (Blame.STUDENT, 1)
    messages = {one.message for problem in report.problems for one in problem.criteria}
    assert messages == {"not asked, since the file could not be imported"}


def test_why_an_import_failed_is_said_once() -> None:
    """By the first problem, or by none where a finding says it; what a person decides stays as it is."""
    failure = Failure(FailureKind.RAISED, "importing a.py raised KeyError: 1", "trace", "a.py", 3, "hint")
    asked = CriterionResult("x", False, 0.0, 1.0, failure.message, "hint", "raised", "trace", "a.py", 3)
    other = CriterionResult("y", None, 0.0, 1.0, "a person decides")
    problems = [ProblemResult(name, 0.0, 2.0, (asked, other)) for name in "pqr"]
    first, *rest = aside.import_said_once(problems, failure, is_told=False)
    assert first == problems[0]
    for row in rest:
        assert row.criteria == (
            CriterionResult("x", False, 0.0, 1.0, aside.NOT_IMPORTED, None, "raised"),
            other,
        )
    told = aside.import_said_once(problems, failure, is_told=True)
    assert [row.criteria for row in told] == [row.criteria for row in (*rest, rest[0])]
    assert aside.import_said_once(problems, None, is_told=False) == problems


def test_a_failed_import_is_told_by_the_first_problem(grader: engine.Grader, tmp_path: Path) -> None:
    """With its place and its traceback; the second says that nothing could be asked."""
    report = graded(grader, tmp_path, "import os\nos.write(3, bytes(99))\n" + MODEL)
    forward, backward = report.problems
    assert {one.message for one in forward.criteria} == {f"importing gru.py {failures.NO_ANSWER}"}
    assert {one.message for one in backward.criteria} == {aside.NOT_IMPORTED}
    assert told(report) == []


def test_a_changed_init_is_told_only_where_something_depends_on_it(
    grader: engine.Grader, tmp_path: Path
) -> None:
    """Right all the same, or wrong for another reason: not a word. Without what forward needs: a notice."""
    more = ("self.d = in_dim", "self.d = in_dim + 1")
    assert told(graded(grader, tmp_path, changed(more))) == []
    sign = ("dz = dh_next * (n - h)", "dz = dh_next * (h - n)")
    assert told(graded(grader, tmp_path, changed(more, sign))) == []
    report = graded(grader, tmp_path, changed(("        self.r_act = Sigmoid()\n", "")))
    assert report.score == 0
    assert notices(report) == [
        "GRU_Cell.__init__ differs from the starter's, and what fails here may depend on it"
    ]
