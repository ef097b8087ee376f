"""Sixty thieves in twenty random classes: not one point, and not one line of a classmate seen.

Each has no line of a recurrent network, looks through all memory that it can read for a classmate's, prints
what it finds and runs it as its own. The classes are of all assignments, each graded by one grader, as in a
batch.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from attack_runner import LATER_S, MAINS, MARK, lay, limited, victim

from grader import engine
from grader.records import Report, Status
from grader.report import json_report

ROOT = Path(__file__).parents[2]
CLASSES = 20
THIEVES = 3  # of six in a class


@pytest.fixture(params=range(CLASSES))
def hand_ins(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, list[Path]]:
    """Return a class: its assignment, and its hand-ins in a random order, the first of them honest."""
    drawn = random.Random(request.param)
    of = sorted(MAINS)[request.param % len(MAINS)]
    thief = ROOT / "tests" / "data" / "attacks" / "neighbours" / f"code_for_{of}.py"
    model = (ROOT / "src" / of / MAINS[of]).read_text(encoding="utf-8")
    order = ["honest"] * (5 - THIEVES) + ["thief"] * THIEVES
    drawn.shuffle(order)
    paths = []
    for number, kind in enumerate(["honest", *order]):
        folder = tmp_path / f"{number}-{kind}"
        if kind == "thief":
            folder.mkdir()
            lay(thief, ROOT / "src", folder)
        else:
            shutil.copytree(ROOT / "src" / of, folder, ignore=shutil.ignore_patterns("__pycache__"))
            (folder / MAINS[of]).write_text(victim(of, model), encoding="utf-8")
        paths.append(folder)
    return of, paths


def test_no_thief_of_a_class_gets_anything(hand_ins: tuple[str, list[Path]]) -> None:
    """Thieves get no point and show no line of a classmate; the others get what they always get."""
    of, paths = hand_ins
    with engine.Grader([limited(of, LATER_S)], engine.Options(assignment=of)) as grader:
        reports = {path.name: grader.grade(path) for path in paths}
    honest = {report.score for name, report in reports.items() if name.endswith("honest")}
    assert len(honest) == 1
    assert honest.pop() > 0
    for name, report in reports.items():
        assert report.status is Status.GRADED, report.message
        if name.endswith("thief"):
            assert report.score == 0
            assert report.stdout.text == ""
            assert MARK not in said_by(report)
            assert "def " not in said_by(report)


def said_by(report: Report) -> str:
    return json_report.render(report)
