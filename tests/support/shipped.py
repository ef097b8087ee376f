"""The right and wrong answers that the assignments ship, and folders of them to grade."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from grader import discovery, mistakes
from grader.declaration import Environment, Loaded

ROOT = Path(__file__).parents[2]
NAMES = [assignment.name for assignment in discovery.assignments()]
# Graded wherever cellgrade is: the others need PyTorch where hand-ins run, or the course's own texts.
ANYWHERE = [one.name for one in discovery.assignments() if one.environment is Environment.NUMPY]


@cache
def known(name: str) -> Loaded:
    """Return the assignment; its suites are drawn once for all tests of this process, or found where kept."""
    assignment = discovery.by_name(name, discovery.assignments())
    suites = {key: cache(draw) for key, draw in assignment.suites.items()}
    return replace(assignment, suites=suites, found_suites=suites)


@cache
def answers(name: str) -> mistakes.Answers:
    """Return what an assignment of this repository ships."""
    return mistakes.read(known(name), ROOT / "src" / known(name).model_folder)


@cache
def right(name: str, style: str) -> Path:
    """Return a folder with the files of a right answer."""
    return mistakes.laid(answers(name).right[style], _scratch() / name / "right" / style)


@cache
def wrong(path: str) -> Path:
    """Return a folder with the files of a mistake: wrong("gru_cell/backward/carry_dropped")."""
    name, _, mistake = path.partition("/")
    return answers(name).mistake(mistake).laid(_scratch() / path)


def all_wrong(*names: str) -> list[str]:
    """Return the paths of all mistakes of these assignments; of all, if none is named."""
    return [f"{name}/{one.path}" for name in names or NAMES for one in answers(name).mistakes]


def solutions_of(name: str) -> list[mistakes.Files]:
    """Return the files of the model, of every right answer and of every mistake: what nobody may be given."""
    shipped = answers(name)
    assert shipped.model is not None
    return [shipped.model, *shipped.right.values(), *(one.files for one in shipped.mistakes)]


@cache
def _scratch() -> Path:
    """Return a folder that goes with this process; others may read it."""
    folder = Path(tempfile.mkdtemp(prefix="cellgrade-mistakes-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
