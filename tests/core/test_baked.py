"""Suites that are kept: bit for bit what is drawn, found by all that they depend on, or not used at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shipped

from grader import baked, discovery, engine
from grader.baked import flat, key, shelf
from grader.cases import Seed
from grader.declaration import Loaded
from grader.drawn import Drawn, drawn_from
from grader.errors import GraderError
from grader.faults.bench import Known
from grader.faults.explaining import Explainer
from grader.faults.fault import Fault
from grader.faults.matching import Matcher
from grader.records import Arrays, Suite
from grader.report import json_report, text
from grader.secret import Secret

ROOT = Path(__file__).parents[2]
NOWHERE = Path("/nowhere")
SECRET = Secret(b"a secret of sixteen bytes")


@cache
def known(name: str) -> Loaded:
    """Return the assignment as its folder declares it."""
    return discovery.by_name(name, discovery.assignments())


@cache
def drawn_once(name: str) -> Loaded:
    """Return the assignment as its folder declares it, but that its suites are drawn once for these tests."""
    suites = {key: cache(draw) for key, draw in known(name).suites.items()}
    return replace(known(name), suites=suites, found_suites=suites)


def kept(folder: Path) -> shelf.Shelf:
    return shelf.Shelf(folder, NOWHERE)


def assert_same(one: Arrays, other: Arrays) -> None:
    """Hold two mappings of arrays to each other: names and their order, types, shapes and every bit."""
    assert list(one) == list(other)
    for name, array in one.items():
        assert (array.dtype, array.shape) == (other[name].dtype, other[name].shape), name
        assert array.tobytes() == other[name].tobytes(), name


def assert_same_suite(one: Suite, other: Suite) -> None:
    assert (one.seed, one.sha256, one.chosen, len(one.pool)) == (
        other.seed,
        other.sha256,
        other.chosen,
        len(other.pool),
    )
    assert [getattr(suite.seed, "keyed", False) for suite in (one, other)] in ([False] * 2, [True] * 2)
    assert len(one.cases) == len(other.cases)
    assert [look.says for look in one.lookalikes] == [look.says for look in other.lookalikes]
    together = zip(one.cases, other.cases, one.expected, other.expected, strict=True)
    for number, (mine, its, true, its_truth) in enumerate(together):
        assert replace(mine, inputs={}) == replace(its, inputs={})
        assert_same(mine.inputs, its.inputs)
        assert_same(true, its_truth)
        if number % 10:  # what is told on request alone takes its time
            continue
        for look, like in zip(one.lookalikes, other.lookalikes, strict=True):
            assert_same(look.of(mine), like.of(its))
        assert (one.float32 is None) == (other.float32 is None)
        if one.float32 is not None and other.float32 is not None:
            assert_same(one.float32(mine), other.float32(its))


@pytest.mark.parametrize("name", shipped.NAMES)
@pytest.mark.parametrize("seed", [11])
def test_what_is_kept_is_what_is_drawn(name: str, seed: int, tmp_path: Path) -> None:
    """Of every assignment, whatever is asked of a suite: cases, truths, float32, known wrong answers."""
    assignment = known(name)
    drawn = kept(tmp_path).suites(assignment, seed)  # nothing is there: it is drawn, and kept
    (path,) = tmp_path.iterdir()
    read = kept(tmp_path).suites(assignment, seed)
    assert list(read) == list(drawn)
    for one in drawn:
        assert_same_suite(read[one], drawn[one])
    before = path.read_bytes()
    kept(tmp_path).bake(assignment, seed)
    assert path.read_bytes() == before


def test_what_a_file_does_not_hold_is_drawn(tmp_path: Path) -> None:
    """What is true of other inputs than the cases' own, and how far float32 is off on another case."""
    assignment = known("gru_cell")
    (drawn,) = kept(tmp_path).suites(assignment, 0).values()
    (read,) = kept(tmp_path).suites(assignment, 0).values()
    inputs = {name: 0.5 * array for name, array in read.cases[7].inputs.items()}
    assert drawn.truth is not None
    assert read.truth is not None
    assert_same(read.truth(inputs), drawn.truth(inputs))
    case = replace(read.cases[7], inputs=inputs)
    assert read.float32 is not None
    assert drawn.float32 is not None
    assert_same(read.float32(case), drawn.float32(case))


