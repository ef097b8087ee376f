"""The benchmark compares like with like: both graders do the same work and come to the same points."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import shipped

from grader import discovery, engine
from grader.report import json_report

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
MODEL = ROOT / "src" / "gru_cell"


def ran(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def packed(folder: Path, into: Path) -> Path:
    """Return the hand-in of a folder, as the statement asks for it."""
    with tarfile.open(into, "w:gz") as tar:
        tar.add(folder / "hw3" / "gru.py", "hw3/gru.py")
    return into


@pytest.fixture
def grading(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the module benchmarks/grading.py, which is a script and no part of a package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("grading")


def printing(grading: Any, name: str, points: int) -> Any:
    """Return a program that prints Autolab's line with so many points, and does nothing else."""
    line = json.dumps({"scores": {"Forward": points}})
    return grading.Program(name, ("/bin/sh", "-c", f"echo '{line}'"), {})


def test_benchmark_measures_all_three(tmp_path: Path) -> None:
    """One round on the model: full points by both graders, and a row of figures for each of the three."""
    hand_in, found = packed(MODEL, tmp_path / "handin.tar"), tmp_path / "found.json"
    measured = ran("grading.py", "--rounds", 1, "--json", found, hand_in)
    assert measured.returncode == 0, measured.stderr

    rows = {row["name"]: row for row in json.loads(found.read_text())["rows"]}
    assert list(rows) == ["cellgrade", "usual runner", "import numpy"]
    assert all(name in measured.stdout for name in rows)
    for name in ("cellgrade", "usual runner"):
        assert rows[name]["scores"] == {"GRU Cell Forward": 30, "GRU Cell Backward": 70}
    figures = ("wall_s", "cpu_s", "peak_mib", "wall_beside_usual", "cpu_beside_usual", "wall_beside_numpy")
    assert all(row[figure]["min"] > 0 for row in rows.values() for figure in figures)


def test_usual_runner_gives_wrong_answers_the_same_points(tmp_path: Path) -> None:
    """The usual runner takes from a wrong answer what cellgrade takes: one gradient of eight here."""
    hand_in, inputs = (
        packed(shipped.wrong("gru_cell/backward/reset_left_out_of_dWh"), tmp_path / "handin.tar"),
        tmp_path / "i",
    )
    assert ran("suite_inputs.py", inputs).returncode == 0
    graded = ran("usual_runner.py", hand_in, inputs)
    assert graded.returncode == 0, graded.stderr

    usual = json.loads(graded.stdout.splitlines()[-1])["scores"]
    report = engine.grade(hand_in, discovery.assignments(), engine.Options())
    assert usual == {problem.name: problem.points for problem in report.problems}
    assert usual == {"GRU Cell Forward": 30, "GRU Cell Backward": 70 * 7 / 8}


def test_graders_that_disagree_are_not_compared(grading: Any, tmp_path: Path) -> None:
    """Different points mean different work: then there is a sentence and no figures."""
    programs = [printing(grading, grading.GRADING, 30), printing(grading, grading.USUAL, 29)]
    with pytest.raises(SystemExit, match="disagree"):
        grading.measure(programs, 1, tmp_path / "output")


def test_program_that_fails_is_not_measured(grading: Any, tmp_path: Path) -> None:
    """A program that fails at once would be the fastest of all."""
    failing = grading.Program(grading.GRADING, ("/bin/sh", "-c", "echo no torch here; exit 3"), {})
    with pytest.raises(SystemExit, match="no torch here"):
        grading.run(failing, tmp_path / "output")


def test_time_of_started_processes_counts(grading: Any, tmp_path: Path) -> None:
    """A process that the program starts and waits for, as a student's is, counts with its program."""
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    program = grading.Program("parent", (sys.executable, "-c", parent), {}, scores=False)
    assert grading.run(program, tmp_path / "output").cpu_s >= 0.2


def test_ratios_are_taken_within_a_round(grading: Any) -> None:
    """A machine that is twice as slow in one round changes no ratio."""

    def runs(*walls_s: float) -> list[Any]:
        return [grading.Run(wall_s, wall_s, 1.0, {}) for wall_s in walls_s]

    rows = grading.summary(
        {grading.GRADING: runs(1, 2), grading.USUAL: runs(2, 4), grading.FLOOR: runs(0.1, 0.2)}
    )
    assert rows[0]["wall_beside_usual"] == {"median": 0.5, "min": 0.5, "max": 0.5}
    assert rows[0]["wall_beside_numpy"] == {"median": 10, "min": 10, "max": 10}


