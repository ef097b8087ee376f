"""What there is to be graded is known from a list: it says what the declarations say, or it is not used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
import shipped
from test_discovery import folder

from grader import discovery, listed
from grader.course import Course
from grader.declaration import Loaded
from grader.errors import DeclarationError

ROOT = Path(__file__).parents[2]
OLD_S = 1_000_000_000  # when a file was changed that nobody changes any more


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache of this test alone."""
    monkeypatch.setenv("CELLGRADE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def homeworks(tmp_path: Path) -> Path:
    """Return a folder of two assignments that were declared long ago."""
    parent = tmp_path / "homeworks"
    parent.mkdir()
    for name in ("one", "two"):
        folder(parent, name)
    long_ago(parent)
    return parent


def long_ago(parent: Path) -> None:
    for path in parent.rglob("*"):
        os.utime(path, (OLD_S, OLD_S))


def plain(value: object) -> object:
    """Return a value without its functions, which are compared by what they do."""
    if callable(value) and not isinstance(value, type):
        return "a function"
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}  # type: ignore[arg-type]
    return value


@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_list_says_what_the_declarations_say(name: str) -> None:
    """Every attribute of every assignment, its digest, and what its functions answer."""
    known = discovery.assignments()
    listed.keep(known, Path(os.environ["CELLGRADE_CACHE"]))
    found = discovery.by_name(name, listed.assignments())
    declared = discovery.by_name(name, known)
    assert type(found) is listed.Listed
    assert plain({one.name: getattr(found, one.name) for one in fields(Loaded)}) == plain(
        {one.name: getattr(declared, one.name) for one in fields(Loaded)}
    )
    assert (found.rows, found.written, found.calls) == (declared.rows, declared.written, declared.calls)
    assert discovery.digest(found) == discovery.digest(declared)
    assert found.is_as_found
    for key, further in declared.further.items():
        assert found.further[key]().ranges == further().ranges
    changed = replace(found, limits=replace(found.limits, call_s=1.0))
    assert (type(changed), changed.limits.call_s, changed.title) == (Loaded, 1.0, declared.title)


def test_what_is_listed_is_not_loaded(homeworks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing of a declaration runs, until a function of it is called."""
    first = listed.assignments(homeworks)
    assert [type(one) for one in first] == [Loaded, Loaded]
    monkeypatch.setattr(discovery, "assignment", not_to_be_called)
    one, two = listed.assignments(homeworks)
    assert (one.name, two.name, one.max_score, two.adapter) == ("one", "two", 10, "ADAPTER = 'ä'\n")
    with pytest.raises(AssertionError, match="loaded"):
        one.suites["cells"](0)


def not_to_be_called(folder: Path) -> Loaded:
    raise AssertionError(f"{folder} was loaded")


def more(homeworks: Path, _: Path) -> None:
    folder(homeworks, "three")


def changed(homeworks: Path, _: Path) -> None:
    path = homeworks / "one" / "assignment.py"
    path.write_text(path.read_text().replace("10", "20"))
    os.utime(path, (OLD_S + 1, OLD_S + 1))


def cut(_: Path, kept: Path) -> None:
    kept.write_bytes(kept.read_bytes()[:-10])


def altered(_: Path, kept: Path) -> None:
    kept.write_bytes(kept.read_bytes().replace(b"A homework", b"B homework"))


def anybodys(_: Path, kept: Path) -> None:
    kept.chmod(0o666)


@pytest.mark.parametrize("become", [more, changed, cut, altered, anybodys])
def test_a_list_that_does_not_fit_is_not_used(
    homeworks: Path, cache: Path, become: Callable[[Path, Path], None]
) -> None:
    """An assignment more, one that was changed, and a list that is cut, altered, or may be anybody's."""
    listed.assignments(homeworks)
    [kept] = cache.glob(f"*{listed.SUFFIX}")
    become(homeworks, kept)
    found, fresh = listed.assignments(homeworks), discovery.assignments(homeworks)
    assert [type(one) for one in found] == [Loaded] * len(fresh)
    assert plain(found) == plain(fresh)


def test_a_list_names_nothing_to_import(homeworks: Path, cache: Path) -> None:
    """What it says of a function is a place in the declaration; anything else is no list of ours."""
    listed.assignments(homeworks)
    [kept] = cache.glob(f"*{listed.SUFFIX}")
    found = json.loads(kept.read_bytes().partition(b"\n")[2])
    whole = json.loads(found[0]["whole"])
    for odd in (["import", "os"], ["second", "system"], ["class", "Path", {}], ["enum", "Blame", "NOBODY"]):
        with pytest.raises((KeyError, ValueError)):
            listed.form.read({**whole, "title": odd}, lambda: discovery.assignment(homeworks / "one"))


def test_what_was_changed_just_now_is_not_listed(homeworks: Path, cache: Path) -> None:
    """It may change again, and keep its size and time."""
    os.utime(homeworks / "one" / "assignment.py")
    listed.assignments(homeworks)
    assert not cache.exists()


def test_a_broken_assignment_is_named_each_time(homeworks: Path, cache: Path) -> None:
    """Of a folder in which one cannot be loaded nothing is listed."""
    (homeworks / "two" / "assignment.py").write_text("1/0")
    long_ago(homeworks)
    for _ in range(2):
        with pytest.raises(DeclarationError, match="ZeroDivisionError"):
            listed.assignments(homeworks)


def test_settings_that_change_nothing_load_nothing(homeworks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A course that says nothing of limits has the assignments as they are listed."""
    listed.assignments(homeworks)
    monkeypatch.setattr(listed, "_attributes", not_to_be_called)
    assert [one.name for one in Course().applied(listed.assignments(homeworks))] == ["one", "two"]


def test_a_grading_imports_no_other_assignment(tmp_path: Path) -> None:
    """A wrong answer's neither: what explains it is its own assignment's."""
    hand_in = shipped.wrong("gru_cell/backward/update_gate_derivative_left_out")
    code = (
        "import sys; from grader import cli\n"
        f"assert cli.main(['grade', {str(hand_in)!r}, '--output', {str(tmp_path / 'report.txt')!r}]) == 0\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules if 'assignment_' in name}))"
    )
    listed.keep(discovery.assignments(), Path(os.environ["CELLGRADE_CACHE"]))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cellgrade_assignment_gru_cell"]
