"""`cellgrade verify`: what does not hold is found, whatever it is that an assignment got wrong.

Each test breaks a course's own assignment, tests/data/rehearsal's, in one place.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from shipped import ROOT, known

from grader import cli, discovery
from grader.cli import mutating
from grader.engine import Grader, Options
from grader.records import Cause, CriterionResult, ProblemResult
from grader.verify import Mutant, Named, Naming, doubled, mutants, named

pytestmark = pytest.mark.slow  # not for `make check`

REHEARSAL = ROOT / "tests" / "data" / "rehearsal"
HOLDS, FAILS, USAGE, OUR_FAULT = 0, 1, 2, 3


@dataclass
class Course:
    """A course's folder, outside of the repository."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def elman(self) -> Path:
        """Its assignment."""
        return self.folder / "assignments" / "elman"

    def change(self, path: str, old: str, new: str) -> None:
        """Put something else in the place of what stands once in a file."""
        file = self.folder / path
        text = file.read_text()
        assert text.count(old) == 1, text.count(old)
        file.write_text(text.replace(old, new))

    def verify(self, *more: str, seed: int = 0, status: int = HOLDS) -> str:
        """Return what the command prints, on stdout or, where it was called wrongly, on stderr."""
        where = ["--assignments", str(self.folder / "assignments"), "--models", str(self.folder / "model")]
        ended = cli.main(["verify", *where, "--seed", str(seed), *more])
        said = self.capsys.readouterr()
        assert ended == status, said.out + said.err
        return said.out + said.err

    def wrong(self) -> dict[str, list[str]]:
        """Return what does not hold: about what -> sentences."""
        claims = json.loads(self.verify("--json", status=FAILS))["claims"]
        return {one["about"]: one["wrong"] for one in claims if not one["holds"]}


@pytest.fixture
def course(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Course:
    """Return the rehearsal's, copied, its assignment declared by hand: so that each part of it can
    be broken.
    """
    shutil.copytree(REHEARSAL, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (REHEARSAL / "by_hand").glob("*.py"):
        shutil.copy(file, tmp_path / "course" / "assignments" / "elman")
    return Course(tmp_path / "course", capsys)


def test_what_is_right_holds(course: Course) -> None:
    """A table with a row for the assignment, and nothing below it."""
    assert course.verify().splitlines() == [
        "       model  starter  right  mistakes  snippets  slopes  seeds",
        "elman  holds  holds    holds  4/4       8         holds   0",
    ]


def test_every_claim_is_in_the_json(course: Course) -> None:
    """For programs: what was looked at, seed by seed, and whether all of it holds."""
    said: dict[str, Any] = json.loads(course.verify("--json", "--seed", "5"))
    assert said["holds"] is True
    assert [(one["about"], one["seed"]) for one in said["claims"]][:6] == [
        *(("points", 0), ("truth", 0), ("model", 0), ("starter", 0), ("right/sample_by_sample", 0)),
        ("backward/attribute_misspelt", 0),
    ]
    assert {one["about"] for one in said["claims"] if one["seed"] == 5} == {
        one["about"] for one in said["claims"] if one["seed"] == 0 and one["about"] != "points"
    }


def test_a_model_that_is_wrong_is_found(course: Course) -> None:
    """With the criterion and what is wrong with it; mistakes that are made of it fail more than they say."""
    course.change("model/elman/elman.py", "self.dW_x = da.T @ self.x", "self.dW_x = 2 * da.T @ self.x")
    wrong = course.wrong()
    assert "Elman Backward, dW_x: " in wrong["model"][0]
    assert wrong["model"][-1] == "it gets 88 of 100 points"
    assert wrong["backward/mean_over_the_batch"][0] == (
        "Elman Backward, dW_x: fails (value), which mistakes.toml does not say"
    )
    assert "right/sample_by_sample" not in wrong


def test_a_right_answer_that_is_wrong_is_found(course: Course) -> None:
    """As is one that nobody can grade."""
    course.change("assignments/elman/right/sample_by_sample/elman.py", "self.db += da", "self.db -= da")
    (course.elman / "right" / "other").mkdir()
    (course.elman / "right" / "other" / "elman.py").write_text("x = 1\n")
    wrong = course.wrong()
    assert set(wrong) == {"right/sample_by_sample", "right/other"}
    assert wrong["right/sample_by_sample"][0].startswith("Elman Backward, db: ")


def test_a_starter_that_earns_points_is_found(course: Course) -> None:
    """What students are given must be worth nothing."""
    model = (course.folder / "model" / "elman" / "elman.py").read_text()
    half = model[: model.index("    def backward")] + "    def backward(self, dh_next):\n        pass\n"
    (course.elman / "starter" / "elman.py").write_text(half)
    assert course.wrong() == {"starter": ["Elman Forward, h: it is right already, and earns 40 points"]}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('shape = ["db"]', 'value = ["db"]', "Elman Backward, db: is to fail by value, and fails by shape"),
        ('shape = ["db"]', 'shape = ["db", "dx"]', "Elman Backward, dx: is to fail (shape), and holds"),
    ],
)
def test_a_mistake_that_fails_otherwise_is_found(course: Course, old: str, new: str, says: str) -> None:
    """By another reason, or less than it says."""
    course.change("assignments/elman/mistakes.toml", old, new)
    assert course.wrong() == {"backward/bias_gradient_for_each_sample": [says]}


