"""Reads course.toml: each key by itself, so that a message names the one that is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.autolab_rules import LONGEST_S, SHORTEST_S
from grader.course import hint_rules
from grader.course.settings import Course
from grader.course.toml_table import TomlTable
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
    "[hints]",
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
    import tomllib  # which a grading without such a file has no use for

    try:
        said = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    return _course(TomlTable(path, "", said))


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
    if path is None:
        return {}
    import tomllib

    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _course(said: TomlTable) -> Course:
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
    hints = hint_rules.read(said.table("hints"))
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
        hints,
    )
    limits.end(list(LIMITS))
    said.end(KEYS)
    return course


def _response(table: TomlTable, key: str, known: Sequence[Response]) -> Response:
    value = table.take(key, str, "a word, in quotes")
    if value is None:
        return Response.NOTICE
    if value not in known:
        table.fail(key, f"must be one of {', '.join(known)}, not {value!r}")
    return Response(value)


def _points(table: TomlTable, name: str) -> float:
    points = table.number(name, 0, "points: a number, 0 or more")
    assert points is not None
    return points


def _limits(table: TomlTable) -> list[tuple[str, float]]:
    found = []
    for key, (attribute, in_unit) in LIMITS.items():
        least = LEAST_MEMORY_MIB if key == "memory_mib" else 1 if key == "cpu_s" else 0.01
        value = table.number(key, least, f"a number, at least {least:g}")
        if value is not None:
            found.append((attribute, in_unit(value)))
    return found
