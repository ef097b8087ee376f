"""Assignments are folders: found without being named anywhere, and named when they are broken."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from grader import discovery
from grader.errors import DeclarationError, UsageError

GOOD = """
from grader.declaration import Assignment, Check, Output, Problem, Wanted

ASSIGNMENT = Assignment(
    name={name!r},
    title="A homework",
    wanted=(Wanted("hw1/cell.py"),),
    problems=(Problem("Forward", 10, (Check("forward", "cells", (Output("h"),)),)),),
    suites={{"cells": lambda seed: None}},
)
"""


def folder(parent: Path, name: str, declared: str = GOOD, adapter: str | None = "ADAPTER = 'ä'\n") -> Path:
    made = parent / name
    made.mkdir()
    (made / "assignment.py").write_text(declared.format(name=name), encoding="utf-8")
    if adapter is not None:
        (made / "adapter.py").write_text(adapter, encoding="utf-8")
    return made


def test_an_assignment_is_a_folder(tmp_path: Path) -> None:
    """A new folder is found, in the order of names, with its adapter's source; no other line is needed."""
    folder(tmp_path, "second")
    folder(tmp_path, "first")
    (tmp_path / "no_assignment").mkdir()
    first, second = discovery.assignments(tmp_path)
    assert (first.name, second.name) == ("first", "second")
    assert first.adapter == "ADAPTER = 'ä'\n"
    assert first.starter == {}


def test_the_starter_comes_along(tmp_path: Path) -> None:
    """What students are given is read as bytes, by its path, without what Python left there."""
    starter = folder(tmp_path, "one") / "starter"
    (starter / "hw1" / "__pycache__").mkdir(parents=True)
    (starter / "hw1" / "cell.py").write_bytes(b"\xff = 1\r\n")
    (starter / "hw1" / "__pycache__" / "cell.pyc").write_bytes(b"compiled")
    [one] = discovery.assignments(tmp_path)
    assert one.starter == {"hw1/cell.py": b"\xff = 1\r\n"}


def test_the_built_in_ones_are_found() -> None:
    """Without a folder named, it is ours; each has an adapter and a starter for what it wants."""
    found = discovery.assignments()
    assert "gru_cell" in [one.name for one in found]
    for one in found:
        assert one.adapter
        required = [wanted.path for wanted in one.wanted if wanted.required]
        assert all(any(fnmatchcase(path, wanted) for path in one.starter) for wanted in required)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def broken(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("raise SystemExit", "SystemExit"),
        ("", "ASSIGNMENT"),
        ("ASSIGNMENT = 'gru'", "must declare ASSIGNMENT with name 'broken'"),
        (GOOD.replace("{name!r}", "'another'"), "must declare ASSIGNMENT with name 'broken'"),
        (GOOD.replace("name={name!r},", ""), "TypeError"),
        (GOOD.replace('"Forward"', '"Part 1: forward"'), "Autolab cannot carry the problem name"),
        (GOOD.replace('"Forward"', '" Forward"'), "begins or ends with a space"),
        (GOOD.replace('"Forward"', '"Forward "'), "begins or ends with a space"),
        (GOOD.replace('"Forward"', '""'), "it is empty"),
        (GOOD.replace('"Forward"', '"F" * 256'), "it has 256 characters, and 255 fit"),
        (GOOD.replace('"Forward"', '"For\\tward"'), "does not print"),
        (GOOD.replace('"Forward"', '"_scores_order"'), "begin with _"),
        (GOOD.replace('"Forward"', '"_total"'), "begin with _"),
        (GOOD.replace('"Forward"', '"stages"'), "keeps this name for itself"),
        (GOOD.replace('Output("h")', 'Output("_h")'), "the criterion name '_h': names that begin with _"),
        (GOOD.replace('Output("h")', 'Output(" h")'), "the criterion name ' h'"),
        (GOOD.replace('Output("h")', 'Output("h" * 256)'), "255 fit"),
        (
            GOOD.replace(
                "problems=(", 'problems=(Problem("forward", 1, (Check("b", "cells", (Output("h"),)),)), '
            ),
            "distinct names, by more than their case",
        ),
        (GOOD.replace("name=", 'stand_ins=("scipy/*",), name=', 1), "no provided file is that"),
        (GOOD.replace('"cells", (', '"cellz", ('), "there is no suite 'cellz'"),
        # The declaration's own name need not be the folder's: the folder must be named all the same.
        (GOOD.replace("{name!r}", "'x'").replace("10, (", "10, () and ("), "criteria must be distinct"),
    ],
)
def test_a_broken_assignment_is_named_by_its_folder(tmp_path: Path, declared: str, says: str) -> None:
    """Whatever an assignment.py does wrong, even ending the process, the error says what and where."""
    broken = folder(tmp_path, "broken", declared)
    with pytest.raises(DeclarationError) as caught:
        discovery.assignments(tmp_path)
    assert str(broken) in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["F" * 255, "Part 1 (forward)", "a_b", "Stages", "Eq. (4) :"])
def test_a_name_that_autolab_can_carry_is_taken(tmp_path: Path, name: str) -> None:
    """No more is refused than breaks something."""
    folder(tmp_path, "good", GOOD.replace('"Forward"', repr(name)))
    assert discovery.assignments(tmp_path)[0].problems[0].name == name


def test_an_assignment_without_an_adapter_is_broken(tmp_path: Path) -> None:
    """Nothing could be asked without an adapter: the missing file is named."""
    broken = folder(tmp_path, "broken", adapter=None)
    with pytest.raises(DeclarationError, match=r"adapter\.py") as caught:
        discovery.assignments(tmp_path)
    assert str(broken) in str(caught.value)


def test_one_broken_assignment_is_not_passed_over(tmp_path: Path) -> None:
    """A homework that silently went missing would be found out by its students."""
    folder(tmp_path, "good")
    folder(tmp_path, "worse", "1 / 0")
    with pytest.raises(DeclarationError, match="worse"):
        discovery.assignments(tmp_path)


def test_by_name_lists_the_choices(tmp_path: Path) -> None:
    """Asked for what is not there, it says what is."""
    folder(tmp_path, "one")
    folder(tmp_path, "two")
    known = discovery.assignments(tmp_path)
    assert discovery.by_name("two", known) is known[1]
    with pytest.raises(UsageError, match="there is no assignment 'three'; there are: one, two"):
        discovery.by_name("three", known)
    with pytest.raises(UsageError, match="there is no assignment 'on'"):
        discovery.by_name("on", known)


def test_a_name_that_the_starter_lacks_is_found(tmp_path: Path) -> None:
    """Students would be asked for a function that nobody gave them."""
    asks = GOOD.replace('Wanted("hw1/cell.py")', 'Wanted("hw1/cell.py", methods=("Cell.forward",))')
    starter = folder(tmp_path, "broken", asks) / "starter" / "hw1"
    starter.mkdir(parents=True)
    (starter / "cell.py").write_text("class Cell:\n    def backward(self): ...\n")
    with pytest.raises(DeclarationError, match=r"the starter's hw1/cell.py defines no Cell.forward"):
        discovery.assignments(tmp_path)
    (starter / "cell.py").write_text("class Cell:\n    def forward(self): ...\n")
    assert len(discovery.assignments(tmp_path)) == 1