def test_a_mistake_that_loses_nothing_is_found(course: Course) -> None:
    """It is right, or no case shows it; and then a problem may have no mistake at all."""
    course.change("assignments/elman/mistakes.toml", " + self.b)', 'self.y = np.tanh(x @ self.W_x.T + h @ self.W_h.T)']]", " + self.b)', 'self.y = np.tanh(self.b + x @ self.W_x.T + h @ self.W_h.T)']]")  # fmt: skip  # noqa: E501
    assert course.wrong() == {
        "forward/bias_left_out": ["it loses nothing: it is right, or no case finds what is wrong with it"]
    }


def test_a_problem_that_no_mistake_fails_is_found(course: Course) -> None:
    """Nobody knows then whether it can be lost."""
    text = (course.elman / "mistakes.toml").read_text()
    (course.elman / "mistakes.toml").write_text(text[: text.index("[forward.")])
    assert course.wrong() == {"points": ["no mistake fails 'Elman Forward': add one to mistakes.toml"]}


def test_points_that_cannot_be_had_are_found(course: Course) -> None:
    """Problems that are all worth nothing."""
    course.change("assignments/elman/assignment.py", '"Elman Forward", 40', '"Elman Forward", 0')
    course.change("assignments/elman/assignment.py", '"Elman Backward", 60', '"Elman Backward", 0')
    assert course.wrong() == {"points": ["there are no points to be had: its problems are worth nothing"]}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('show="cell.db"', 'show="db"', "the lines to paste raise with it: NameError: name 'db' is not"),
        ('show="cell.db"', 'show="cell.dW_x"', "with it, not [["),
        ('show="cell.db"', 'show="cell.db - cell.db"', "with a right answer, not ["),
    ],
    ids=["raises", "prints another array", "prints zeros"],
)
def test_a_snippet_that_is_wrong_is_found(course: Course, old: str, new: str, says: str) -> None:
    """What students are told to paste raises, or shows something else."""
    course.change("assignments/elman/assignment.py", old, new)
    wrong = course.wrong()
    assert set(wrong) == {
        "backward/bias_gradient_for_each_sample",
        "backward/mean_over_the_batch",
        "forward/bias_left_out",
    }
    assert says in " ".join(wrong["backward/bias_gradient_for_each_sample"])


def test_a_truth_that_is_no_slope_is_found(course: Course) -> None:
    """Two formulations that agree on what is wrong: central differences see it."""
    course.change(
        "assignments/elman/assignment.py",
        "    return rnn.forward_and_gradients(dialect, weights, x, h, delta, step=step)",
        "    true = rnn.forward_and_gradients(dialect, weights, x, h, delta, step=step)\n"
        '    return {**true, "dh": 1.01 * true["dh"]}',
    )
    wrong = course.wrong()
    assert len(wrong["truth"]) == 1
    assert wrong["truth"][0].startswith("suite 'cells': dh is no slope: along one direction it is ")
    assert wrong["model"][0].startswith("Elman Backward, dh: ")


@pytest.mark.parametrize(("by", "status"), [("", HOLDS), ("2 * ", FAILS)])
def test_a_loss_that_is_declared_is_what_the_gradients_are_of(course: Course, by: str, status: int) -> None:
    """`Recipe.loss`, for what is no sum of outputs times inputs."""
    file = "assignments/elman/assignment.py"
    course.change(file, "ranges=Ranges(batch=(1, 6))", "ranges=Ranges(batch=(1, 6)), loss=loss")
    course.change(
        file,
        "def check(",
        "def loss(arrays: Arrays) -> float:\n"
        f'    return {by}float((truth(arrays)["h"] * arrays["dh_next"]).sum())\n\n\ndef check(',
    )
    claims = json.loads(course.verify("--json", status=status))["claims"]
    assert [one["about"] for one in claims if not one["holds"]] == (["truth"] if status else [])


