"""From a path to a report: what is called how, what costs what, and whose fault it is."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grader import discovery, engine
from grader.declaration import Loaded
from grader.engine import Options
from grader.errors import GraderError, SandboxError, UsageError
from grader.records import Blame, Report, Status, Suite
from grader.sandbox.session import Session

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "src" / "gru_cell" / "hw3" / "gru.py").read_text()
FORWARD = "    def forward(self, x: Array, h: Array) -> Array:\n"
BACKWARD = "    def backward(self, delta: Array) -> tuple[Array, Array]:\n"

HandIn = Callable[[str], Path]


@cache
def gru_cell() -> Loaded:
    """Return the assignment, its suite drawn once."""
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    return replace(assignment, suites={"cells": cache(assignment.suites["cells"])})


def grade(path: Path, **options: object) -> Report:
    return engine.grade(path, [gru_cell()], replace(Options(), **options))  # type: ignore[arg-type]


def points(report: Report) -> dict[str, float]:
    return {problem.name: problem.points for problem in report.problems}


def failing(report: Report) -> dict[str, str | None]:
    return {c.name: c.message for problem in report.problems for c in problem.criteria if not c.passed}


def said(report: Report, blame: Blame = Blame.NOBODY) -> str:
    return "\n".join(finding.message for finding in report.findings if finding.blame is blame)


@pytest.fixture
def hand_in(tmp_path: Path) -> HandIn:
    """Lays a source out as a hand-in."""

    def lay_out(source: str) -> Path:
        (tmp_path / "handin" / "hw3").mkdir(parents=True, exist_ok=True)
        (tmp_path / "handin" / "hw3" / "gru.py").write_text(source)
        return tmp_path / "handin"

    return lay_out


def starting(method: str, *lines: str) -> str:
    """Return the model hand-in with lines before the first of a method's own."""
    assert method in MODEL
    return MODEL.replace(method, method + "".join(f"        {line}\n" for line in lines))


# How delta is handed over


def test_a_row_is_tried_first(hand_in: HandIn) -> None:
    """delta comes as (1, hidden), as the statement says; where that works nothing is said about it."""
    report = grade(hand_in(starting(BACKWARD, "assert delta.ndim == 2 and delta.shape[0] == 1")))
    assert report.score == 100
    assert report.findings == ()


def test_a_vector_is_tried_next(hand_in: HandIn) -> None:
    """A hand-in that takes (hidden,) alone gets all its points, and is told."""
    report = grade(hand_in(starting(BACKWARD, "assert delta.ndim == 1")))
    assert report.score == 100
    assert said(report) == "backward was called with delta of shape (hidden,), which is what it accepts"


def test_a_form_under_which_shapes_go_wrong_does_not_work(hand_in: HandIn) -> None:
    """A row that is accepted, but makes a gradient of a wrong shape, is not what the hand-in means."""
    turned = "return dx, dh if delta.ndim == 1 else np.stack([dh, dh])"
    report = grade(hand_in(MODEL.replace("return dx, dh", turned)))
    assert report.score == 100
    assert "delta of shape (hidden,)" in said(report)


@pytest.mark.parametrize("of_a_row", ["raise ValueError", "return np.stack([dx, dx]), None"])
def test_one_misshapen_gradient_takes_no_other_along(hand_in: HandIn, of_a_row: str) -> None:
    """When no form makes everything fit, the one under which most fits is used: one criterion is lost."""
    ending = f"if delta.ndim == 2:\n            {of_a_row}\n        return dx, np.stack([dh, dh])"
    report = grade(hand_in(MODEL.replace("return dx, dh", ending)))
    assert list(failing(report)) == ["dh"]
    assert points(report)["GRU Cell Backward"] == 70 * 7 / 8


def test_between_forms_that_fit_alike_the_first_is_used(hand_in: HandIn) -> None:
    """A gradient that is misshapen either way says nothing about forms: delta stays a row."""
    report = grade(hand_in(MODEL.replace("return dx, dh", "return dx, np.stack([dh, dh])")))
    assert list(failing(report)) == ["dh"]
    assert report.findings == ()


