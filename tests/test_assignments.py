"""Every assignment, held to what it promises: model full, starter nothing, wrong answers as declared."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grader import discovery, engine, policy
from grader.declaration import Assignment
from grader.words import Report, Status

ROOT = Path(__file__).parent.parent
NAMES = [assignment.name for assignment in discovery.assignments()]


@cache
def known(name: str) -> Assignment:
    """The assignment, its suites drawn once for all tests of this module."""
    assignment = discovery.by_name(name, discovery.assignments())
    return replace(assignment, suites={key: cache(draw) for key, draw in assignment.suites.items()})


def grade(name: str, hand_in: Path) -> Report:
    report = engine.grade(hand_in, [known(name)], engine.Options())
    assert report.status is Status.GRADED, report.message
    return report


def failing(report: Report) -> dict[str, dict[str, str | None]]:
    """Problem -> criterion that fails -> why."""
    found = {
        problem.name: {one.name: one.reason for one in problem.criteria if one.passed is False}
        for problem in report.problems
    }
    return {name: criteria for name, criteria in found.items() if criteria}


def to_be_had(report: Report) -> float:
    """The points that are not a person's to give."""
    return sum(p.max_points for p in report.problems if not all(one.passed is None for one in p.criteria))


def folders(pattern: str) -> list[tuple[str, Path]]:
    found = [(path.relative_to(ROOT), path) for path in sorted(ROOT.glob(pattern)) if path.is_dir()]
    return [(next(part for part in relative.parts if part in NAMES), path) for relative, path in found]


def wrong_answers() -> list[tuple[str, Path]]:
    return folders("grader/assignments/*/wrong/*/*")


def right_answers() -> list[tuple[str, Path]]:
    return folders("tests/handins/*/*")


def ids(value: object) -> str:
    return value.name if isinstance(value, Path) else str(value)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_hand_in_gets_full_points(name: str) -> None:
    """src/<assignment> is right in every case; all there is to say is that it is published."""
    report = grade(name, ROOT / "src" / name)
    assert report.score == to_be_had(report)
    assert [one.message for one in report.findings] == [policy.PUBLISHED]


@pytest.mark.parametrize("name", NAMES)
def test_the_starter_gets_nothing(name: str) -> None:
    """What students are given earns no point, and the report says that it is the starter."""
    report = grade(name, ROOT / "grader" / "assignments" / name / "starter")
    assert report.score == 0
    assert "this is the starter, unchanged" in report.findings[0].message


@pytest.mark.parametrize("name", NAMES)
def test_there_are_enough_wrong_answers(name: str) -> None:
    """An assignment ships at least ten wrong answers, some for each of its problems."""
    assert len([path for assignment, path in wrong_answers() if assignment == name]) >= 10


@pytest.mark.parametrize(("name", "folder"), wrong_answers(), ids=ids)
def test_a_wrong_answer_loses_exactly_where_it_should(name: str, folder: Path) -> None:
    """Exactly the criteria of expect.toml fail, each for the reason that it gives."""
    expected = tomllib.loads((folder / "expect.toml").read_text())
    assert failing(grade(name, folder)) == expected["fails"]


@pytest.mark.parametrize(("name", "folder"), right_answers(), ids=ids)
def test_a_right_answer_in_another_style_gets_full_points(name: str, folder: Path) -> None:
    """Other people's right solutions, written quite differently, earn everything."""
    report = grade(name, folder)
    assert failing(report) == {}
    assert report.score == to_be_had(report)
    said = " ".join(one.message for one in report.findings)
    assert policy.PUBLISHED not in said
    assert "measures its gradients" not in said


@pytest.mark.parametrize("name", NAMES)
def test_every_array_leads_to_what_the_student_wrote_for_it(name: str) -> None:
    """Each criterion that runs code names a function of the model hand-in, with the line of its `def`."""
    report = grade(name, ROOT / "src" / name)
    asked = {output for p in known(name).problems for check in p.calls for output in check.names}
    found = 0
    for criterion in (one for problem in report.problems for one in problem.criteria):
        if criterion.name in asked:
            assert criterion.method is not None, criterion.name
            lines = (ROOT / "src" / name / criterion.method.file).read_text().splitlines()
            defined = criterion.method.name.rpartition(".")[2]
            assert lines[criterion.method.line - 1].lstrip().startswith(f"def {defined}(")
            found += 1
    assert found >= len(asked)
