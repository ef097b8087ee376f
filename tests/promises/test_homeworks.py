"""docs/homeworks.md: every part of the statements has a row, and every row a test that is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from grader import discovery

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "homeworks.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| part", "| ---"))
]
TORCHS_OWN = {"torch_gru_cell", "torch_lstm_cell"}  # no homework of these five: cells as torch writes them


def test_each_assignment_of_the_five_homeworks_is_there() -> None:
    """What can be graded has a section, and each of its problems' points a row that can be read."""
    named = set(re.findall(r"^#+ .*: `(\w+)`$", PAGE, re.MULTILINE))
    assert named == {one.name for one in discovery.assignments()} - TORCHS_OWN


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}"[:50])
def test_each_row_is_shown_by_a_test(row: list[str]) -> None:
    """What is graded automatically is shown by a test that exists."""
    assert len(row) == 4
    _, _, graded, shown = row
    found = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", shown)
    if found is None:
        assert not shown
        assert not graded.startswith(("automatically", "a person"))
        return
    tree = ast.parse((ROOT / found[1]).read_text(encoding="utf-8"))
    assert found[2] in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