def test_when_every_form_raises_the_first_error_is_read(hand_in: HandIn) -> None:
    """What a student reads is the error of the call that the statement describes."""
    report = grade(hand_in(starting(BACKWARD, "raise ValueError(f'delta has {delta.ndim} axes')")))
    assert points(report) == {"GRU Cell Forward": 30, "GRU Cell Backward": 0}
    assert all("delta has 2 axes" in (message or "") for message in failing(report).values())
    assert len(failing(report)) == 8


def test_a_call_that_ends_the_process_is_not_tried_again(hand_in: HandIn) -> None:
    """Ten seconds of waiting, or a crash, are spent once and not once per form and case."""
    report = grade(hand_in(starting(BACKWARD, "print('called', delta.ndim)", "import os; os._exit(3)")))
    assert points(report) == {"GRU Cell Forward": 30, "GRU Cell Backward": 0}
    assert report.stdout.text == "called 2\n"
    assert all("exit status 3" in (message or "") for message in failing(report).values())


# What costs what


def test_a_crash_in_backward_takes_nothing_from_forward(hand_in: HandIn) -> None:
    """Python itself dying in backward leaves the forward points, and says that it died."""
    report = grade(hand_in(starting(BACKWARD, "import ctypes; ctypes.string_at(0)")))
    assert report.status is Status.GRADED
    assert points(report) == {"GRU Cell Forward": 30, "GRU Cell Backward": 0}
    assert "SIGSEGV" in str(failing(report)["dx"])


def test_a_crash_in_forward_leaves_no_points(hand_in: HandIn) -> None:
    """backward needs forward: dying there costs both, and is still the student's report, not our failure."""
    report = grade(hand_in(starting(FORWARD, "import os; os.kill(os.getpid(), 11)")))
    assert report.status is Status.GRADED
    assert report.score == 0
    assert len(failing(report)) == 9


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import os\nos._exit(0)\n", "has no attribute 'GRU_Cell'"),
        ("raise SystemExit(0)\n", "has no attribute 'GRU_Cell'"),
        ("class GRU_Cell(1 / 0):\n  pass\n", "`class GRU_Cell` raised ZeroDivisionError"),
        ("import numpy\nclass GRU_Cell:\n  x = (\n", "GRU_Cell does not parse: SyntaxError"),
        ("def broken(:\n", "SyntaxError"),
        ("", "GRU_Cell"),
    ],
)
def test_a_dead_import_costs_everything(hand_in: HandIn, source: str, message: str) -> None:
    """A module that cannot be imported earns nothing, and the report says why, by a finding or a problem."""
    report = grade(hand_in(source), assignment="gru_cell")
    assert report.status is Status.GRADED
    assert report.score == 0
    assert len(failing(report)) == 9
    told = [report.problems[0].criteria[0].message, *(finding.message for finding in report.findings)]
    assert any(message in str(one) for one in told)


def test_every_problem_and_criterion_is_there(hand_in: HandIn) -> None:
    """A report names every row of the gradebook and every criterion, in order, also of a broken hand-in."""
    report = grade(hand_in("1 / 0\n"), assignment="gru_cell")
    assert [(p.name, p.max_points, [c.name for c in p.criteria]) for p in report.problems] == [
        ("GRU Cell Forward", 30, ["h"]),
        ("GRU Cell Backward", 70, ["dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh", "dx", "dh"]),
    ]


def test_the_report_says_what_was_graded(hand_in: HandIn) -> None:
    """Path, lines and hash of the file, the suite with its seed, the layers: all that a complaint needs."""
    report = grade(hand_in(MODEL))
    [file] = report.files
    assert (file.path, file.lines) == ("hw3/gru.py", len(MODEL.splitlines()))
    assert (report.seed, report.cases) == (0, 64)
    assert report.suite == gru_cell().suites["cells"](0).sha256
    assert report.isolation is not None
    assert report.message is None


