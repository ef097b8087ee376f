"""The benchmark compares like with like, and what it says is what it measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import shipped

from benchmarks import __main__ as benchmark
from benchmarks import docker, held, rounds, store, sustained, tables, two_checkouts, work
from benchmarks.growth import draw, fit
from benchmarks.peers import known, measure, notebooks
from benchmarks.processes import Program, Run, run, together_mib
from grader import discovery, engine
from grader.report import json_report

ROOT = Path(__file__).parents[2]


def ran(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=ROOT)


def packed(folder: Path, into: Path) -> Path:
    """Return the hand-in of a folder, as the statement asks for it."""
    with tarfile.open(into, "w:gz") as tar:
        tar.add(folder / "hw3" / "gru.py", "hw3/gru.py")
    return into


def python(code: str, name: str = "a program", **more: Any) -> Program:
    return Program(name, (sys.executable, "-c", code), **more)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which one small run of `make bench` has written."""
    folder = tmp_path_factory.mktemp("quick")
    measured = ran("-m", "benchmarks", "--tiny", "--into", folder)
    assert measured.returncode == 0, measured.stderr
    return folder


@pytest.fixture(scope="module")
def sections(quick: Path) -> dict[str, store.Section]:
    return store.read(quick / "results.json")


def test_a_quick_run_measures_every_quick_section(quick: Path, sections: Mapping[str, Any]) -> None:
    """Each says when and where it was taken, by which settings; RESULTS.md has a heading for each."""
    assert list(sections) == list(benchmark.QUICK)
    for section in sections.values():
        assert section["about"].keys() >= {"date", "cores", "memory_gib", "load", "versions"}
        assert section["took_s"] > 0
    text = (quick / "RESULTS.md").read_text()
    assert text.count("\n## ") == len(sections) + 1  # of mistakes whose cause is named
    assert os.uname().nodename not in text


def test_a_grading_is_measured_beside_the_usual_runner(sections: Mapping[str, Any]) -> None:
    """Full points by all that grade, and every figure of every row is something."""
    rows = sections["cold"]["figures"]["rows"]
    assert list(rows) == [work.GRADING, work.UNBAKED, work.USUAL, work.FLOOR]
    assert [row.get("points") for row in rows.values()] == [100, 100, 100, None]
    for row in rows.values():
        assert all(spread["min"] > 0 for name, spread in row.items() if name != "points")
        assert row["together_mib"]["max"] >= 0.95 * row["peak_mib"]["min"]
    assert rows[work.USUAL][f"cpu_s beside {work.USUAL}"]["median"] == 1


def test_a_class_is_measured_beside_the_usual_runner(sections: Mapping[str, Any]) -> None:
    """Rates of the batch and of the usual runner, and their ratio."""
    rows = sections["sustained"]["figures"]["rows"]
    assert list(rows) == [sustained.BATCH, work.USUAL]
    for figure in ("per_core_s", "per_cpu_s"):
        ours, theirs = (row[figure]["median"] for row in rows.values())
        ratio = rows[sustained.BATCH][f"{figure} beside {work.USUAL}"]["median"]
        assert ratio == pytest.approx(ours / theirs, rel=0.01)


def test_the_parts_of_a_grading_are_all_of_it(sections: Mapping[str, Any]) -> None:
    """What is told one after the other comes to the whole; what is a part of another is less than it."""
    figures = sections["timeline"]["figures"]
    assert figures["parts"].keys() == tables.PARTS.keys()
    parts = {name: one["median"] for name, one in figures["parts"].items()}
    one_by_one = ("before", "import", "between", "calls", "after")
    assert sum(parts[name] for name in one_by_one) == pytest.approx(parts["whole"], rel=0.5)
    assert parts["own"] < parts["calls"] < parts["whole"]
    assert set(figures["layers"]["on"])
    assert "import numpy" in figures["floors"]


def test_each_model_is_measured_beside_torch(sections: Mapping[str, Any]) -> None:
    """Of each model hand-in that is a cell there is a time over torch's own."""
    rows = sections["models"]["figures"]["rows"]
    assert {name.partition(",")[0] for name in rows} == {
        "gru_cell",
        "torch_gru_cell",
        "torch_lstm_cell",
        "rnn_step_by_step",
    }
    assert all(one["beside"]["min"] > 0 for row in rows.values() for one in row["sizes"].values())


