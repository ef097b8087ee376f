"""`cellgrade grade`, `assignments` and `doctor`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader import engine, supervisor
from grader.cli import time_limit
from grader.cli.options import (
    BELOW,
    GRADED,
    OUR_FAULT,
    add_choices,
    chosen,
    command,
    points,
    rows,
)
from grader.declaration import Loaded
from grader.errors import UsageError
from grader.report import autolab, json_report, text
from grader.sandbox import doctor as sandbox_doctor
from grader.words import Report, Status

if TYPE_CHECKING:
    from grader.cli.options import Commands


def add(commands: Commands) -> None:
    """Add these commands."""
    grade = command(commands, "grade", "grade one hand-in and print the report")
    forms = "a tar, tar.gz, zip, folder, .py file or notebook"
    grade.add_argument("hand_in", metavar="HANDIN", type=Path, help=forms)
    add_choices(grade)
    grade.add_argument("--format", choices=("text", "json", "autolab"), default="text", help="default: text")
    grade.add_argument("--output", metavar="FILE", type=Path, help="write the report there, not to stdout")
    grade.add_argument(
        "--fail-under", metavar="POINTS", type=points, default=None, help="exit 1 if the score is lower"
    )
    grade.set_defaults(run=_grade)
    listing = command(commands, "assignments", "list what can be graded, with problems and points")
    listing.set_defaults(run=_assignments)
    doctor = command(
        commands, "doctor", "say which layers of the sandbox are on here, and what to do about the others"
    )
    doctor.set_defaults(run=_doctor)


def write(rendered: str, output: Path | None) -> None:
    """Write a report to a file, or to stdout.

    Raises:
        UsageError: the file cannot be written.
    """
    if output is None:
        with contextlib.suppress(BrokenPipeError):  # whoever read the report has seen enough
            print(rendered, end="", flush=True)
        return
    try:
        output.write_text(rendered, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the report cannot be written to {output}: {error.strerror}") from None


def write_somewhere(rendered: str, output: Path | None) -> None:
    """Write to a file, or to stdout where it cannot be written."""
    try:
        write(rendered, output)
    except UsageError:
        write(rendered, None)


def _grade(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    choices, known = chosen(options, known)
    if options.format == "autolab":
        line = autolab.last_line(rows(known, choices.assignment))
        supervisor.expect(text.OURS, line)

        def last_words() -> None:
            write_somewhere(f"{text.OURS}\nThe time limit was reached.\n\n{line}\n", options.output)

        with time_limit.last_resort(choices.within_s, last_words):
            report = engine.grade(options.hand_in, known, choices)
        write(autolab.render(report), options.output)
        return GRADED
    if choices.within_s is not None:
        supervisor.end_within(choices.within_s)
    report = engine.grade(options.hand_in, known, choices)
    if options.format == "json":
        write(json_report.render(report), options.output)
    else:
        write(_as_text(report, options.output), options.output)
    return exit_code(report, options.fail_under)


def _as_text(report: Report, output: Path | None) -> str:
    """The text report, in what its reader can show: a file takes all letters and no colour."""
    if output is not None or sys.stdout is None:  # None: closed by whoever called
        return text.render(report)
    # https://no-color.org: set to an empty string, the variable says nothing.
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return text.render(report, colour=colour, ascii_only="utf" not in sys.stdout.encoding.lower())


def exit_code(report: Report, fail_under: float | None) -> int:
    """What a grading ends with: see `EPILOG`."""
    if report.status is Status.ERROR:
        return OUR_FAULT
    return BELOW if fail_under is not None and report.score < fail_under else GRADED


def _assignments(_: argparse.Namespace, known: Sequence[Loaded]) -> int:
    for assignment in known:
        print(f"{assignment.name}  ({assignment.max_score:g} points)  {assignment.title}")
        for problem in assignment.problems:
            print(f"    {problem.points:6g}  {problem.name}")
        print(f"            (a hand-in takes {assignment.limits.held_s:g} s at most)")
    return GRADED


def _doctor(_: argparse.Namespace, __: Sequence[Loaded]) -> int:
    """Exit 0 if every layer is on, 1 if one is off."""
    isolation = sandbox_doctor.examine()
    for layer in isolation.on:
        print(f"on    {layer}")
    for layer in isolation.off:
        print(f"OFF   {layer}")
        if advice := sandbox_doctor.advice(layer):
            print(f"      {advice}")
    print("Hand-ins are kept apart." if isolation.isolated else "NOT ISOLATED: reports say so.")
    return GRADED if isolation.isolated else BELOW