def test_arrays_of_a_file_cannot_be_written_to(tmp_path: Path) -> None:
    """All gradings of a worker share them."""
    kept(tmp_path).bake(known("gru_cell"), 0)
    (suite,) = kept(tmp_path).suites(known("gru_cell"), 0).values()
    with pytest.raises(ValueError, match="read-only"):
        suite.expected[0]["h"][...] = 0


# --- with a secret


def test_a_secret_is_baked_with_its_pool(tmp_path: Path) -> None:
    """Each hand-in is asked what it would be asked, and only the owner can read the file."""
    assignment = known("torch_gru_cell")
    seed, mark = drawn_from(assignment, 0, SECRET)
    drawn = kept(tmp_path).suites(assignment, seed, mark)
    assert not list(tmp_path.iterdir())  # unasked, nothing of a secret is written down
    path = kept(tmp_path).bake(assignment, seed, mark)
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(int(seed)) not in path.name
    read = kept(tmp_path).suites(assignment, seed, mark)
    for name, suite in read.items():
        assert_same_suite(suite, drawn[name])
        for position in (0, 17, len(suite.pool) - 1):
            (case, truth), (its, its_truth) = suite.pool[position], drawn[name].pool[position]
            assert replace(case, inputs={}) == replace(its, inputs={})
            assert_same(case.inputs, its.inputs)
            assert_same(truth, its_truth)
    chosen = read["cells"].with_chosen((3, 40))
    assert_same(chosen.expected[-1], drawn["cells"].with_chosen((3, 40)).expected[-1])


# --- what cannot be used


def spoilt_by(path: Path, how: str) -> None:
    content = path.read_bytes()
    match how:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "empty":
            path.write_bytes(b"")
        case "a bit":
            path.write_bytes(content[:-3000] + bytes([content[-3000] ^ 1]) + content[-2999:])
        case "another file":
            path.write_bytes(b"PK\x03\x04" + content[4:])
        case "others may write":
            path.chmod(0o666)
        case "another user's":
            os.chown(path, 65534, 65534)
        case "a folder":
            path.unlink()
            path.mkdir()


UNUSABLE = ("cut", "empty", "a bit", "another file", "others may write", "another user's", "a folder")


@pytest.mark.parametrize("how", UNUSABLE)
def test_what_is_not_whole_or_not_ours_is_drawn_anew(how: str, tmp_path: Path) -> None:
    """It is never what a hand-in is held to; where it can be replaced, it is."""
    if how == "another user's" and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    assignment = known("gru_cell")
    path = kept(tmp_path).bake(assignment, 0)
    whole = path.read_bytes()
    spoilt_by(path, how)
    (suite,) = kept(tmp_path).suites(assignment, 0).values()
    assert_same(
        suite.expected[5], next(iter(kept(tmp_path / "other").suites(assignment, 0).values())).expected[5]
    )
    if how != "a folder":
        assert path.read_bytes() == whole
        assert path.stat().st_mode & 0o777 == 0o644


