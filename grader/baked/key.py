"""What a baked suite depends on: with another key it is another suite, and another file."""

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
# Whatever of others does; where one is not installed, nothing else can be drawn, and what there is holds.
VERSIONS = ("numpy", "torch", "hypothesis")


def key(assignment: Loaded, seed: int, mark: str) -> str:
    """Return the hex digest of all that the suites of an assignment depend on, versions of others apart.

    Args:
        assignment: as the course has it.
        seed: the instructor's.
        mark: tells a course's secret from another's; "" without one.
    """
    sha256 = hashlib.sha256(MAGIC)
    for part in (_sources(), discovery.digest(assignment), assignment.name, str(int(seed)), mark):
        sha256.update(b"%d:%s" % (len(part), part.encode()))
    return sha256.hexdigest()


def versions() -> Mapping[str, str | None]:
    """Return the installed versions of what draws a suite; None for what is not installed."""
    return {name: _version(name) for name in VERSIONS}


@cache
def _sources() -> str:
    sha256 = hashlib.sha256()
    for path in sorted(_files()):
        content = path.read_bytes()
        sha256.update(b"%s %d " % (path.relative_to(HOUSE).as_posix().encode(), len(content)))
        sha256.update(content)
    return sha256.hexdigest()


def _files() -> Iterator[Path]:
    for name in DRAWN_BY:
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
