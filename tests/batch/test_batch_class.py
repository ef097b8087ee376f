"""A class of five hundred: each hand-in gets what it must get, whatever happens to the batch meanwhile."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from batch_runs import alive, batch, below, journalled, kill, start, tree, wait_for, wait_for_results
from generated_class import Class, generate, lay_patience

from grader import discovery, engine
from grader.report import json_report, text

HAND_INS = 500
KILLS = 20


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Class:
    return generate(tmp_path_factory.mktemp("class") / "handins", HAND_INS)


@pytest.fixture(scope="module")
def patience(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_patience(tmp_path_factory.mktemp("assignments"))


@pytest.fixture(scope="module")
def undisturbed(made: Class, patience: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results folder of a batch that nobody disturbed."""
    results = tmp_path_factory.mktemp("undisturbed") / "results"
    batch(results, "--mixed", "--assignments", patience, "--workers", 2, made.folder)
    return results


def report_of(results: Path, student: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((results / "reports" / f"{student}.json").read_text())
    return found


def test_every_score_is_as_declared(made: Class, undisturbed: Path) -> None:
    """Right, wrong, hostile and broken hand-ins, copies and versions get what they were made for."""
    reports = {student: report_of(undisturbed, student) for student in made.scores}
    assert len(list((undisturbed / "reports").iterdir())) == 2 * len(made.scores)
    assert made.versions == HAND_INS
    assert len(set(made.scores.values())) > 5  # so that "as declared" says something
    found = {student: report["score"] for student, report in reports.items()}
    honest = made.scores.keys() - made.attacks
    assert {student: found[student] for student in honest} == pytest.approx(
        {student: made.scores[student] for student in honest}, abs=1e-5
    )
    assert len(made.attacks) > 25
    assert all(found[student] <= made.scores[student] for student in made.attacks)
    rejected = {student for student, report in reports.items() if report["status"] == "rejected"}
    assert rejected == made.rejected
    assert {report["status"] for report in reports.values()} == {"graded", "rejected"}


def test_the_gradebook_has_the_same(made: Class, undisturbed: Path) -> None:
    """gradebook.csv has a row for each student, with the total, and names the copies."""
    with open(undisturbed / "gradebook.csv", newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    reported = {student: report_of(undisturbed, student)["score"] for student in made.scores}
    assert {student: float(row["total"]) for student, row in rows.items()} == pytest.approx(
        reported, abs=1e-4
    )
    assert made.identical
    for student, row in rows.items():
        named = {one for one in made.scores if one in row["identical to"]}
        assert named == made.identical.get(student, set()), student


def test_reports_are_those_of_a_single_grading(made: Class, undisturbed: Path, patience: Path) -> None:
    """A report of the batch has the bytes that `cellgrade grade` gives, for copies as well."""
    known = discovery.assignments(discovery.BUILT_IN, patience)
    latest = {path.name.split("_")[0]: path for path in sorted(made.folder.iterdir())}
    students = sorted(made.identical)[:4] + sorted(made.rejected)[:6] + sorted(made.scores)[:12]
    with engine.Grader(known, engine.Options()) as grader:
        for student in students:
            report = grader.grade(latest[student])
            for suffix, rendered in ((".json", json_report.render(report)), (".txt", text.render(report))):
                assert (undisturbed / "reports" / f"{student}{suffix}").read_text() == rendered, student


def test_a_batch_that_is_killed_again_and_again_ends_the_same(
    made: Class, undisturbed: Path, patience: Path, tmp_path: Path
) -> None:
    """Twenty kills at random, with other numbers of workers in between: the same bytes in the end.

    The batch or its watchdog, a worker, a zygote and a job are each killed five times, in any order.
    """
    rng = random.Random(5)
    results = tmp_path / "results"
    everybody: set[int] = set()
    wanted = [depth for depth in (1, 2, 3, 4) for _ in range(KILLS // 4)]
    rng.shuffle(wanted)
    process = None
    for depth in wanted:
        there: list[int] = []
        while not there:
            if process is None:
                workers = rng.choice((1, 2, 3))
                process = start(
                    results, "--mixed", "--assignments", patience, "--workers", workers, made.folder
                )
            # By what has been graded and not by time. Should a batch be done before its last kill even so,
            # it must be right, and the next one is killed.
            wait_for_results(
                process, results, journalled(results) + rng.randint(0, len(made.scores) // KILLS)
            )
            there = wait_for(process, depth)
            if not there:
                process.communicate()
                assert process.returncode == 0
                assert tree(results) == tree(undisturbed)
                shutil.rmtree(results)
                process = None
        assert process is not None
        everybody |= {process.pid, *below(process.pid)}
        kill(rng.choice([process.pid, *there] if depth == 1 else there))
        if depth == 1:
            process.communicate()
            process = None
    if process is not None:
        kill(process.pid)
        process.communicate()
    batch(results, "--mixed", "--assignments", patience, "--workers", 1, made.folder)
    assert tree(results) == tree(undisturbed)
    assert alive(list(everybody)) == []


def test_one_worker_or_two(tmp_path: Path) -> None:
    """A small class, graded by one worker and by three, comes to the same bytes."""
    small = generate(tmp_path / "handins", 40, seed=7)
    patience = lay_patience(tmp_path / "assignments")
    for workers in (1, 3):
        batch(
            tmp_path / f"by-{workers}",
            "--mixed",
            "--assignments",
            patience,
            "--workers",
            workers,
            small.folder,
        )
    assert tree(tmp_path / "by-1") == tree(tmp_path / "by-3")