def test_what_other_versions_drew_is_drawn_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where torch is there, in another version; where it is not, what there is holds."""
    assignment = known("gru_cell")
    kept(tmp_path).bake(assignment, 0)
    asked: list[int] = []

    def draw(seed: int) -> Suite:
        asked.append(seed)
        raise ImportError(name="torch")

    suites = {"cells": draw}
    other = replace(assignment, suites=suites, found_suites=suites)
    kept(tmp_path).suites(other, 0)
    assert not asked
    there: Mapping[str, str | None] = {**key.versions(), "torch": None, "hypothesis": None}
    monkeypatch.setattr(shelf, "versions", lambda: there)
    kept(tmp_path).suites(other, 0)
    assert not asked
    monkeypatch.setattr(shelf, "versions", lambda: {**there, "torch": "9.9.9"})
    with pytest.raises(
        GraderError, match=r"was drawn with torch 2\.13\.0.*, and 9\.9\.9 is installed; and it"
    ):
        kept(tmp_path).suites(other, 0)
    assert asked == [0]


def test_nothing_is_kept_of_suites_that_no_folder_declares(tmp_path: Path) -> None:
    """Their assignment's folder says nothing of them."""
    assignment = known("gru_cell")
    other = replace(assignment, suites={**assignment.suites})
    kept(tmp_path).suites(other, 0)
    assert not list(tmp_path.iterdir())


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    """As where there is a file in its place, or none at all is wanted."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", None):
        found = shelf.Shelf(folder, NOWHERE).suites(known("gru_cell"), 0)
        assert len(found["cells"].cases) == 64


def test_a_cache_keeps_what_was_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is written to for years does not grow for ever."""
    monkeypatch.setattr(shelf, "MOST_FILES", 2)
    assignment = known("gru_cell")
    paths = [kept(tmp_path).bake(assignment, 0)]
    for age, seed in enumerate((1, 2), start=1):
        os.utime(paths[-1], (age, age))
        paths.append(kept(tmp_path).bake(assignment, seed))
    assert sorted(tmp_path.glob("*.suites")) == sorted(paths[1:])
    assert len(list(tmp_path.iterdir())) == 4


# --- what a file is found by


def test_a_key_says_all_that_a_suite_depends_on(tmp_path: Path) -> None:
    """Another seed, secret, assignment, set of points, or file in the assignment's folder: another file."""
    assignment = known("gru_cell")
    problems = (replace(assignment.problems[0], points=1.0), *assignment.problems[1:])
    folder = tmp_path / "gru_cell"
    folder.mkdir()
    (folder / "assignment.py").write_text("changed")
    keys = [
        key.key(assignment, 0, ""),
        key.key(assignment, 1, ""),
        key.key(assignment, 0, "a mark"),
        key.key(known("torch_gru_cell"), 0, ""),
        key.key(replace(assignment, problems=problems), 0, ""),
        key.key(replace(assignment, folder=folder), 0, ""),
    ]
    assert len(set(keys)) == len(keys)
    assert key.key(assignment, Seed(0), "") == keys[0]


# Imported when a suite is drawn, and of no effect on it.
NO_PART = {
    "grader",
    "grader.autolab_rules",
    "grader.compare",
    "grader.course_data",
    "grader.discovery",
    "grader.errors",
    "grader.executed",
    "grader.formatting",
    "grader.outcomes",
    "grader.pictures",
    "grader.remembered",
    "grader.slices",
}
NO_PACKAGE = ("grader.declaration", "grader.faults", "grader.inside", "grader.records")


