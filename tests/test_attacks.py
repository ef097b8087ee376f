"""The attack suite: hostile hand-ins, one file each, and what must become of them.

An attack stands in tests/attacks/<group>/<name>.py and begins with comment lines of the form `# key: value`:

    # attack: what it tries, in a few words
    # earns: the points that its honest part is worth at most (0, 30 or 100)
    # stopped by: the layer or part of ours that stops it
    # call_s: seconds that each call may take, for those that hang (0.5 if it is left out)

It is graded as hw3/gru.py; beside it lies `honest.py`, the model hand-in, for `from honest import *`. A file in
tests/attacks/archives/ defines `build(path: Path) -> None` instead, which writes a hostile archive.
"""

from __future__ import annotations

import os
import re
import resource
import runpy
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grader import discovery, engine
from grader.declaration import Assignment, Limits
from grader.report import autolab, autolab_rules, json_report, text
from grader.sandbox.session import FIRST_UID
from grader.words import Report, Status

ROOT = Path(__file__).parent.parent
ATTACKS = sorted((ROOT / "tests" / "attacks").glob("*/*.py"))
HAND_INS = [path for path in ATTACKS if path.parent.name != "archives"]
ARCHIVES = [path for path in ATTACKS if path.parent.name == "archives"]
HONEST = ROOT / "src" / "gru_cell" / "hw3" / "gru.py"
SECRET = ROOT / "src" / "gru_cell"
MEMORY_KIB = 1 << 20  # of the grader, at its largest: torch is in it


@cache
def gru_cell() -> Assignment:
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    return replace(assignment, suites={"cells": cache(assignment.suites["cells"])})


def declared(attack: Path) -> dict[str, str]:
    """The `# key: value` lines at its head."""
    found = {}
    for line in attack.read_text().splitlines():
        if not (match := re.match(r"# ([a-z_ ]+): (.+)", line)):
            break
        found[match[1]] = match[2]
    return found


def name(attack: Path) -> str:
    return f"{attack.parent.name}/{attack.stem}"


def grade(hand_in: Path, call_s: float = 0.5) -> Report:
    limits = Limits(call_s=call_s, total_s=8 * call_s, cpu_s=5, memory_bytes=1 << 30, output_bytes=1 << 20)
    return engine.grade(hand_in, [replace(gru_cell(), limits=limits)], engine.Options(assignment="gru_cell"))


def jobs() -> set[int]:
    """Processes of the jobs' users."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid >= FIRST_UID and entry.stat().st_uid < FIRST_UID + 100:
                    found.add(int(entry.name))
            except OSError:
                continue
    return found


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files; after the test nothing may be in it, and no process or descriptor left."""
    temporary = tmp_path / "tmp"
    temporary.mkdir(mode=0o755)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    gru_cell().suites["cells"](0)
    open_files, solution = len(os.listdir("/proc/self/fd")), HONEST.read_bytes()
    yield tmp_path
    assert list(temporary.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == open_files
    assert HONEST.read_bytes() == solution
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MEMORY_KIB


def hold(report: Report, earns: float) -> None:
    """What must be true of a report on any attack, in whatever form it is read."""
    assert report.status is not Status.ERROR, report.message
    assert report.score <= earns
    feedback = autolab.render(report)
    scores = autolab_rules.read(feedback, [problem.name for problem in report.problems])
    assert scores == {problem.name: problem.points for problem in report.problems}
    for rendered in (feedback, text.render(report), json_report.render(report)):
        assert len(rendered) < 300_000
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", rendered)


@pytest.mark.parametrize("attack", HAND_INS, ids=name)
def test_an_attack_gains_nothing(attack: Path, watched: Path) -> None:
    """It earns at most what its honest part is worth, the grader does its work, and nothing is left behind."""
    says = declared(attack)
    folder = watched / "handin" / "hw3"
    folder.mkdir(parents=True)
    (folder / "gru.py").write_bytes(attack.read_bytes())
    (folder / "honest.py").write_bytes(HONEST.read_bytes())
    before = jobs()
    report = grade(watched / "handin", float(says.get("call_s", "0.5")))
    hold(report, float(says["earns"]))
    assert "GOT" not in report.stdout.text + report.stderr.text, report.stdout.text
    assert jobs() <= before


@pytest.mark.parametrize("attack", ARCHIVES, ids=name)
def test_a_hostile_archive_is_rejected_or_harmless(attack: Path, watched: Path) -> None:
    """An archive is unpacked in memory, within bounds, or rejected with a sentence; nothing is written."""
    archive = watched / "handin.tar"
    runpy.run_path(str(attack))["build"](archive)
    before = sorted(path for path in watched.rglob("*"))
    hold(grade(archive), float(declared(attack)["earns"]))
    assert sorted(path for path in watched.rglob("*")) == before


def test_there_are_enough_attacks() -> None:
    """Every group has attacks, each declares what must happen, and there are eighty in all."""
    assert len(ATTACKS) >= 80
    for attack in ATTACKS:
        assert {"attack", "earns", "stopped by"} <= set(declared(attack)), attack
