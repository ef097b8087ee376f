"""A course's settings, and the assignments as it has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from grader.declaration import Assignment, Limits, Response, SizesOfOne
from grader.errors import UsageError
from grader.hints import HintPolicy

A = TypeVar("A", bound=Assignment)


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
        follow_through: the part of its points, from 0 to 1, that a gradient earns which is wrong only because
            forward is.
        points: problem -> points, of that assignment.
        limits: attribute of `Limits` -> value.
        sizes_of_one: "tell" or "count" (`SizesOfOne`); None for what the assignment says.
        hints: what students are told of their mistakes.
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
    follow_through: float = 0.0
    hints: HintPolicy = field(default_factory=HintPolicy)

    def applied(self, known: Sequence[A]) -> tuple[A, ...]:
        """Return the assignments, with this course's points, limits and leniency.

        Raises:
            UsageError: the assignment or a problem is unknown, or a limit cannot be.
        """
        if self.sizes_of_one is not None:
            known = [replace(one, sizes_of_one=SizesOfOne(self.sizes_of_one)) for one in known]
        if self.assignment is None and not self.limits:
            return tuple(known)
        if self.assignment is None:
            return tuple(replace(one, limits=self._limits(one.limits)) for one in known)
        names = [one.name for one in known]
        if self.assignment not in names:
            raise UsageError(
                f"course.toml: there is no assignment {self.assignment!r}; there are: {', '.join(names)}"
            )
        return tuple(self._changed(one) if one.name == self.assignment else one for one in known)

    def _changed(self, assignment: A) -> A:
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
