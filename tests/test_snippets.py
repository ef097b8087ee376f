"""What a student pastes to try a failing case runs as it stands, and prints the very array that fails.

Every snippet of every wrong answer is run twice in a fresh Python, with the hand-in beside it and with the
model hand-in in its place: it prints the wrong array there, and the right one here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_assignments import NAMES, ROOT, known, wrong_answers

from grader import engine
from grader.declaration import Check, Environment, Output
from grader.report import text
from grader.sandbox import environment
from grader.snippet import Source, snippet
from grader.words import Case, Counterexample

# Forks for each snippet, so that nothing of one hand-in is there for the next; takes and gives JSON.
RUNNER = """
import builtins, json, os, sys
import numpy as np

def run(folder, lines):
    printed = []
    os.chdir(folder)
    sys.path.insert(0, folder)
    shown = lambda *values, **_: printed.append(values)
    exec("\\n".join(lines), {"__name__": "__main__", "print": shown})
    (array,), = printed  # one print, of one array
    return np.asarray(array, dtype=float).tolist()

for line in sys.stdin:
    read, write = os.pipe()
    if os.fork() == 0:
        sys.stdout = open(os.devnull, "w")
        np.seterr(all="ignore")
        try:
            said = {"array": run(*json.loads(line))}
        except BaseException as error:
            said = {"raised": f"{type(error).__name__}: {error}"}
        with open(write, "w") as pipe:
            json.dump(said, pipe)
        os._exit(0)
    os.close(write)
    with open(read) as pipe:
        print(pipe.read())
    os.wait()
"""


# Wrong answers that begin with random numbers, whose seed no report tells: wrong, but in other numbers.
UNSEEDED = {"gradients_start_at_random"}


@dataclass(frozen=True)
class Shown:
    """A counterexample of a wrong answer: whose, in which file, of which criterion."""

    folder: Path
    main: str
    criterion: str
    example: Counterexample

    def __str__(self) -> str:
        return f"{self.folder.relative_to(ROOT)}: {self.criterion}\n" + "\n".join(self.example.call)


@cache
def shown(name: str) -> tuple[Shown, ...]:
    """Every counterexample of an assignment's wrong answers; those that the text report has, it has whole."""
    found: list[Shown] = []
    with engine.Grader([known(name)], engine.Options()) as grader:
        for folder in (path for assignment, path in wrong_answers() if assignment == name):
            report = grader.grade(folder)
            found += [
                Shown(folder, report.files[0].path, one.name, one.counterexample)
                for problem in report.problems
                for one in problem.criteria
                if one.counterexample is not None
            ]
            whole = set(text.render(report).splitlines())
            for problem in report.problems:
                first = [one.counterexample for one in problem.criteria if one.counterexample is not None][:1]
                assert all(set(example.call) <= whole for example in first), folder
    return tuple(found)


def printed(runs: Mapping[int, tuple[Path, tuple[str, ...]]]) -> dict[int, dict[str, Any]]:
    """What these snippets print in these folders: {"array": ...}, or {"raised": ...}."""
    asked = "".join(json.dumps([str(folder), lines]) + "\n" for folder, lines in runs.values())
    python = environment.student_python(Environment.NUMPY)
    done = subprocess.run(
        [python, "-P", "-c", RUNNER], input=asked, capture_output=True, text=True, check=True
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(runs, said, strict=True))


def laid(one: Shown, at: Path, name: str, *, model: bool) -> Path:
    """The folder that a snippet runs in, of the hand-in or the model in its place, with what is provided."""
    source = ROOT / "src" / name if model else one.folder
    shutil.copytree(source, at, dirs_exist_ok=True)
    main = at / one.main
    if model and not main.exists():
        main.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(next(path for path in sorted(at.rglob("*.py"))), main)
    for path, content in known(name).provided.items():
        beside = main.parent / path
        if not beside.exists():
            beside.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(content)
    return main.parent


def numbers(letters: str | None) -> np.ndarray[Any, Any]:
    """An array that a report shows in letters."""
    return np.array(eval(letters or "", {"np": np}), dtype=float)