def test_what_it_prints_is_kept(hand_in: HandIn) -> None:
    """Both streams are in the report, cut to a limit that says how much is missing."""
    report = grade(hand_in(starting(FORWARD, "import sys; print('x' * 999); print('err', file=sys.stderr)")))
    assert report.score == 100
    assert report.stdout.text.startswith("x" * 999 + "\n")
    assert len(report.stdout.text) + report.stdout.dropped_bytes >= 64 * 1000
    assert report.stderr.text.startswith("err\n")


def test_an_address_in_memory_is_no_part_of_a_report(hand_in: HandIn) -> None:
    """Where an object lay differs from run to run; a report does not, though the student prints objects."""
    report = grade(hand_in(starting(BACKWARD, "print(self)", "raise ValueError(f'{self.z_act} is odd')")))
    assert "<gru.GRU_Cell object at 0x...>" in report.stdout.text
    assert not re.search(r"0x[0-9a-f]{6}", f"{report.stdout.text} {failing(report)}")


# Imports


def test_an_import_that_is_never_used_is_free(hand_in: HandIn) -> None:
    """`import torch` at the top and nothing else: all points, and a notice with file and line."""
    report = grade(hand_in("import torch\n" + MODEL))
    assert report.score == 100
    [finding] = [one for one in report.findings if "imports torch" in one.message]
    assert (finding.blame, finding.file, finding.line) == (Blame.NOBODY, "hw3/gru.py", 1)


def test_an_import_that_is_used_is_the_students_error(hand_in: HandIn) -> None:
    """Where torch is used, that line fails, and the finding says which."""
    report = grade(hand_in("import torch\n" + starting(BACKWARD, "delta = torch.tensor(delta)")))
    assert points(report) == {"GRU Cell Forward": 30, "GRU Cell Backward": 0}
    assert "imports torch" in said(report, Blame.STUDENT)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gru_cell", "Build the archive again: tar -czf handin.tar hw3"),
        (
            "lstm_gru_theory",
            "Build the archive again: tar -czf handin.tar answers.toml gru_gradients.py theory*.pdf",
        ),
        (
            "rnn_step_by_step",
            "Hand in rnn_step_by_step.py as it is, or build the archive again: "
            "tar -czf handin.tar rnn_step_by_step.py",
        ),
    ],
)
def test_what_cannot_be_unpacked_hears_of_its_own_files(tmp_path: Path, name: str, hint: str) -> None:
    """The hint names the files of the assignment that was asked for, not those of another one."""
    path = tmp_path / "handin.tar"
    path.write_bytes(b"")
    report = engine.grade(path, discovery.assignments(), Options(assignment=name))
    assert (report.status, report.hint) == (Status.REJECTED, hint)


@pytest.mark.parametrize("line", ["import torch", "try:\n    import torch\nexcept ImportError:\n    pass"])
def test_strict_rejects_a_foreign_import(hand_in: HandIn, line: str) -> None:
    """A course that fails hand-ins for an import can have it: 0 points, with file and line."""
    report = grade(hand_in(f"{line}\n{MODEL}"), strict=True)
    assert (report.status, report.score, report.max_score) == (Status.REJECTED, 0, 100)
    assert report.message is not None
    assert report.message.startswith("hw3/gru.py, line ")
    assert "imports torch" in report.message
    assert report.sha256 is not None


def test_strict_lets_a_clean_hand_in_pass(hand_in: HandIn) -> None:
    """NumPy and Python's own modules are allowed in a strict course too."""
    assert grade(hand_in("import math\n" + MODEL), strict=True).score == 100


# Rejections


@pytest.mark.parametrize("name", ["handin.tar", "gru.txt"])
def test_what_is_no_hand_in_gets_nothing(tmp_path: Path, name: str) -> None:
    """A file that is no archive is rejected: 0 points in every problem, and a sentence that says why."""
    (tmp_path / name).write_text("this is not an archive")
    for options in ({}, {"assignment": "gru_cell"}):
        report = grade(tmp_path / name, **options)
        assert (report.status, report.score, report.max_score) == (Status.REJECTED, 0, 100)
        assert points(report) == {"GRU Cell Forward": 0, "GRU Cell Backward": 0}
        assert name in str(report.message)