def modules_of(*names: str) -> set[str]:
    """Return the modules whose source is part of a key."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in key._files(*names)
    }


def left_out(code: str, held: set[str], packages: tuple[str, ...]) -> set[str]:
    """Return the modules of ours, of those that a program prints, that neither are held nor lie in these
    packages.
    """
    command = [sys.executable, "-c", code]
    names = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    return {name for name in names - held if not any(f"{name}.".startswith(f"{one}.") for one in packages)}


def test_a_key_holds_the_source_of_all_that_draws() -> None:
    """No module of ours that is imported when suites are drawn is left out, unless it takes no part."""
    code = (
        "import sys; from grader import discovery\n"
        "for one in discovery.assignments():\n"
        "    for draw in one.suites.values(): draw(0)\n"
        "print(*(name for name in sys.modules if name.split('.')[0] in ('grader', 'reference')))"
    )
    held = modules_of(*key.DRAWN_BY)
    assert {"grader.suite", "reference.gru"} <= held
    assert not left_out(code, held | NO_PART, NO_PACKAGE)


# --- catalogues of mistakes


def explainers(assignment: Loaded, shelf_: shelf.Shelf, seed: int = 0) -> dict[str, Explainer]:
    """Return what names causes of mistakes, by the name of its catalogue."""
    drawn = Drawn(seed, None, shelf_)
    found = {name: drawn.explain(assignment, name) for name in shelf.explainers(assignment)}
    return {name: one for name, one in found.items() if isinstance(one, Explainer)}


def assert_same_catalogue(one: Known, other: Known) -> None:
    """Hold two catalogues to each other: every fault, and what is computed of it to the bit."""
    assert (one.probe, list(one.safe)) == (other.probe, list(other.safe))
    assert list(one.faults.faults) == list(other.faults.faults)
    assert [text_of(fault) for fault in one.faults.faults] == [
        text_of(fault) for fault in other.faults.faults
    ]
    assert_same(one.faults.columns.arrays, other.faults.columns.arrays)
    assert np.array_equal(one.faults.breaks, other.faults.breaks)
    assert list(one.faults.made) == list(other.faults.made)
    for name, (at, made) in one.faults.made.items():
        assert np.array_equal(at, other.faults.made[name][0])
        assert made.tobytes() == other.faults.made[name][1].tobytes()
    program, others = one.faults.case.program, other.faults.case.program
    assert {name: program.shapes[name] for name in others.shapes} == dict(others.shapes)


def text_of(fault: Fault) -> list[str]:
    """Return what a fault's lines say, in their order, as a sentence would have it."""
    lines = [*fault.lines.items(), *(fault.back or {}).items(), *fault.outputs.items(), *fault.given.items()]
    return [f"{name} = {node}" for name, node in lines]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 11])
@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_catalogue_that_is_kept_is_what_is_compiled(name: str, seed: int, tmp_path: Path) -> None:
    """Of every assignment, and for each of its suites: fault by fault, array by array."""
    assignment = drawn_once(name)
    folder = tmp_path / "kept"
    for explainer in explainers(assignment, kept(folder), seed).values():
        explainer.prepare()  # nothing is there: it is compiled, and kept
    files = {path: path.read_bytes() for path in folder.glob("*.faults")}
    assert len(files) == len(shelf.explainers(assignment))
    for one in explainers(assignment, kept(folder), seed).values():
        matcher = one._matcher
        assert_same_catalogue(matcher.known, matcher._computed())
    assert {path: path.read_bytes() for path in folder.glob("*.faults")} == files
    kept(tmp_path / "baked").bake(assignment, seed)
    assert {path.name: path.read_bytes() for path in (tmp_path / "baked").glob("*.faults")} == {
        path.name: content for path, content in files.items()
    }


def never(*_: object) -> Any:
    raise AssertionError("it is compiled")


def test_a_catalogue_that_is_kept_is_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it where it was built in, and the cache has none."""
    assignment = drawn_once("gru_cell")
    kept(tmp_path).bake(assignment, 0)
    monkeypatch.setattr(Matcher, "compiled", never)
    explainers(assignment, kept(tmp_path))["cells"].prepare()
    explainers(assignment, shelf.Shelf(None, tmp_path))["cells"].prepare()
    with pytest.raises(AssertionError, match="it is compiled"):
        explainers(assignment, kept(tmp_path), seed=1)["cells"].prepare()


@pytest.mark.parametrize("how", UNUSABLE)
def test_a_catalogue_that_is_not_whole_or_not_ours_is_compiled_anew(how: str, tmp_path: Path) -> None:
    """It is never what a mistake is named by; where it can be replaced, it is."""
    if how == "another user's" and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    assignment = drawn_once("gru_cell")
    kept(tmp_path).bake(assignment, 0)
    (path,) = tmp_path.glob("*.faults")
    whole = path.read_bytes()
    spoilt_by(path, how)
    count = len(explainers(assignment, kept(tmp_path))["cells"]._matcher.faults.faults)
    assert count > 3000
    if how != "a folder":
        assert path.read_bytes() == whole
        assert path.stat().st_mode & 0o777 == 0o644


def test_a_catalogue_of_a_secret_is_written_by_its_owner_alone(tmp_path: Path) -> None:
    """Its arrays are made of the secret's cases: unasked, nothing of them is written down."""
    assignment = drawn_once("gru_cell")
    seed, mark = drawn_from(assignment, 0, SECRET)
    drawn = Drawn(0, SECRET, kept(tmp_path))
    drawn.explain(assignment, "cells").prepare()
    assert not list(tmp_path.iterdir())
    kept(tmp_path).bake(assignment, seed, mark)
    (path,) = tmp_path.glob("*.faults")
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(int(seed)) not in path.name