def test_benchmark_of_a_batch_measures_both(tmp_path: Path) -> None:
    """One round on six hand-ins: rates of the batch and of the usual runner, and their ratio."""
    found = tmp_path / "found.json"
    measured = ran("batch.py", "--rounds", 1, "--hand-ins", 6, "--json", found)
    assert measured.returncode == 0, measured.stderr
    rows = json.loads(found.read_text())["rows"]
    assert list(rows) == ["batch", "usual runner", "batch / usual"]
    assert all(name in measured.stdout for name in rows)
    for figure in ("per_core_s", "per_cpu_s"):
        ours, theirs, ratio = (row[figure]["median"] for row in rows.values())
        assert ratio == pytest.approx(ours / theirs, rel=0.01)


def test_batch_that_fails_is_not_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A batch of hand-ins that are not graded would be the fastest of all."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    benchmark = importlib.import_module("batch")
    handins = tmp_path / "handins"
    benchmark.lay(handins, 2)
    next(handins.iterdir()).write_text("no archive")
    with pytest.raises(SystemExit, match="full points"):
        benchmark.batch(handins, tmp_path / "results", 2, 1)


def test_missing_hand_in_is_said(tmp_path: Path) -> None:
    """Without the sample the benchmark says how to make it, and measures nothing."""
    measured = ran("grading.py", tmp_path / "handin.tar")
    assert measured.returncode == 2
    assert "make bench" in measured.stderr


def test_what_a_hostile_hand_in_holds_is_measured(tmp_path: Path) -> None:
    """One way for one assignment: a row in the table, below what is stated."""
    found = tmp_path / "HELD.md"
    way = ("--way", "raises 8,192 slashes from every call", "--assignment", "gru_cell")
    measured = ran("held.py", "--without-attacks", *way, "--output", found)
    assert measured.returncode == 0, measured.stderr
    (row,) = [line for line in found.read_text().splitlines() if line.startswith("| `gru_cell` | 1 |")]
    stated_s, longest_s = (float(cell) for cell in row.split("|")[3:5])
    assert stated_s == 90
    assert 0 < longest_s < stated_s


def test_every_way_to_be_held_is_hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is laid is a program, and another than the model's."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    held: Any = importlib.import_module("held")
    for way in held.WAYS:
        for name in held.assignments():
            folder = tmp_path / name / way.replace(" ", "_")
            for path in held.lay(name, way, folder).rglob("*.py"):
                source = path.read_text()
                compile(source, path, "exec")
                assert source != (ROOT / "src" / name / path.relative_to(folder)).read_text()


def test_two_checkouts_are_told_apart_by_what_a_student_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sentence is no other verdict; a point, a criterion or a missing report is."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script: Any = importlib.import_module("two_checkouts")
    with engine.Grader(list(discovery.assignments()), engine.Options(assignment="gru_cell")) as grader:
        report = json_report.render(grader.grade(shipped.wrong("gru_cell/backward/carry_dropped")))
    reworded, regraded = json.loads(report), json.loads(report)
    failed = next(one for one in reworded["problems"][1]["criteria"] if not one["passed"])
    failed["message"] = "another sentence"
    next(one for one in regraded["problems"][1]["criteria"] if one["passed"])["passed"] = False
    old = dict.fromkeys("abcd", report)
    new = {"a": report, "b": json.dumps(reworded), "c": json.dumps(regraded)}
    assert dict(script.compared(old, new)) == {"a": "same", "b": "sentences", "c": "VERDICT", "d": "VERDICT"}


def test_two_checkouts_grade_what_is_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The model, the starter, right answers, mistakes and attacks, a folder each."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script: Any = importlib.import_module("two_checkouts")
    script.lay_own("gru_cell", tmp_path / "all", with_attacks=True)
    laid = [path.name for path in (tmp_path / "all").iterdir()]
    kinds = {name.partition("-")[0] for name in laid}
    assert kinds == {"model", "starter", "right", "wrong", "attack"}
    answers = shipped.answers("gru_cell")
    assert sum(name.startswith("wrong-") for name in laid) == len(answers.mistakes)
    assert sum(name.startswith("right-") for name in laid) == len(answers.right)
    shutil.copytree(tmp_path / "all" / "model", tmp_path / "one" / "model")
    found = script.reports(ROOT, "gru_cell", tmp_path / "one", tmp_path / "results", 1)
    assert json.loads(found["model"])["score"] == 100
