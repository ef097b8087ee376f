"""A class of one assignment: told from most of its hand-ins; what is something else waits for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from batch_runs import ROOT, batch, tree
from test_batch_cli import lay

from grader.batch.grade.majority import Majority

GRU = (ROOT / "src" / "gru_cell" / "hw3" / "gru.py").read_text()
LSTM = (ROOT / "src" / "torch_lstm_cell" / "hw3" / "lstm_cell.py").read_text()


def report(results: Path, student: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((results / "reports" / f"{student}.json").read_text())
    return found


@pytest.fixture(scope="module")
def handins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three of one assignment, one that spells its class otherwise, one of another, and one of none."""
    folder = lay(tmp_path_factory.mktemp("class"), ann=GRU, bob=GRU + "# bob\n", cem=GRU + "# cem\n")
    lay(folder, dee=GRU.replace("GRU_Cell", "GRUCell"))
    (folder / "eva").mkdir()
    (folder / "eva" / "lstm_cell.py").write_text(LSTM)
    (folder / "fay").mkdir()
    (folder / "fay" / "notes.py").write_text("x = 1\n")
    return folder


@pytest.fixture(scope="module")
def by_two(handins: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("by_two") / "out"
    done = batch(results, "--workers", 2, handins)
    assert (
        "Taken for a class of gru_cell (3 hand-ins; also there: 1 torch_gru_cell, 1 torch_lstm_cell)"
        in done.stdout
    )
    return results


def test_the_class_is_graded_for_what_most_hand_in(by_two: Path) -> None:
    """A GRUCell in a class of GRU_Cells is one: which equations it has is for the cases to tell."""
    for student in ("ann", "bob", "cem", "dee"):
        found = report(by_two, student)
        assert (found["assignment"], found["score"]) == ("gru_cell", 100)
    finding = report(by_two, "dee")["findings"][0]
    assert finding["message"].startswith("GRUCell was taken for GRU_Cell")


@pytest.mark.parametrize("student", ["eva", "fay"])
def test_what_is_something_else_waits_for_a_person(by_two: Path, student: str) -> None:
    """It is neither graded as another assignment, nor lost, nor 0: the summary lists it."""
    found = report(by_two, student)
    assert (found["status"], found["assignment"]) == ("graded", "gru_cell")
    criteria = [one for problem in found["problems"] for one in problem["criteria"]]
    assert {one["passed"] for one in criteria} == {None}
    summary = (by_two / "summary.txt").read_text()
    listed = summary[summary.index("A person decides") :]
    assert f"{student}: GRU Cell Forward (30 points): a person looks at this: it does not look like" in listed


def test_any_number_of_workers_gives_the_same(handins: Path, by_two: Path, tmp_path: Path) -> None:
    """Who is looked at first decides nothing."""
    batch(tmp_path / "out", "--workers", 1, handins)
    assert tree(tmp_path / "out") == tree(by_two)


def test_mixed_grades_each_for_what_it_is(handins: Path, tmp_path: Path) -> None:
    """With --mixed the LSTM gets its points, and what fits nothing has no grade."""
    batch(tmp_path / "out", "--mixed", handins, status=3)
    assert (report(tmp_path / "out", "eva")["assignment"], report(tmp_path / "out", "eva")["score"]) == (
        "torch_lstm_cell",
        100,
    )
    assert report(tmp_path / "out", "dee")["assignment"] == "torch_gru_cell"
    assert report(tmp_path / "out", "fay")["status"] == "error"


@pytest.mark.parametrize(
    ("counts", "assignment"),
    [
        ({}, None),
        ({"a": 1}, "a"),
        ({"a": 1, "b": 1}, None),
        ({"a": 2, "b": 3}, "b"),
        ({"a": 2, "b": 2, "c": 1}, None),
    ],
)
def test_a_majority_is_more_than_half(counts: dict[str, int], assignment: str | None) -> None:
    """Of those that are recognised; without it each is graded for what it is."""
    assert Majority(counts).assignment == assignment