def test_nothing_is_kept_of_explanations_that_no_folder_declares(tmp_path: Path) -> None:
    """Their assignment's folder says nothing of them."""
    assignment = drawn_once("gru_cell")
    other = replace(assignment, explains={**assignment.explains})
    explainers(other, kept(tmp_path))["cells"].prepare()
    assert not list(tmp_path.glob("*.faults"))


def test_a_key_says_all_that_a_catalogue_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another case, name, equation, rule of mistakes, or NumPy: another file."""
    assignment = drawn_once("gru_cell")
    suites = kept(tmp_path / "cache").suites(assignment, 0)
    folder = tmp_path / "gru_cell"
    shutil.copytree(assignment.folder, folder)
    statement = folder / "statement.md"
    statement.write_text(statement.read_text(encoding="utf-8") + "More.", encoding="utf-8")
    keys = [
        key.catalogue_key(assignment, "cells", suites),
        key.catalogue_key(assignment, "others", suites),
        key.catalogue_key(assignment, "cells", kept(tmp_path / "cache").suites(assignment, 1)),
        key.catalogue_key(replace(assignment, folder=folder), "cells", suites),
    ]
    monkeypatch.setattr(key, "_version", lambda _: "9.9.9")
    keys.append(key.catalogue_key(assignment, "cells", suites))
    monkeypatch.setattr(key, "_sources", lambda *_: "changed")
    keys.append(key.catalogue_key(assignment, "cells", suites))
    assert len(set(keys)) == len(keys)


# Imported when catalogues are compiled, and of no effect on them.
NO_PART_IN_FAULTS = NO_PART | {"grader.drawn", "grader.secret", "grader.places"}


def test_a_key_holds_the_source_of_all_that_compiles() -> None:
    """No module of ours that is imported when they are compiled is left out, unless it takes no part."""
    code = (
        "import sys; from grader import discovery\n"
        "from grader.drawn import Drawn; from grader.baked import Shelf, usual_folder\n"
        "drawn = Drawn(0, None, Shelf(usual_folder()))\n"
        "for one in discovery.assignments():\n"
        "    suites = drawn.of(one)\n"
        "    for make in set(one.explains.values()): make(suites, lambda compiled: compiled()).prepare()\n"
        "print(*(name for name in sys.modules if name.split('.')[0] in ('grader', 'reference')))"
    )
    held = modules_of(*key.DRAWN_BY, *key.COMPILED_BY)
    assert {"grader.faults.rules", "grader.faults.written"} <= held
    assert not left_out(code, held | NO_PART_IN_FAULTS, ("grader.baked", *NO_PACKAGE))


# --- gradings


def rendered(assignment: Loaded, folders: list[Path], options: engine.Options) -> list[str]:
    with engine.Grader([assignment], options) as grader:
        reports = [grader.grade(folder) for folder in folders]
    return [form for report in reports for form in (text.render(report), json_report.render(report))]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "each"), [(5, 6), (0, 11), (13, 17)])
@pytest.mark.parametrize("name", shipped.NAMES)
def test_reports_are_the_same_to_the_byte(
    name: str, seed: int, each: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the model and of mistakes, whether all was drawn and compiled just now, or long ago."""
    assignment = known(name)
    wrong = shipped.all_wrong(name)[seed % each :: each]
    folders = [shipped.ROOT / "src" / assignment.model_folder, *map(shipped.wrong, wrong)]
    options = engine.Options(assignment=name, seed=seed)
    monkeypatch.setenv(baked.VARIABLE, "")
    fresh = rendered(assignment, folders, options)
    monkeypatch.setenv(baked.VARIABLE, str(tmp_path))
    assert rendered(assignment, folders, options) == fresh
    assert len(list(tmp_path.glob("*.suites"))) == 1
    # Of a notebook, some mistakes are in what no equation says: nothing is compiled for those alone.
    is_compiled = bool(list(tmp_path.glob("*.faults")))
    assert is_compiled is bool(assignment.explains) or (not is_compiled and assignment.definitions_alone)
    assert rendered(assignment, folders, options) == fresh