@pytest.mark.parametrize("curve", benchmark.CURVES)
def test_a_curve_is_measured_and_drawn(curve: str, tmp_path: Path) -> None:
    """Its smallest sizes: a time at each, a slope, a picture, and the figures behind it."""
    measured = ran("-m", "benchmarks", "--tiny", "--into", tmp_path, "--only", f"growth: {curve}")
    assert measured.returncode == 0, measured.stderr
    (section,) = store.read(tmp_path / "results.json").values()
    assert len(section["figures"]["sizes"]) == 3
    assert all(one["min"] > 0 for one in section["figures"]["cpu_s"])
    assert (tmp_path / "growth" / f"{curve}.svg").read_text().startswith("<?xml")
    assert len((tmp_path / "growth" / f"{curve}.csv").read_text().splitlines()) == 4
    assert f"growth/{curve}.svg" in (tmp_path / "RESULTS.md").read_text()


def test_what_naming_costs_is_measured(tmp_path: Path) -> None:
    """One assignment: what is done once, and what each hand-in costs."""
    measured = ran("-m", "benchmarks", "--tiny", "--into", tmp_path, "--only", "naming")
    assert measured.returncode == 0, measured.stderr
    (row,) = store.read(tmp_path / "results.json")["naming"]["figures"]["rows"].values()
    assert row["explained"] > 0
    assert row["once_s"] > 0
    assert row["hand_in_s"]["median"] <= row["hand_in_s"]["largest"]


def test_a_section_that_fails_takes_nothing_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The others are written; the same command measures only what is left, and then all of it is anew."""
    asked: list[str] = []

    def measured(name: str, chosen: Mapping[str, Any]) -> store.Section:
        asked.append(name)
        if name == "timeline" and asked.count(name) == 1:
            raise SystemExit("its process ended with status 1")
        about = {"versions": {}, "as_root": True, "date": "", "cores": 1, "memory_gib": 1, "load": 0}
        figures: dict[str, Any] = {"rows": {}, "parts": {part: rounds.spread([1]) for part in tables.PARTS}}
        figures["cpu"] = {one: rounds.spread([1]) for one in ("grading", "bare calls", "beside")}
        figures |= {"layers": {"on": [], "off": []}, "floors": {}}
        about |= {"processor": "x86_64"}
        return {"about": about, "settings": chosen, "took_s": 1.0, "figures": figures}

    monkeypatch.setattr(benchmark, "measured_apart", measured)
    command = ["--tiny", "--into", str(tmp_path)]
    with pytest.raises(SystemExit, match="not measured: timeline"):
        benchmark.main(command)
    assert list(store.read(tmp_path / "results.json")) == ["cold", "sustained", "models"]
    benchmark.main(command)
    assert asked == ["cold", "sustained", "timeline", "models", "timeline"]
    assert set(store.read(tmp_path / "results.json")) == set(benchmark.QUICK)
    benchmark.main(command)
    assert asked[5:] == list(benchmark.QUICK)


def test_what_an_interrupted_run_measured_holds_for_its_code_and_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another setting, another version of the code, or hours: then it is measured anew."""
    section: store.Section = {"figures": {}}
    store.UnderWay({"rounds": 3}, tmp_path).keep("cold", section)
    assert store.UnderWay({"rounds": 3}, tmp_path).known("cold") == section
    assert store.UnderWay({"rounds": 3}, tmp_path).known("sustained") is None
    assert store.UnderWay({"rounds": 4}, tmp_path).known("cold") is None
    monkeypatch.setattr(store, "CODE", ("grader",))
    assert store.UnderWay({"rounds": 3}, tmp_path).known("cold") is None
    monkeypatch.undo()
    now_s = time.time()
    monkeypatch.setattr("time.time", lambda: now_s + 1e6)
    assert store.UnderWay({"rounds": 3}, tmp_path).known("cold") is None


@pytest.mark.parametrize("wrong", ["rouns=3", "rounds=some", "rounds=0"])
def test_a_setting_that_is_none_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        benchmark.parsed(["--set", wrong])
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err


def test_usual_runner_gives_wrong_answers_the_same_points(tmp_path: Path) -> None:
    """The usual runner takes from a wrong answer what cellgrade takes: one gradient of eight here."""
    folder = shipped.wrong("gru_cell/backward/reset_left_out_of_dWh")
    hand_in, inputs = packed(folder, tmp_path / "handin.tar"), work.inputs(tmp_path / "inputs")
    graded = ran("benchmarks/usual_runner.py", hand_in, inputs)
    assert graded.returncode == 0, graded.stderr

    usual = json.loads(graded.stdout.splitlines()[-1])["scores"]
    report = engine.grade(hand_in, discovery.assignments(), engine.Options())
    assert usual == {problem.name: problem.points for problem in report.problems}
    assert usual == {"GRU Cell Forward": 30, "GRU Cell Backward": 70 * 7 / 8}


