"""Writes a course.toml that says what holds."""

from __future__ import annotations

import json

from grader.course import hint_rules
from grader.course.settings import Course
from grader.declaration import Assignment, Response

SECRET_FILE = "secret"  # noqa: S105 - its name beside a course.toml of ours


def written(assignment: Assignment, course: Course) -> str:
    """Return a course.toml that says what holds for this assignment, with a word on each line; `read` reads
    it back.

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
    if course.follow_through:
        lines.append(
            f"follow_through = {course.follow_through!r}  # of a gradient's points, where it is wrong only "
            "because forward is"
        )
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
        "",
        *hint_rules.written(course.hints),
    ]
    return "\n".join(lines) + "\n"