def is_shown(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    """Whether an array is the one shown as `wanted`, and not the other: both are shown in few digits."""
    if found.shape != wanted.shape or (np.isfinite(found) != np.isfinite(wanted)).any():
        return False
    finite = np.isfinite(found)
    if wanted.shape != other.shape or not np.isfinite(other).all() or not finite.all():
        return bool(np.allclose(found[finite], wanted[finite], rtol=1e-3))
    between = np.abs(wanted - other)
    off = np.abs(found - wanted)
    worst = np.unravel_index(np.argmax(between), between.shape)
    return bool((off <= 0.6 * between + 1e-3 * np.abs(wanted)).all() and off[worst] <= 0.6 * between[worst])


def wrongly_printed(name: str, tmp_path: Path) -> Iterator[str]:
    """What is wrong with the snippets of an assignment, one text each."""
    all_ = shown(name)
    folders: dict[tuple[Path, bool], Path] = {}
    for one in all_:
        for model in (False, True):
            if (one.folder, model) not in folders:
                at = tmp_path / f"{len(folders)}"
                folders[one.folder, model] = laid(one, at, name, model=model)
    for model in (False, True):
        runs = {i: (folders[one.folder, model], one.example.call) for i, one in enumerate(all_)}
        for i, said in printed(runs).items():
            one = all_[i]
            if "raised" in said:
                yield f"{one}\nraised {said['raised']} {'with the model' if model else ''}"
                continue
            if "..." in f"{one.example.yours} {one.example.expected}":
                continue  # too large to be shown whole
            wrong, true = numbers(one.example.yours), numbers(one.example.expected)
            wanted, other = (true, wrong) if model else (wrong, true)
            found = np.array(said["array"])
            if model and found.size == wanted.size:
                found = found.reshape(wanted.shape)  # (1, n) or (n,): a vector is right as either
            if one.folder.name in UNSEEDED and not model:
                ok = not np.allclose(found, true, rtol=1e-3)
            else:
                ok = is_shown(found, wanted, other)
            if not ok:
                yield f"{one}\nprinted {found}, not {wanted} {'with the model' if model else ''}"


@pytest.mark.parametrize("name", NAMES)
def test_every_snippet_prints_what_the_report_says(name: str, tmp_path: Path) -> None:
    """Pasted with the hand-in beside it, it prints the wrong array; with the model's, the right one."""
    assert shown(name)
    wrong = list(wrongly_printed(name, tmp_path))
    assert not wrong, f"{len(wrong)} of {2 * len(shown(name))}:\n\n" + "\n\n".join(wrong[:10])


CHECK = Check("f", "cases", (Output("y"),), paste=("y = Cell().f(x)",))


def lines(source: Source) -> tuple[str, ...]:
    """The snippet of a case with one number."""
    return snippet(Case("one", 0, {"x": np.array([1.5])}), CHECK, CHECK.outputs[0], 0, 4, source)


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        (Source("hw1/cell.py", "", ("Cell", "other")), ["from cell import Cell  # in hw1/"]),
        (Source("cell.py", "", ("Cell",), {"Cell": "MyCell"}), ["from cell import MyCell as Cell"]),
        (Source("a/b/cell.py", "from .x import y\n", ("Cell",)), ["from b.cell import Cell  # in a/"]),
        (
            Source("my cell-1.py", "", ("Cell",), imports=("import given",)),
            ["import given", "import importlib", "Cell = importlib.import_module('my cell-1').Cell"],
        ),
        (Source("cell.ipynb", "", ("Cell",), imports=("import given",)), ["import given"]),
    ],
)
def test_a_snippet_imports_what_it_uses(source: Source, imports: list[str]) -> None:
    """The names that it calls, from the module as it is called there; a notebook has them already."""
    rest = ["x = np.array([1.5])", "y = Cell().f(x)", "print(y)"]
    assert list(lines(source)) == ["import numpy as np", *imports, *rest]


def test_a_long_array_is_set_on_several_lines() -> None:
    """No line is so long that a report cuts it, and they give the array back."""
    array = np.random.default_rng(1).standard_normal(60)
    made = snippet(Case("one", 0, {"x": array}, strided=True), CHECK, CHECK.outputs[0], 0, 17, None)
    assert max(map(len, made)) <= 200
    names: dict[str, Any] = {}
    exec("\n".join(made[:-2]), names)
    assert (names["x"] == array).all()
    assert not names["x"].flags.contiguous


def test_a_form_is_spelt() -> None:
    """What is handed over is written as it was handed over in the form that worked."""
    check = Check(
        "f", "cases", (Output("y", show="y[0]"),), ("a", "b"), ("y = f(<form>)",), (), ("x", "x[None]")
    )
    made = snippet(Case("one", 0, {}), check, check.outputs[0], 1, 4, None)
    assert made == ("import numpy as np", "y = f(x[None])", "print(y[0])")