WITHOUT = """
import sys
from importlib.machinery import PathFinder

find = PathFinder.find_spec


def find_others(name, *where):
    return None if name.split(".")[0] in ("torch", "hypothesis") else find(name, *where)


PathFinder.find_spec = find_others
from grader.cli import main
code = main(sys.argv[1:])
print("torch" in sys.modules or "hypothesis" in sys.modules, file=sys.stderr)
sys.exit(code)
"""


def graded_without_torch(cache: Path, hand_in: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, "grade", "--assignment", "gru_cell", str(hand_in)],
        capture_output=True,
        text=True,
        env={**os.environ, baked.VARIABLE: str(cache)},
        cwd=ROOT,
    )


def test_a_baked_suite_grades_where_there_is_no_torch(tmp_path: Path) -> None:
    """A right answer and a wrong one, by what was baked; without it, or cut, they are refused by name."""
    done = graded_without_torch(tmp_path, shipped.ROOT / "src" / "gru_cell")
    assert done.returncode == 3
    assert "gru_cell is not baked for this seed and these settings; and it cannot be drawn" in " ".join(
        done.stdout.split()
    )
    path = kept(tmp_path).bake(known("gru_cell"), 0)
    done = graded_without_torch(tmp_path, shipped.ROOT / "src" / "gru_cell")
    assert "100 / 100" in done.stdout
    done = graded_without_torch(tmp_path, shipped.wrong("gru_cell/backward/update_gate_derivative_left_out"))
    assert "65 / 100" in done.stdout
    assert "exactly what comes out when" in done.stdout
    spoilt_by(path, "cut")
    done = graded_without_torch(tmp_path, shipped.ROOT / "src" / "gru_cell")
    assert done.returncode == 3
    said = "".join(done.stdout.split())  # a long path may be broken
    assert f"{path.name}cannotbeused:itschecksumisanotherone" in said


def test_several_processes_may_bake_at_once(tmp_path: Path) -> None:
    """Whoever reads meanwhile finds a whole file."""
    command = [sys.executable, "-m", "grader", "bake", "torch_gru_cell"]
    env = {**os.environ, baked.VARIABLE: str(tmp_path)}
    running = [subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(3)]
    assert [one.communicate() and one.returncode for one in running] == [0, 0, 0]
    (path,) = tmp_path.glob("*.suites")
    assert flat.Flat(path).index["assignment"] == "torch_gru_cell"
    (path,) = tmp_path.glob("*.faults")
    assert flat.Flat(path).index["arrays"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_cache_is_where_users_expect_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """CELLGRADE_CACHE, else XDG_CACHE_HOME, else ~/.cache; none where it is set to nothing."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv(baked.VARIABLE, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert baked.usual_folder() == Path("/home/ada/.cache/cellgrade")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/ada")
    assert baked.usual_folder() == Path("/var/cache/ada/cellgrade")
    monkeypatch.setenv(baked.VARIABLE, "/srv/suites")
    assert baked.usual_folder() == Path("/srv/suites")
    monkeypatch.setenv(baked.VARIABLE, "")
    assert baked.usual_folder() is None


def test_an_array_of_objects_is_not_written() -> None:
    """Nothing in a file is ever unpickled."""
    with pytest.raises(TypeError, match="cannot be baked"):
        flat.Arrays().place(np.array([None]))