def test_a_hand_in_without_the_file_gets_nothing(tmp_path: Path) -> None:
    """No gru.py in it: rejected, told what was expected and how to build the tar."""
    (tmp_path / "notes.md").write_text("to do")
    report = grade(tmp_path, assignment="gru_cell")
    assert (report.status, report.score) == (Status.REJECTED, 0)
    assert "hw3/gru.py" in str(report.message)
    assert "tar -czf" in str(report.hint)
    assert report.sha256 is not None


def test_usage_is_the_callers_fault(tmp_path: Path, hand_in: HandIn) -> None:
    """No such file and no such assignment are no report: whoever called can mend it."""
    with pytest.raises(UsageError, match=r"missing\.tar"):
        grade(tmp_path / "missing.tar")
    with pytest.raises(UsageError, match="there is no assignment 'lstm'; there are: gru_cell"):
        grade(hand_in(MODEL), assignment="lstm")


# Our fault


def raises(error: BaseException) -> Callable[[int], Suite]:
    def draw(_: int) -> Suite:
        raise error

    return draw


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (GraderError("seed 0 gives 3 cases that are safe to ask"), "seed 0 gives 3 cases"),
        (KeyError("Wzh"), "KeyError: 'Wzh'"),
        (MemoryError(), "MemoryError"),
        (ImportError("torch"), "ImportError: torch"),
    ],
)
def test_our_fault_is_never_a_zero(hand_in: HandIn, error: Exception, message: str) -> None:
    """Whatever breaks on our side ends as status error: nothing was judged, nothing is recorded."""
    broken = replace(gru_cell(), suites={"cells": raises(error)})
    report = engine.grade(hand_in(MODEL), [broken], Options())
    assert report.status is Status.ERROR
    assert message in str(report.message)
    assert [problem.name for problem in report.problems] == ["GRU Cell Forward", "GRU Cell Backward"]
    assert all(problem.criteria == () for problem in report.problems)


def test_a_broken_adapter_is_our_fault(hand_in: HandIn) -> None:
    """An adapter that Python cannot read fails before the hand-in is met: no student pays for it."""
    for adapter in (
        "def broken(:",
        "import torch",
        gru_cell().adapter.replace("forward, backward,", "forward, back,"),
    ):
        report = engine.grade(hand_in(MODEL), [replace(gru_cell(), adapter=adapter)], Options())
        assert report.status is Status.ERROR
    assert "adapter.py defines no backward, which a check calls" in str(report.message)


def test_what_failed_twice_meets_no_other_hand_in(hand_in: HandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zygote whose conversation has slipped out of step is not asked about the next student."""
    with engine.Grader([gru_cell()], Options()) as grader:
        with monkeypatch.context() as broken:
            broken.setattr(Session, "inspect", raises(SandboxError("out of step")))
            assert grader.grade(hand_in(MODEL)).status is Status.ERROR
        assert grader._launchers == {}
        assert grader.grade(hand_in(MODEL)).score == 100


def test_the_first_failure_is_told_where_no_time_is_left_for_a_second_try(
    hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for the cause reads it, and not only that the time was over."""

    def fails_late(*_: object) -> None:
        time.sleep(1.2)
        raise SandboxError("no descriptor left")

    gru_cell().suites["cells"](0)
    monkeypatch.setattr(Session, "inspect", fails_late)
    report = engine.grade(hand_in(MODEL), [gru_cell()], Options(within_s=2))
    assert report.status is Status.ERROR
    assert "no descriptor left" in str(report.message)
    assert "was not ready to ask the hand-in within 2 s" in str(report.message)


@pytest.mark.parametrize("python", ["/bin/false", "/dev/null/python"])
def test_a_sandbox_that_does_not_start_is_our_fault(
    hand_in: HandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    """No student process, no score; and nothing is left lying in the temporary folder."""
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", python)
    empty = tmp_path / "tmp"
    empty.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(empty))
    report = grade(hand_in(MODEL))
    assert report.status is Status.ERROR
    assert report.message
    assert list(empty.iterdir()) == []