def test_the_wrong_hand_in_of_the_peers_is_wrong_in_one_gradient(tmp_path: Path) -> None:
    """What every peer must see: dWh alone."""
    hand_in = work.packed(work.wrong(), tmp_path / "handin.tar")
    report = engine.grade(hand_in, discovery.assignments(), engine.Options())
    failed = [one.name for problem in report.problems for one in problem.criteria if not one.passed]
    assert failed == ["dWh"]


def test_a_grader_that_gives_other_points_is_not_compared(tmp_path: Path) -> None:
    """Different points mean different work: then there is a sentence and no figures."""
    generous = python("print(29)", points=float)
    with pytest.raises(SystemExit, match="29 of 100 points to a right hand-in"):
        rounds.in_turn([generous], 1, tmp_path / "output")
    with pytest.raises(SystemExit, match="full points to a wrong hand-in"):
        measure.held_to_be_wrong(python("print(100)", points=float), tmp_path / "output")


def test_a_program_that_fails_is_not_measured(tmp_path: Path) -> None:
    """A program that fails at once would be the fastest of all."""
    failing = Program("failing", ("/bin/sh", "-c", "echo no torch here; exit 3"), {})
    for measured in (run, together_mib):
        with pytest.raises(SystemExit, match="no torch here"):
            measured(failing, tmp_path / "output")


def test_time_of_started_processes_counts(tmp_path: Path) -> None:
    """A process that the program starts and waits for, as a student's is, counts with its program."""
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    assert run(python(parent), tmp_path / "output").cpu_s >= 0.2


HELD = "x = bytearray(b'1') * (60 << 20); "


def test_memory_of_all_processes_counts(tmp_path: Path) -> None:
    """Of two that hold 60 MiB each, both; of a fork that shares them, what is shared counts once."""
    child = f"{HELD}import time; time.sleep(0.5)"
    two = f"{HELD}import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    shared = f"{HELD}import os, time\nif os.fork() == 0: time.sleep(0.5)\nelse: os.wait()"
    assert together_mib(python(two), tmp_path / "output") > 120
    assert 60 < together_mib(python(shared), tmp_path / "output") < 110


def test_memory_that_a_process_only_borrows_counts_once(tmp_path: Path) -> None:
    """Between vfork and exec a process has its parent's memory: here for long, as it waits for a reader."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    # The file actions of posix_spawn are done behind vfork, and opening a FIFO waits for its other end.
    waits = f"[(os.POSIX_SPAWN_OPEN, 1, {str(fifo)!r}, os.O_WRONLY, 0o600)]"
    spawns = f"os.posix_spawn('/bin/true', ['true'], {{}}, file_actions={waits})"
    late = f"import time; time.sleep(0.5); open({str(fifo)!r})"
    code = f"{HELD}import os, subprocess, sys; subprocess.Popen([sys.executable, '-c', {late!r}]); {spawns}"
    assert 60 < together_mib(python(code), tmp_path / "output") < 115


def test_what_starts_what_is_measured_is_small() -> None:
    """A process's peak memory includes that of the one that started it: no NumPy there."""
    modules = "benchmarks.__main__, benchmarks.cold, benchmarks.sustained, benchmarks.peers.measure"
    code = f"import sys, {modules}; assert not {{'numpy', 'torch', 'matplotlib'}} & set(sys.modules)"
    assert ran("-c", code).returncode == 0


def test_ratios_are_taken_within_a_round() -> None:
    """A machine that is twice as slow in one round changes no ratio."""

    def runs(*walls_s: float) -> list[Run]:
        return [Run(wall_s, wall_s, 1.0) for wall_s in walls_s]

    rows = rounds.rows({"ours": runs(1, 2), "theirs": runs(2, 4)}, {}, "theirs")
    assert rows["ours"]["wall_s beside theirs"] == {"median": 0.5, "min": 0.5, "max": 0.5}


def test_every_program_begins_a_round(tmp_path: Path) -> None:
    """Who comes first changes from round to round."""
    log = tmp_path / "log"
    programs = [
        python(f"open({str(log)!r}, 'a').write({name!r})", name, before=lambda: None) for name in "ab"
    ]
    rounds.in_turn(programs, 2, tmp_path / "output")
    assert log.read_text() == "ab" + "ab" + "ba"


