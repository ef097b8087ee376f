"""Reads course.toml: each key by itself, so that a message names the one that is wrong."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.autolab_rules import LONGEST_S, SHORTEST_S
from grader.course.settings import Course
from grader.declaration import Response, SizesOfOne
from grader.errors import UsageError

MOST_BYTES = 1 << 20

# Key in the file -> attribute of `Limits` and what its unit is multiplied with.
LIMITS: Mapping[str, tuple[str, Callable[[float], float]]] = {
    "call_s": ("call_s", float),
    "total_s": ("total_s", float),
    "cpu_s": ("cpu_s", math.ceil),
    "memory_mib": ("memory_bytes", lambda mib: math.ceil(mib * (1 << 20))),
    "output_mib": ("output_bytes", lambda mib: math.ceil(mib * (1 << 20))),
}

KEYS = (
    "assignment",
    "seed",
    "strict",
    "time_limit_s",
    "secret_file",
    "numerical_gradients",
    "published_solution",
    "follow_through",
    "[points]",
    "[limits]",
)

SHARE = "a part of the points, from 0 to 1"
LEAST_MEMORY_MIB = 256  # NumPy alone takes half of it


def read(path: Path) -> Course:
    """Return the settings in a file.

    Raises:
        UsageError: it cannot be read, or says something that cannot be; the message names the line or key.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > MOST_BYTES:
        raise UsageError(f"{path} is larger than {MOST_BYTES:,} bytes: it is no course.toml")
    try:
        said = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    return _course(_Table(path, "", said))


def named(path: str | None) -> str | None:
    """Return the assignment that a course's file names, though the rest of it may be wrong; None
    without one.
    """
    assignment = _loosely(path).get("assignment")
    return assignment if isinstance(assignment, str) else None


def rows(path: str | None) -> list[str]:
    """Return the problems that a course's file gives points for, though the rest of it may be wrong."""
    points = _loosely(path).get("points")
    return [name for name, value in points.items() if value] if isinstance(points, dict) else []


def _loosely(path: str | None) -> Mapping[str, Any]:
    try:
        return tomllib.loads(Path(path or "").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


class _Table:
    """A table of the file, whose keys are taken one by one; what remains is unknown."""

    def __init__(self, path: Path, name: str, content: Mapping[str, Any]) -> None:
        self.path = path
        self._name = name
        self._left = dict(content)

    def take(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:
        """Return the value of a key, None if it is not there.

        Raises:
            UsageError: it is of another kind.
        """
        value = self._left.pop(key, None)
        if value is not None and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            self.fail(key, f"must be {what}, not {value!r}")
        return value

    def number(self, key: str, least: float, what: str) -> float | None:
        """Return the finite number of a key, at least `least`."""
        value = self.take(key, (int, float), what)
        if value is not None and not (math.isfinite(value) and value >= least):
            self.fail(key, f"must be {what}, not {value!r}")
        return None if value is None else value

    def table(self, key: str) -> _Table:
        """Return a table inside of this one, empty if it is not there."""
        return _Table(self.path, key, self.take(key, dict, "a table") or {})

    def left(self) -> list[str]:
        """Return the keys that have not been taken."""
        return list(self._left)

    def end(self, known: Sequence[str]) -> None:
        """Nothing may be left.

        Raises:
            UsageError: something is.
        """
        for key in self._left:
            self.fail(key, f"is unknown here; known are: {', '.join(known)}")

    def fail(self, key: str, why: str) -> None:
        """Say what is wrong with a key.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self.path}: {f'[{self._name}] ' if self._name else ''}{key!r} {why}")


def _course(said: _Table) -> Course:
    assignment = said.take("assignment", str, "the name of an assignment, in quotes")
    seed = said.take("seed", int, "a whole number, 0 or more")
    if seed is not None and seed < 0:
        said.fail("seed", f"must be a whole number, 0 or more, not {seed}")
    strict = said.take("strict", bool, "true or false")
    choices = " or ".join(f'"{choice}"' for choice in SizesOfOne)
    sizes_of_one = said.take("sizes_of_one", str, choices)
    if sizes_of_one is not None and sizes_of_one not in list(SizesOfOne):
        said.fail("sizes_of_one", f"must be {choices}, not {sizes_of_one!r}")
    what = f"a number of seconds from {SHORTEST_S} to {LONGEST_S}, which is what Autolab accepts"
    time_limit_s = said.number("time_limit_s", SHORTEST_S, what)
    if time_limit_s is not None and time_limit_s > LONGEST_S:
        said.fail("time_limit_s", f"must be {what}, not {time_limit_s!r}")
    secret_file = said.take("secret_file", str, "the path of a file, in quotes")
    numerical = _response(said, "numerical_gradients", (Response.NOTICE, Response.FAIL))
    published = _response(said, "published_solution", tuple(Response))
    follow_through = said.number("follow_through", 0, SHARE)
    if follow_through is not None and follow_through > 1:
        said.fail("follow_through", f"must be {SHARE}, not {follow_through!r}")
    points = said.table("points")
    if points.left() and assignment is None:
        said.fail("points", "needs `assignment`: points belong to the problems of one")
    limits = said.table("limits")
    course = Course(
        assignment,
        seed,
        bool(strict),
        time_limit_s,
        None if secret_file is None else str(said.path.parent / secret_file),
        numerical,
        published,
        {name: _points(points, name) for name in points.left()},
        dict(_limits(limits)),
        sizes_of_one,
        float(follow_through or 0),
    )
    limits.end(list(LIMITS))
    said.end(KEYS)
    return course


def _response(table: _Table, key: str, known: Sequence[Response]) -> Response:
    value = table.take(key, str, "a word, in quotes")
    if value is None:
        return Response.NOTICE
    if value not in known:
        table.fail(key, f"must be one of {', '.join(known)}, not {value!r}")
    return Response(value)


def _points(table: _Table, name: str) -> float:
    points = table.number(name, 0, "points: a number, 0 or more")
    assert points is not None
    return points


def _limits(table: _Table) -> list[tuple[str, float]]:
    found = []
    for key, (attribute, in_unit) in LIMITS.items():
        least = LEAST_MEMORY_MIB if key == "memory_mib" else 1 if key == "cpu_s" else 0.01
        value = table.number(key, least, f"a number, at least {least:g}")
        if value is not None:
            found.append((attribute, in_unit(value)))
    return found
