"""Real files, as students hand them in: what is right in each gets its points, and what is not is said."""

from __future__ import annotations

import contextlib
import functools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recipes import GRU, RNN, Recipe, corpus, lay, notebook, pieces

from grader import discovery, engine
from grader.declaration import Loaded
from grader.records import Report, Status
from grader.report import github, json_reading, json_report, text
from grader.report.placed import Placed

pytestmark = pytest.mark.slow  # not for `make check`

CORPUS = corpus()


@functools.cache
def known(name: str) -> Loaded:
    """Return the assignment, its suites drawn once for all tests of this module."""
    assignment = discovery.by_name(name, discovery.assignments())
    return replace(assignment, suites={key: functools.cache(draw) for key, draw in assignment.suites.items()})


@pytest.fixture(scope="module")
def grade() -> Iterator[Callable[[Recipe, Path], Report]]:
    """Grades a recipe, by one grader for each assignment and limit."""
    graders: dict[tuple[str, float | None], engine.Grader] = {}
    with contextlib.ExitStack() as stack:

        def graded(recipe: Recipe, folder: Path) -> Report:
            key = recipe.assignment, recipe.call_s
            if key not in graders:
                assignment = known(recipe.assignment)
                if recipe.call_s is not None:
                    limits = replace(assignment.limits, call_s=recipe.call_s)
                    assignment = replace(assignment, limits=limits)
                graders[key] = stack.enter_context(engine.Grader([assignment], engine.Options()))
            return graders[key].grade(lay(recipe, folder))

        yield graded


@pytest.mark.parametrize("recipe", CORPUS, ids=lambda recipe: recipe.name)
def test_what_is_right_gets_its_points(
    recipe: Recipe, tmp_path: Path, grade: Callable[[Recipe, Path], Report]
) -> None:
    """Each hand-in of the corpus gets the points that it must get, and is told what it must be told."""
    report = grade(recipe, tmp_path)
    said = " ".join(text.render(report).split())
    assert report.status is (Status.REJECTED if recipe.points is None else Status.GRADED), said
    assert report.score == pytest.approx(recipe.points or 0.0), said
    for words in recipe.says:
        assert words in said
    for words in recipe.silent:
        assert words not in said


def test_the_corpus_is_large_enough() -> None:
    """At least sixty hand-ins, no two of one name."""
    assert len(CORPUS) >= 60
    assert len({recipe.name for recipe in CORPUS}) == len(CORPUS)


RIGHT = {"gru_cell": ("hw3/gru.py", GRU), "rnn_step_by_step": ("rnn_step_by_step.py", RNN)}
FAILING = (
    "1 / 0",
    "print(never_defined[3])",
    "assert False, 'compare with the notebook'",
    "x, y = None",
    "raise KeyError('W')",
    "import sys; sys.exit(1)",
    "from torch import nn; nn.Linear(3, 2)",
    "for i in range(3):\n    undefined += i",
    "with open('weights.npz') as file:\n    weights = file.read()",
    "class Net(torch.nn.Module):\n    pass",
    "np.load('weights.npy')",
    "a_next[4] = \n [ 0.59 0.18]",
    "def unfinished(x:\n    return (x",
    "cd '/content/drive'",
    "import os\nos._exit(3)",
)
OTHER_CELLS = (
    "%matplotlib inline",
    "!pip install numpy",
    "%%bash\necho 1 )",
    "",
    "np.dot?",
    "from google.colab import drive\ndrive.mount('/content/drive')",
)


