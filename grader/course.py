"""course.toml: what a course changes during a term, so that a fix needs no new image.

    assignment = "..."        # which one is graded; without it, recognised from the files
    seed = 7                  # draws the cases
    strict = true             # reject a hand-in that imports more than is allowed, and hold it to all names
    sizes_of_one = "tell"     # what fails only where a size is 1 is told; "count" fails it
    time_limit_s = 120        # when the platform stops the grading; we end before
    secret_file = "secret"    # keys the cases; beside this file, or wherever the path leads from here
    numerical_gradients = "notice"    # or "fail": what differences in place of derivatives cost
    published_solution = "notice"     # or "person", "fail": what handing in a solution of ours costs

    [points]                  # of the assignment's problems, by name
    "GRU Cell Forward" = 40

    [limits]                  # of a student process: see declaration.Limits
    call_s = 20

Everything may be left out.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.autolab_rules import LONGEST_S, SHORTEST_S
from grader.declaration import Assignment, Limits, Response, SizesOfOne
from grader.errors import UsageError

MOST_BYTES = 1 << 20
SECRET_FILE = "secret"  # noqa: S105 - its name beside a course.toml of ours


@dataclass(frozen=True)
class Course:
    """A course's settings.

    Attributes:
        assignment: name; None to recognise it from the files.
        seed: draws the suite; None for the usual one.
        strict: reject a hand-in that imports more than NumPy and Python's own modules.
        time_limit_s: seconds after which the platform stops a grading; None if nobody does.
        secret_file: path of the file with the course's secret; None without one.
        numerical_gradients: what comes of gradients by differences or complex steps, a value of `Response`.
        published_solution: what comes of a hand-in that is a solution of ours, likewise.
        points: problem -> points, of that assignment.
        limits: attribute of `Limits` -> value.
        sizes_of_one: "tell" or "count" (`SizesOfOne`); None for what the assignment says.
    """

    assignment: str | None = None
    seed: int | None = None
    strict: bool = False
    time_limit_s: float | None = None
    secret_file: str | None = None
    numerical_gradients: Response = Response.NOTICE
    published_solution: Response = Response.NOTICE
    points: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    sizes_of_one: str | None = None

    def applied(self, known: Sequence[Assignment]) -> tuple[Assignment, ...]:
        """The assignments, with this course's points, limits and leniency.

        Raises:
            UsageError: the assignment or a problem is unknown, or a limit cannot be.
        """
        if self.sizes_of_one is not None:
            known = [replace(one, sizes_of_one=SizesOfOne(self.sizes_of_one)) for one in known]
        if self.assignment is None:
            return tuple(replace(one, limits=self._limits(one.limits)) for one in known)
        names = [one.name for one in known]
        if self.assignment not in names:
            raise UsageError(
                f"course.toml: there is no assignment {self.assignment!r}; there are: {', '.join(names)}"
            )
        return tuple(self._changed(one) if one.name == self.assignment else one for one in known)

    def _changed(self, assignment: Assignment) -> Assignment:
        problems = {problem.name: problem for problem in assignment.problems}
        for name, points in self.points.items():
            if name not in problems:
                raise UsageError(
                    f"course.toml: {assignment.name} has no problem {name!r}; it has: {', '.join(problems)}"
                )
            problems[name] = replace(problems[name], points=points)
        return replace(assignment, problems=tuple(problems.values()), limits=self._limits(assignment.limits))

    def _limits(self, limits: Limits) -> Limits:
        changed = replace(limits, **self.limits)  # type: ignore[arg-type]
        if changed.total_s < changed.call_s:
            raise UsageError(
                f"course.toml: all calls together may take {changed.total_s:g} s (total_s), "
                f"less than a single one ({changed.call_s:g} s, call_s)"
            )
        return changed


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
    "[points]",
    "[limits]",
)
LEAST_MEMORY_MIB = 256  # NumPy alone takes half of it


def read(path: Path) -> Course:
    """The settings in a file.

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
    """The assignment that a course's file names, though the rest of it may be wrong; None without one."""
    assignment = _loosely(path).get("assignment")
    return assignment if isinstance(assignment, str) else None


def rows(path: str | None) -> list[str]:
    """The problems that a course's file gives points for, though the rest of it may be wrong."""
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
        """The value of a key, None if it is not there.

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
        """The finite number of a key, at least `least`."""
        value = self.take(key, (int, float), what)
        if value is not None and not (math.isfinite(value) and value >= least):
            self.fail(key, f"must be {what}, not {value!r}")
        return None if value is None else value

    def table(self, key: str) -> _Table:
        """A table inside of this one, empty if it is not there."""
        return _Table(self.path, key, self.take(key, dict, "a table") or {})

    def left(self) -> list[str]:
        """The keys that have not been taken."""
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


def written(assignment: Assignment, course: Course) -> str:
    """A course.toml that says what holds for this assignment, with a word on each line; `read` reads it back.

    Args:
        assignment: as the course has it: `Course.applied`.
        course: its other settings.
    """
    limits = assignment.limits
    lines = [
        "# What holds for this assignment. Change it here, upload the file again, and it holds from then on.",
        "",
        f"assignment = {json.dumps(assignment.name)}",
        f"seed = {course.seed or 0}  # draws the cases; another number draws others",
        f"strict = {json.dumps(course.strict)}  # true: reject a hand-in that imports more than is allowed",
        f"sizes_of_one = {json.dumps(str(assignment.sizes_of_one))}  # what fails only where a size is 1: "
        '"tell" tells it, "count" fails it',
    ]
    if course.time_limit_s is not None:
        lines.append(
            f"time_limit_s = {course.time_limit_s:g}  # the platform's own; the grading ends before it"
        )
    if course.secret_file is not None:
        lines.append(f"secret_file = {json.dumps(SECRET_FILE)}  # keys the cases: no student may read it")
    lines += [
        f"{key} = {json.dumps(response)}"
        for key, response in (
            ("numerical_gradients", course.numerical_gradients),
            ("published_solution", course.published_solution),
        )
        if response != Response.NOTICE
    ]
    lines += ["", "[points]  # the platform must have the same"]
    lines += [f"{json.dumps(problem.name)} = {problem.points!r}" for problem in assignment.problems]
    lines += [
        "",
        "[limits]  # of a student's process",
        f"call_s = {limits.call_s:g}  # seconds for importing the hand-in, and for each call",
        f"total_s = {limits.total_s:g}  # seconds for all calls together",
        f"cpu_s = {limits.cpu_s}  # seconds of processor time for one process",
        f"memory_mib = {limits.memory_bytes >> 20}",
        f"output_mib = {limits.output_bytes >> 20}  # what it may print before it is stopped",
    ]
    return "\n".join(lines) + "\n"