# New mistakes

NEW = """
[backward.state_for_the_input]
says = "dW_h is made of the new state, and not of the old one."
spoil = [['self.dW_h = da.T @ self.h', 'self.dW_h = da.T @ self.y']]
"""


def test_what_a_new_mistake_fails_is_said_and_written(course: Course) -> None:
    """Said first; with --write it is in mistakes.toml, and holds from then on."""
    file = course.elman / "mistakes.toml"
    before = file.read_text() + NEW
    file.write_text(before)
    line = 'fails = { "Elman Backward" = { value = ["dW_h"] } }'
    said = course.verify(status=FAILS)
    assert "elman, backward/state_for_the_input" in said
    assert f"mistakes.toml does not say yet what it fails; --write adds what was found: {line}" in said
    assert file.read_text() == before
    assert "its fails are now in mistakes.toml: read whether they are meant" in course.verify("--write")
    assert file.read_text() == f"{before.rstrip()}\n{line}\n"
    assert "5/5" in course.verify(seed=3)


def test_what_is_right_is_not_written_as_a_mistake(course: Course) -> None:
    """There is nothing that it fails."""
    file = course.elman / "mistakes.toml"
    file.write_text(file.read_text() + NEW.replace("da.T @ self.y", "(self.h.T @ da).T"))
    before = file.read_text()
    assert "it loses nothing" in course.verify("--write", status=FAILS)
    assert file.read_text() == before


def test_an_entry_that_has_gone_stale_is_a_sentence(course: Course) -> None:
    """The model was rewritten: exit 3, the file, the entry, the line, and what is like it."""
    course.change("model/elman/elman.py", "self.db = da.sum(axis=0)", "self.db = np.sum(da, axis=0)")
    said = course.verify(status=OUR_FAULT)
    assert f"{course.elman}/mistakes.toml, [backward.bias_gradient_for_each_sample]: substitution 1: " in said
    assert "'self.db = da.sum(axis=0)' does not stand in model" in said
    assert "did you mean 'self.db = np.sum(da, axis=0)' (elman.py:29)?" in said


# What else the command does


def test_a_mistake_is_shown_or_laid_into_a_folder(course: Course, tmp_path: Path) -> None:
    """The very hand-in that its entry makes; who misspells it reads what there is."""
    name = "elman/backward/mean_over_the_batch"
    shown = course.verify("--show", name)
    assert "self.db = da.mean(axis=0)\n" in shown
    said = course.verify("--show", name, "--output", str(tmp_path / "out"))
    assert said.startswith(
        "The gradient of the bias is the mean over the samples, not their sum.\nwritten to "
    )
    assert (tmp_path / "out" / "elman.py").read_text() == shown
    said = course.verify("--show", "elman/backward/mean", status=USAGE)
    assert "elman has no mistake 'backward/mean'; there are: backward/attribute_misspelt, " in said
    assert "name one with --show" in course.verify("--output", "x", status=USAGE)


def test_without_a_model_right_answers_are_enough(course: Course) -> None:
    """With none of either there is nothing to hold on to."""
    for entry in ("mistakes.toml", "right"):
        (course.elman / entry).rename(course.folder / entry)
    where = ["verify", "--assignments", str(course.folder / "assignments"), "--seed", "0"]
    assert cli.main(where) == FAILS
    said = course.capsys.readouterr().out
    assert "there is no right answer: lay one into right/STYLE/, or name the folder of the model" in said
    (course.folder / "right").rename(course.elman / "right")
    assert cli.main(where) == FAILS
    said = course.capsys.readouterr().out
    assert "there is no right answer" not in said
    assert "no mistake fails 'Elman Forward'" in said
    assert "no: there is no folder elman in it" in course.verify(
        "--models", str(course.folder / "no"), status=USAGE
    )