def test_a_batch_that_fails_is_not_measured(tmp_path: Path) -> None:
    """A batch of hand-ins that are not graded would be the fastest of all."""
    work.packed_class(tmp_path / "handins", 2)
    next((tmp_path / "handins").iterdir()).write_text("no archive")
    with pytest.raises(SystemExit, match="full points"):
        sustained.batch(tmp_path / "handins", tmp_path / "results", 2, 1, tmp_path / "cache")


SIZES = [1, 3, 10, 30, 100, 300, 1_000]


@pytest.mark.parametrize(
    ("curve", "slope", "bend"),
    [
        (lambda x: 0.002 * x, 1, None),
        (lambda x: 0.1 + 0.001 * x, 1, 100),
        (lambda x: 0.5 + 0.0002 * x**2, 2, 50),
        (lambda x: 3.0 + 0 * x, None, None),
    ],
)
def test_a_slope_is_found(curve: Callable[[float], float], slope: float | None, bend: float | None) -> None:
    """Of curves whose slope and bend are known, with one per cent of noise."""
    noisy = [curve(x) * (1 + 0.01 * (-1) ** number) for number, x in enumerate(SIZES)]
    found = fit.fitted(SIZES, noisy)
    if slope is not None:
        assert found.slope == pytest.approx(slope, abs=0.1)
        assert found.last_slope == pytest.approx(fit.log_slope(SIZES[-3:], noisy[-3:]))
    assert found.bend == (pytest.approx(bend, rel=0.3) if bend else None)
    assert found.at(100) == pytest.approx(curve(100), rel=0.05)


def test_a_picture_is_of_its_figures_alone(tmp_path: Path) -> None:
    """The same figures give the same bytes; others, others."""
    figures = {
        "title": "A curve",
        "x": "things",
        "sizes": SIZES,
        "cpu_s": [rounds.spread([0.1 + 0.001 * x]) for x in SIZES],
        "fit": {**fit.fitted(SIZES, [0.1 + 0.001 * x for x in SIZES]).__dict__},
    }
    drawn = [draw.draw(name, figures, tmp_path).read_bytes() for name in ("one", "two")]
    figures["cpu_s"] = [rounds.spread([0.2 + 0.001 * x]) for x in SIZES]
    assert drawn[0] == drawn[1] != draw.draw("one", figures, tmp_path).read_bytes()


@pytest.mark.parametrize(("source", "points"), [(work.right(), 100), (work.wrong(), 50)])
def test_a_peer_tells_right_from_wrong(source: str, points: float, tmp_path: Path) -> None:
    """pytest with Hypothesis, which the tests have anyway: both problems, or only the first."""
    cases = work.inputs(tmp_path / "inputs")
    program = known.pytest(Path(sys.executable), tmp_path, source, cases)
    assert run(program, tmp_path / "output").points == points


def test_the_points_of_the_other_peers_are_read(tmp_path: Path) -> None:
    """From files as they write them, without them."""
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"tests": [{"score": 30.0}, {"score": 8.75}, {"name": "public"}]}))
    assert known.of_otter(results, "") == 38.75
    results.write_text(json.dumps({"results": [{"name": "forward", "passed": True}]}))
    with pytest.raises(KeyError):
        known.of_check50(results, "")
    one_failed = [{"name": "forward", "passed": True}, {"name": "backward", "passed": None}]
    results.write_text(json.dumps({"results": one_failed}))
    assert known.of_check50(results, "") == 30