@given(seed=st.integers(0, 2**32), assignment=st.sampled_from(sorted(RIGHT)))
@settings(max_examples=24)
def test_what_else_stands_in_a_hand_in_costs_nothing(
    seed: int,
    assignment: str,
    grade: Callable[[Recipe, Path], Report],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Failing statements anywhere, several files, a notebook with magics: a right hand-in stays right."""
    dice = random.Random(seed)
    path, source = RIGHT[assignment]
    parts = pieces(source)
    # What is imported and set comes first in every file; what follows may stand anywhere.
    head = [one for one in parts if not one.lstrip("# \n").startswith(("class", "def"))]
    rest = [one for one in parts if one not in head]
    form = dice.choice(("file", "split", "notebook"))
    if form == "notebook":
        cells = _mixed([*head, *rest], [*FAILING, *OTHER_CELLS], dice)
        files = {path.replace(".py", ".ipynb"): notebook(cells, minor=dice.choice((0, 2, 4, 5)))}
    elif form == "split":
        begin, last = "\n".join(head), rest.pop()
        other = path.replace(path.rpartition("/")[2], "others.py")
        files = {
            path: "\n\n".join([begin, "from others import *", *_mixed([last], FAILING, dice)]).encode(),
            other: "\n\n".join([begin, *_mixed(rest, FAILING, dice)]).encode(),
        }
    else:
        files = {path: "\n\n".join(_mixed([*head, *rest], FAILING, dice)).encode()}
    recipe = Recipe("drawn", assignment, files, 100, form=dice.choice(("folder", "zip", "tar.gz")))
    report = grade(recipe, tmp_path_factory.mktemp("drawn"))
    assert report.score == pytest.approx(100), (form, files, text.render(report))


def _mixed(parts: Sequence[str], others: Sequence[str], dice: random.Random) -> list[str]:
    """Return the parts in their order, with up to six of the others between them."""
    mixed = list(parts)
    for _ in range(dice.randrange(7)):
        mixed.insert(dice.randrange(len(mixed) + 1), dice.choice(others))
    return mixed


def test_places_in_a_notebook_are_its_cells(tmp_path: Path, grade: Callable[[Recipe, Path], Report]) -> None:
    """Findings, tracebacks, the JSON and annotations say in which cell, and in which line there."""
    cells = pieces(RNN)
    at = next(number for number, cell in enumerate(cells) if "def rnn_backward" in cell)
    cells[at] = cells[at].replace("    steps, x = caches\n", "    steps, x = caches\n    missing(1)\n")
    line = cells[at].split("\n").index("    missing(1)") + 1
    recipe = Recipe("one", "rnn_step_by_step", {"a.ipynb": notebook([*cells, "\n1 / 0"])}, 80, form="file")
    report = grade(recipe, tmp_path)
    (failed,) = {
        (one.file, one.cell, one.line)
        for problem in report.problems
        for one in problem.criteria
        if one.passed is False and one.line is not None
    }
    assert failed == ("a.ipynb", at + 1, line)
    assert f'File "a.ipynb, cell {at + 1}", line {line}, in rnn_backward' in text.render(report)
    (stopped,) = [one for one in report.findings if "ZeroDivisionError" in one.message]
    assert (stopped.file, stopped.cell, stopped.line) == ("a.ipynb", len(cells) + 1, 2)
    assert f"a.ipynb, cell {len(cells) + 1}, line 2: `1 / 0` raised" in " ".join(text.render(report).split())
    found = json.loads(json_report.render(report))
    assert json_reading.read(json_report.render(report)).findings == report.findings
    (told,) = [one for one in found["findings"] if "ZeroDivisionError" in one["message"]]
    assert (told["file"], told["cell"], told["line"]) == ("a.ipynb", len(cells) + 1, 2)
    methods = {one["method"]["name"]: one["method"] for p in found["problems"] for one in p["criteria"]}
    assert methods["rnn_backward"]["cell"] == at + 1
    annotated = github.render([Placed(report, "work/a.ipynb")])
    assert (
        f"file=work/a.ipynb,line=1,title=good to know (costs nothing)%3A cell {len(cells) + 1}%2C"
        in annotated
    )
    assert f"(cell {at + 1}%2C line {line})" in annotated


def test_nothing_runs_twice(tmp_path: Path, grade: Callable[[Recipe, Path], Report]) -> None:
    """Each statement runs once in a job; what a job printed that was begun again is not told twice."""
    counted = f"print('begun')\n{GRU}\nprint('ended')\nimport os\nos._exit(1)\nprint('after')\n"
    report = grade(Recipe("one", "gru_cell", {"hw3/gru.py": counted.encode()}, 100), tmp_path)
    assert report.stdout.text == "begun\nended\nafter\n"


def test_a_right_hand_in_says_nothing_of_all_this(
    tmp_path: Path, grade: Callable[[Recipe, Path], Report]
) -> None:
    """A plain right file has no finding."""
    own = GRU.replace(
        "        return dx, dh", "        dh = 1.0 * dh\n        return dx, dh"
    )  # not the published one
    assert own != GRU
    assert grade(Recipe("one", "gru_cell", {"hw3/gru.py": own.encode()}, 100), tmp_path).findings == ()
