"""What a class is told of its mistakes: each student by their attempt and date, those who teach all of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import shipped
from batch_runs import batch, tree

pytestmark = pytest.mark.slow  # not for `make check`

WRONG = "gru_cell/backward/carry_dropped"
PLACE = "The mistake is on the way back through Eq. (4)."
TERM = "one of the ways back to dh is missing"
BY_ATTEMPT = '{ to_attempt = 2, level = "arrays" }, { from_attempt = 3, to_attempt = 3, level = "equation" }'
BY_DATE = '{ until = 2026-03-01T12:00:00+01:00, level = "arrays" }'
METADATA = """\
submission_1:
  :submitters:
  - :email: early@x.edu
  :created_at: 2026-03-01 10:59:59.900000000 Z
submission_2:
  :submitters:
  - :email: late@x.edu
  :created_at: 2026-03-01 06:00:00.000000000 -05:00
"""


def course(folder: Path, rules: str = "", level: str = "term") -> Path:
    path = folder / "course.toml"
    path.write_text(f'assignment = "gru_cell"\n[hints]\nlevel = "{level}"\nrules = [{rules}]\n')
    return path


def said(results: Path, report: str) -> str:
    """Return the level at which a report is written, by what it says."""
    text = " ".join((results / f"{report}.txt").read_text().split())
    assert ("dh is assigned at" in text) is (TERM in text or PLACE in text)
    return "term" if TERM in text else "equation" if PLACE in text else "arrays"


def hand_in(path: Path) -> None:
    subprocess.run(["tar", "-cf", str(path), "-C", str(shipped.wrong(WRONG)), "hw3"], check=True)


def test_each_attempt_is_told_its_own_and_another_level_grades_nothing_anew(tmp_path: Path) -> None:
    """The students' texts are written anew, and nothing else: no grade, no figure and no JSON report."""
    made, results = tmp_path / "in", tmp_path / "out"
    made.mkdir()
    for version in (2, 3, 12):
        hand_in(made / f"ada@x.edu_{version}_handin.tar")
    options = (made, "--versions", "all")
    done = batch(results, *options, "--course", course(tmp_path, BY_ATTEMPT))
    assert "3 of 3 hand-ins have a grade (1 graded just now)" in done.stdout  # they are identical
    mine = {number: said(results, f"versions/ada@x.edu/{number}") for number in (2, 3)} | {
        12: said(results, "reports/ada@x.edu")
    }
    assert mine == {2: "arrays", 3: "equation", 12: "term"}
    before = tree(results)
    (full,) = {content for path, content in before.items() if path.endswith("ada@x.edu.json")}
    dh = json.loads(full)["problems"][1]["criteria"][-1]
    assert TERM in dh["cause"]["says"]
    assert dh["assigned"]["file"] == "hw3/gru.py"
    done = batch(results, *options, "--course", course(tmp_path, level="arrays"))
    assert "3 of 3 hand-ins have a grade (0 graded just now)" in done.stdout
    after = tree(results)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed == {"versions/ada@x.edu/3.txt", "reports/ada@x.edu.txt"}
    assert said(results, "reports/ada@x.edu") == "arrays"


def test_a_date_is_that_of_the_hand_in_where_the_export_says_it(tmp_path: Path) -> None:
    """To the second, whatever its zone; and `--at` goes first."""
    made, results = tmp_path / "in", tmp_path / "out"
    for number in (1, 2):
        shipped.answers("gru_cell").mistake("backward/carry_dropped").laid(made / f"submission_{number}")
    (made / "submission_metadata.yml").write_text(METADATA)
    settings = course(tmp_path, BY_DATE)
    batch(results, made, "--platform", "gradescope", "--course", settings)
    assert said(results, "reports/early@x.edu") == "arrays"
    assert said(results, "reports/late@x.edu") == "term"
    batch(results, made, "--platform", "gradescope", "--course", settings, "--at", "2026-02-01T00:00Z")
    assert said(results, "reports/late@x.edu") == "arrays"


def test_without_attempts_of_the_platform_versions_are_counted(tmp_path: Path) -> None:
    """Of what no platform numbers, the first that is there is the first."""
    made, results = tmp_path / "in", tmp_path / "out"
    made.mkdir()
    hand_in(made / "ada.tar")
    batch(results, made, "--course", course(tmp_path, BY_ATTEMPT))
    assert said(results, "reports/ada") == "arrays"
