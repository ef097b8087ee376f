"""`cellgrade grade`, `assignments` and `doctor`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader import engine, hints, supervisor
from grader.cli import time_limit, writing
from grader.cli.options import (
    BELOW,
    GRADED,
    add_choices,
    attempt,
    chosen,
    command,
    points,
    rows,
)
from grader.declaration import Loaded
from grader.errors import UsageError
from grader.hints import HintPolicy
from grader.records import Report
from grader.report import autolab_line
from grader.report.forms import RENDERERS
from grader.report.outline import OURS
from grader.report.placed import Placed
from grader.sandbox import doctor as sandbox_doctor

if TYPE_CHECKING:
    from grader.cli.options import Commands

READERS = ("student", "instructor")


def add(commands: Commands) -> None:
    """Add these commands."""
    grade = command(commands, "grade", "grade one hand-in and print the report")
    forms = "a tar, tar.gz, zip, folder, .py file or notebook"
    grade.add_argument("hand_in", metavar="HANDIN", type=Path, help=forms)
    add_choices(grade)
    grade.add_argument(
        "--format",
        choices=tuple(RENDERERS),
        default="text",
        help=f"default: text; {'; '.join(f'{name}: {form.does}' for name, form in RENDERERS.items())}",
    )
    grade.add_argument("--output", metavar="FILE", type=Path, help="write the report there, not to stdout")
    grade.add_argument(
        "--files",
        metavar="DIR",
        type=Path,
        help="write the files that come of it into this folder, such as a notebook as it ran",
    )
    grade.add_argument(
        "--fail-under", metavar="POINTS", type=points, default=None, help="exit 1 if the score is lower"
    )
    grade.add_argument(
        "--for",
        dest="reader",
        choices=READERS,
        default=READERS[0],
        help="who reads the report; default: student, who is told as much of a mistake as the course decides",
    )
    grade.add_argument(
        "--attempt",
        metavar="N",
        type=attempt,
        help="which of the student's hand-ins it is, for what the course tells by attempt; default: what a "
        "name says that Autolab gave it (EMAIL_3_handin.tar), else 1",
    )
    grade.set_defaults(run=_grade)
    listing = command(commands, "assignments", "list what can be graded, with problems and points")
    listing.set_defaults(run=_assignments)
    doctor = command(
        commands, "doctor", "say which layers of the sandbox are on here, and what to do about the others"
    )
    doctor.set_defaults(run=_doctor)


def _grade(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    choices, known, policy = chosen(options, known)

    def graded() -> Report:
        report = engine.grade(options.hand_in, known, choices)
        return _as_read(options, report, known, policy)

    if options.format == "autolab":
        return _grade_for_autolab(options, choices, known, graded)
    if choices.within_s is not None:
        supervisor.end_within(choices.within_s)
    report = graded()
    if options.files is not None:
        writing.write_files(report.attached, options.files)
    writing.write_form(options.format, [Placed(report, _at(options.hand_in))], options.output)
    return writing.exit_code(report, options.fail_under)


def _grade_for_autolab(
    options: argparse.Namespace,
    choices: engine.Options,
    known: Sequence[Loaded],
    graded: Callable[[], Report],
) -> int:
    """Grade so that Autolab gets a line that it can read, whatever happens, and exit status 0."""
    line = autolab_line.without_scores(rows(known, choices.assignment))
    supervisor.expect(OURS, line)

    def last_words() -> None:
        writing.write_somewhere(f"{OURS}\nThe time limit was reached.\n\n{line}\n", options.output)

    with time_limit.last_resort(choices.within_s, last_words):
        report = graded()
    if options.files is not None:
        try:
            writing.write_files(report.attached, options.files)
        except UsageError as error:  # which changes no score
            print(error, file=sys.stderr)
    writing.write_form("autolab", [Placed(report)], options.output)
    return GRADED


def _as_read(
    options: argparse.Namespace, report: Report, known: Sequence[Loaded], policy: HintPolicy
) -> Report:
    """Give the report with as much of what is known of the mistakes as its reader is told."""
    if options.reader != READERS[0]:
        return hints.for_staff(report)
    mine = next((one for one in known if one.name == report.assignment), None)
    number = options.attempt or (_attempt(options.hand_in) if policy.has_attempts else 1)
    return hints.for_student(report, mine, policy.at(options.at or datetime.now(UTC), number))


def _attempt(hand_in: Path) -> int:
    """Tell which attempt a hand-in is by its name, where Autolab has written it; else the first."""
    from grader.batch.collect.platforms import autolab  # of which few gradings need anything

    return autolab.attempt(hand_in) or 1


def _at(hand_in: Path) -> str:
    """Say where the hand-in lies from the current folder, for forms that name lines of a checkout.

    "" for the folder itself, and for what lies outside of it.
    """
    try:
        at = Path(os.path.abspath(hand_in)).relative_to(os.getcwd()).as_posix()
    except (ValueError, OSError):
        return ""
    return "" if at == "." else at


def _assignments(_: argparse.Namespace, known: Sequence[Loaded]) -> int:
    for assignment in known:
        print(f"{assignment.name}  ({assignment.max_score:g} points)  {assignment.title}")
        for problem in assignment.problems:
            print(f"    {problem.points:6g}  {problem.name}")
        print(f"            (a hand-in takes {assignment.limits.held_s:g} s at most)")
    return GRADED


def _doctor(_: argparse.Namespace, __: Sequence[Loaded]) -> int:
    """List the layers. Exit 0 if every layer is on, 1 if one is off."""
    isolation = sandbox_doctor.examine()
    for layer in isolation.on:
        print(f"on    {layer}")
    for layer in isolation.off:
        print(f"OFF   {layer}")
        if advice := sandbox_doctor.advice(layer):
            print(f"      {advice}")
    print("Hand-ins are kept apart." if isolation.isolated else "NOT ISOLATED: reports say so.")
    return GRADED if isolation.isolated else BELOW
