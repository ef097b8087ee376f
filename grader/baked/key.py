"""What a baked suite, or a catalogue, depends on: with another key it is another one, and another file."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from grader import discovery
from grader.baked.flat import MAGIC
from grader.declaration import Loaded
from grader.records import Suite

HOUSE = Path(__file__).parents[2]
# Whatever of ours takes part when a suite is drawn, beside the assignment's own folder; a test holds it
# to what is imported then.
DRAWN_BY = (
    "grader/baked/form.py",
    "grader/cases.py",
    "grader/cell",
    "grader/equations",
    "grader/records/cases.py",
    "grader/reproducible.py",
    "grader/second.py",
    "grader/suite.py",
    "reference",
)
# What takes part beside that when the catalogue of a suite is compiled.
COMPILED_BY = ("grader/faults",)
# Whatever of others does; where one is not installed, nothing else can be drawn, and what there is holds.
VERSIONS = ("numpy", "torch", "hypothesis")


def key(assignment: Loaded, seed: int, mark: str) -> str:
    """Return the hex digest of all that the suites of an assignment depend on, versions of others apart.

    Args:
        assignment: as the course has it.
        seed: the instructor's.
        mark: tells a course's secret from another's; "" without one.
    """
    return _digest(_sources(*DRAWN_BY), *_of(assignment), str(int(seed)), mark)


def catalogue_key(assignment: Loaded, name: str, suites: Mapping[str, Suite]) -> str:
    """Return the hex digest of all that a catalogue depends on.

    Args:
        assignment: as the course has it.
        name: of the catalogue, among the assignment's.
        suites: on which it is compiled.
    """
    asked = (f"{key} {suite.sha256}" for key, suite in suites.items())
    sources = _sources(*DRAWN_BY, *COMPILED_BY)
    return _digest(sources, *_of(assignment), name, _version("numpy") or "", *asked)


def _digest(*parts: str) -> str:
    sha256 = hashlib.sha256(MAGIC)
    for part in parts:
        sha256.update(b"%d:%s" % (len(part), part.encode()))
    return sha256.hexdigest()


def _of(assignment: Loaded) -> tuple[str, str, str]:
    """Return what tells an assignment from others, its statement included: equations are read there."""
    file = assignment.folder / "statement.md"
    statement = hashlib.sha256(file.read_bytes() if file.exists() else b"").hexdigest()
    return discovery.digest(assignment), assignment.name, statement


def versions() -> Mapping[str, str | None]:
    """Return the installed versions of what draws a suite; None for what is not installed."""
    return {name: _version(name) for name in VERSIONS}


@cache
def _sources(*names: str) -> str:
    sha256 = hashlib.sha256()
    for path in sorted(_files(*names)):
        content = path.read_bytes()
        sha256.update(b"%s %d " % (path.relative_to(HOUSE).as_posix().encode(), len(content)))
        sha256.update(content)
    return sha256.hexdigest()


def _files(*names: str) -> Iterator[Path]:
    for name in names:
        path = HOUSE / name
        yield from path.glob("*.py") if path.is_dir() else (path,)


@cache
def _version(name: str) -> str | None:
    """Return the version of a distribution from the name of its folder: importing it would take a second."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    for entry in os.listdir(Path(spec.origin).parents[1]):
        if entry.startswith(f"{name}-") and entry.endswith(".dist-info"):
            return entry.removeprefix(f"{name}-").removesuffix(".dist-info")
    return ""