@pytest.mark.parametrize("made", [notebooks.for_otter, notebooks.for_nbgrader])
def test_the_notebooks_of_the_peers_are_notebooks(made: Callable[..., Any], tmp_path: Path) -> None:
    """nbformat takes them, and their cells, run one after the other, ask all arrays of all cases."""
    notebook: Any = nbformat.from_dict(made(work.right(), work.HERE))  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    code = "\n".join(cell.source for cell in notebook.cells)
    asked = "for call in (usual_runner.forward, usual_runner.backward):\n"
    asked += "    print(len(usual_runner.wrong_on(call, GRU_Cell, os.environ['CASES'])))\n"
    cases = work.inputs(tmp_path / "inputs")
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{asked}"],
        env={**os.environ, "CASES": str(cases)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["0", "0"], done.stderr


def test_every_peer_has_its_requirements_and_its_wrapper() -> None:
    """A peer's folder names both; `make bench PEERS=1` makes an environment for each file of requirements."""
    required = {path.stem for path in (known.HERE / "requirements").iterdir()}
    assert required == {peer.folder for peer in known.PEERS.values()}
    dry = subprocess.run(
        ["make", "--dry-run", "bench", "PEERS=1"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "-m benchmarks --peers" in dry.stdout


def test_a_peer_without_its_environment_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Then the sentence says how it is made."""
    monkeypatch.setattr(known, "ENVIRONMENTS", tmp_path)
    with pytest.raises(SystemExit, match="make bench PEERS=1"):
        measure.measure({"peers": ["check50"], "peer_rounds": 1, "peer_batch": 1})


def test_without_an_engine_the_image_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is said, and everything else is measured."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    options = SimpleNamespace(only=None, peers=False, growth=False, docker=True, all=False, chosen={})
    assert list(benchmark.wanted(options)) == list(benchmark.QUICK)  # type: ignore[arg-type]
    assert "docker is left out: there is no docker" in capsys.readouterr().err


@pytest.mark.xdist_group("image")
def test_a_container_is_measured_beside_one_that_does_nothing(image: str) -> None:
    """A grading in it gives full points; its layers are those that are named, and all that it weighs."""
    figures = docker.measured({"whole": image}, 1)
    assert figures["runs"].keys() == {docker.NOTHING, docker.NUMPY, docker.GRADED}
    assert figures["runs"][docker.GRADED]["whole"]["median"] > 0
    assert tuple(figures["layers"]["whole"]) == docker.LAYERS["whole"]
    assert sum(figures["layers"]["whole"].values()) == pytest.approx(figures["mib"]["whole"], rel=0.01)
    assert 0 < figures["student_mib"]["whole"] < figures["mib"]["whole"]
    assert docker.CODE in "\n".join(tables.docker(figures))


def test_what_a_hostile_hand_in_holds_is_measured(tmp_path: Path) -> None:
    """One way for one assignment: a row in the table, below what is stated."""
    found = tmp_path / "HELD.md"
    way = ("--way", "raises 8,192 slashes from every call", "--assignment", "gru_cell")
    measured = ran("-m", "benchmarks.held", "--without-attacks", *way, "--output", found)
    assert measured.returncode == 0, measured.stderr
    (row,) = [line for line in found.read_text().splitlines() if line.startswith("| `gru_cell` | 1 |")]
    stated_s, longest_s = (float(cell) for cell in row.split("|")[3:5])
    assert stated_s == 90
    assert 0 < longest_s < stated_s


def test_every_way_to_be_held_is_hostile(tmp_path: Path) -> None:
    """What is laid is a program, and another than the model's."""
    for way in held.WAYS:
        for name in held.assignments():
            folder = tmp_path / name / way.replace(" ", "_")
            for path in held.lay(name, way, folder).rglob("*.py"):
                source = path.read_text()
                compile(source, path, "exec")
                assert source != (ROOT / "src" / name / path.relative_to(folder)).read_text()


def test_two_checkouts_are_told_apart_by_what_a_student_gets() -> None:
    """Another sentence is no other verdict; a point, a criterion or a missing report is."""
    with engine.Grader(list(discovery.assignments()), engine.Options(assignment="gru_cell")) as grader:
        report = json_report.render(grader.grade(shipped.wrong("gru_cell/backward/carry_dropped")))
    reworded, regraded = json.loads(report), json.loads(report)
    failed = next(one for one in reworded["problems"][1]["criteria"] if not one["passed"])
    failed["message"] = "another sentence"
    next(one for one in regraded["problems"][1]["criteria"] if one["passed"])["passed"] = False
    old = dict.fromkeys("abcd", report)
    new = {"a": report, "b": json.dumps(reworded), "c": json.dumps(regraded)}
    found = dict(two_checkouts.compared(old, new))
    assert found == {"a": "same", "b": "sentences", "c": "VERDICT", "d": "VERDICT"}


def test_two_checkouts_grade_what_is_shipped(tmp_path: Path) -> None:
    """The model, the starter, right answers, mistakes and attacks, a folder each."""
    two_checkouts.lay_own("gru_cell", tmp_path / "all", with_attacks=True)
    laid = [path.name for path in (tmp_path / "all").iterdir()]
    kinds = {name.partition("-")[0] for name in laid}
    assert kinds == {"model", "starter", "right", "wrong", "attack"}
    answers = shipped.answers("gru_cell")
    assert sum(name.startswith("wrong-") for name in laid) == len(answers.mistakes)
    assert sum(name.startswith("right-") for name in laid) == len(answers.right)
    shutil.copytree(tmp_path / "all" / "model", tmp_path / "one" / "model")
    found = two_checkouts.reports(ROOT, "gru_cell", tmp_path / "one", tmp_path / "results", 1)
    assert json.loads(found["model"])["score"] == 100