def test_an_installed_cellgrade_says_where_its_own_are_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its assignments come without right answers and mistakes."""
    without = shutil.ignore_patterns("right", "wrong", "mistakes.toml", "__pycache__")
    shutil.copytree(discovery.BUILT_IN / "gru_cell", tmp_path / "assignments" / "gru_cell", ignore=without)
    monkeypatch.setattr(discovery, "BUILT_IN", tmp_path / "assignments")
    assert cli.main(["verify"]) == USAGE
    said = capsys.readouterr().err
    assert said.startswith("cellgrade: gru_cell comes with cellgrade, and its right and wrong answers do not")
    assert "Verify it in a checkout of cellgrade's repository" in said


def test_a_terminal_gets_a_bar_with_the_time_that_is_left(course: Course) -> None:
    """While it runs; the table on stdout is the same."""
    ours, theirs = pty.openpty()
    where = ["--assignments", "assignments", "--models", "model", "--seed", "0"]
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "cellgrade"), "verify", *where],
        cwd=course.folder,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    drawn = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while chunk := os.read(ours, 65536):
            drawn += chunk
    os.close(ours)
    printed, _ = process.communicate()
    assert process.returncode == HOLDS, drawn
    assert printed.splitlines()[1].startswith("elman  holds")
    shown = drawn.decode()
    assert "8/9" in shown
    assert "elman: forward/bias_left_out" in shown
    assert "0:00:0" in shown


def test_a_snippet_that_ends_its_process_is_an_answer(tmp_path: Path) -> None:
    """What the lines do to their process, or print by other means, neither ends nor confuses the runner."""
    snippets = [
        ["import os", "os._exit(3)"],
        ["import os", "os.write(1, b'{}')", "print(np.array([1.5]))"],
        ["raise SystemExit('enough')"],
        ["print(1, 2)"],
        ["np = None", "print([[2.0]])"],
    ]
    asked = "".join(json.dumps([str(tmp_path), ["import numpy as np", *lines]]) + "\n" for lines in snippets)
    runner = [sys.executable, "-P", str(ROOT / "grader" / "verify" / "runner.py")]
    done = subprocess.run(runner, input=asked, capture_output=True, text=True, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"raised": "the process ended, or took 60 s"},
        {"array": [1.5]},
        {"raised": "SystemExit: enough"},
        {"raised": "ValueError: they print 1 times, and are to print one array"},
        {"array": [[2.0]]},
    ]


def test_mutants_that_keep_their_points_are_listed(course: Course) -> None:
    """What is right as well keeps them on all cases; whatever else is changed in the model loses some."""
    course.change("model/elman/elman.py", "return da @", "return (0 * 7 + 1) * da @")
    said = course.verify("--mutants")
    assert said.startswith("elman: of ")
    first, heading, *listed = said.splitlines()
    alive = [line for line in listed if not line.startswith("  mistakes named")]
    assert heading == "  never, so they are right as well, or a case is missing:"
    assert "    elman.py:30: 7  ->  8" in alive
    assert all(line.startswith("    elman.py:30: ") for line in alive)
    count, lost = (int(word) for word in first.split() if word.isdigit())
    assert count - lost == len(alive)
    assert count > 30
    told = json.loads(course.verify("--mutants", "--json"))["elman"]
    assert (told["of"], told["mutants"], len(told["never"])) == ("model", count, len(alive))


def test_each_kind_of_change_is_made_once() -> None:
    """Operators, operands, terms, signs, transposes, numbers and names, and all else stays as it is."""
    lines = (
        "    def forward(self, x):",
        "        # é",
        "        a = x.T @ x - 2",
        "        return -a + self.b",
    )
    source = "\n".join(("class GRU_Cell:", *lines, "    def init_weights(self):", "        return 1 + 1\n"))
    found = list(mutants(known("gru_cell"), {"a.py": source.encode(), "b.txt": b"x"}))
    assert sorted((one.line, one.was, one.now) for one in found) == [
        (4, "2", "3"),
        (4, "x.T", "x"),
        (4, "x.T @ x", "((x) @ (x.T))"),
        (4, "x.T @ x - 2", "(-(2))"),
        (4, "x.T @ x - 2", "(x.T @ x + 2)"),
        (4, "x.T @ x - 2", "(x.T @ x)"),
        (5, "-a", "(a)"),
        (5, "-a + self.b", "(-a - self.b)"),
        (5, "-a + self.b", "(-a)"),
        (5, "-a + self.b", "(self.b)"),
    ]
    for one in found:
        assert one.files["b.txt"] == b"x"
        line = one.files["a.py"].decode().splitlines()[one.line - 1]
        assert line == source.splitlines()[one.line - 1].replace(one.was, one.now, 1)


def of_gru(body: str) -> dict[str, bytes]:
    """Return a hand-in whose forward has this body."""
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    return {"a.py": f"class GRU_Cell:\n    def forward(self, x):\n{lines}".encode()}


def test_a_seed_draws_which_name_stands_for_another() -> None:
    files = of_gru("a = x\nb = x\nc = x\nd = x\ne = x\nreturn a")
    found = {
        seed: [one.now for one in mutants(known("gru_cell"), files, seed) if one.was == "a"]
        for seed in range(12)
    }
    assert {*map(len, found.values())} == {1}
    assert {now for (now,) in found.values()} == {"b", "c", "d", "e"}
    assert found[3] == [one.now for one in mutants(known("gru_cell"), files, 3) if one.was == "a"]


def test_a_number_of_rows_for_an_array_is_no_mistake_of_a_person() -> None:
    files = of_gru("rows, _ = x.shape\nfor t in range(2):\n    a = x\nreturn a")
    found = {
        one.now: one.is_plausible for seed in range(40) for one in mutants(known("gru_cell"), files, seed)
    }
    assert found["rows"] is found["t"] is found["_"] is False


def test_two_changes_are_both_made_and_never_inside_of_each_other() -> None:
    files = of_gru("a = x + 1\nreturn a - 2")
    found = list(mutants(known("gru_cell"), files))
    first = next(one for one in found if one.now == "(x)")
    second = next(one for one in found if one.now == "(a + 2)")
    inside = next(one for one in found if one.was == "1")
    for pair in ((first, second), (second, first)):
        both = doubled(files, *pair)
        assert both is not None
        assert both.files["a.py"].decode().splitlines()[2:] == ["        a = (x)", "        return (a + 2)"]
        assert str(both) == "a.py:3: x + 1  ->  (x), and a.py:4: a - 2  ->  (a + 2)"
    assert doubled(files, first, inside) is None


def mutant(letter: str, also: Mutant | None = None) -> Mutant:
    return Mutant("a.py", 1, "x", "y", {}, 0, 1, letter=letter, also=also)


def told(report: Any, equation: str) -> Any:
    """Return a report in which dx is wrong by its values, for a reason in forward."""
    cause = Cause("dx is ...", equation, "a sign", "forward", ("dx",))
    criterion = CriterionResult("dx", False, 0.0, 1.0, message="wrong", reason="value", cause=cause)
    return replace(report, problems=(ProblemResult("p", 0.0, 1.0, (criterion,)),))


def test_a_cause_is_false_where_another_line_or_a_fresh_case_contradicts_it() -> None:
    gru = known("gru_cell")
    with Grader([gru], Options(assignment="gru_cell")) as grader:
        one, two = (told(grader.grade(ROOT / "src" / "gru_cell"), number) for number in "12")
    assert named(gru, mutant("z"), one, [one, one]) is Named.EXPLAINED
    assert named(gru, mutant("r"), one, [one, one]) is Named.FALSE
    assert named(gru, mutant("elsewhere"), one, [one, one]) is Named.EXPLAINED
    assert named(gru, mutant("r", also=mutant("z")), one, [one, one]) is Named.EXPLAINED
    assert named(gru, mutant("n", also=mutant("r")), one, [one, one]) is Named.FALSE
    assert named(gru, mutant("z"), one, [one, two]) is Named.FALSE


def test_what_follows_of_a_wrong_gradient_needs_no_cause_of_its_own() -> None:
    """A training with a wrong gradient fails as well; it is judged by itself, and by no array."""
    nback = known("nback_rnn")
    problem = next(one for one in nback.problems if any(check.judge is not None for check in one.calls))
    with Grader([nback], Options(assignment="nback_rnn")) as grader:
        one = told(grader.grade(ROOT / "src" / "nback_rnn"), "1")
    (row,) = one.problems
    training = CriterionResult("training", False, 0.0, 1.0, message="wrong", reason="value")
    both = replace(one, problems=(replace(row, name=problem.name, criteria=(*row.criteria, training)),))
    assert named(nback, mutant(""), both, [both]) is Named.EXPLAINED
    alone = replace(both, problems=(replace(row, name=problem.name, criteria=(training,)),))
    assert named(nback, mutant(""), alone, []) is Named.OTHERWISE


def test_what_a_file_says_of_other_assignments_stays() -> None:
    naming = Naming(((mutant("z"), "model", Named.NOTHING),))
    one = mutating.Mutated("model", 3, 1, (), (), {"named": naming})
    first = mutating.unexplained({"a": one, "b": one})
    both = mutating.unexplained({"b": replace(one, seed=4, named={"named": Naming(())})}, first)
    assert first.count("`a.py:1: x -> y`: nothing is explained") == 2
    assert both.count("`a.py:1: x -> y`: nothing is explained") == 1
    assert "## a\n\nSeed 3." in both
    assert "## b\n\nSeed 4." in both
    assert mutating.unexplained({}, both) == both
