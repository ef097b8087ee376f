"""`cellgrade grade`, `assignments` and `doctor`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader import engine, supervisor
from grader.cli import time_limit, writing
from grader.cli.options import (
    BELOW,
    GRADED,
    add_choices,
    chosen,
    command,
    points,
    rows,
)
from grader.declaration import Loaded
from grader.report import autolab_line
from grader.report.forms import RENDERERS
from grader.report.outline import OURS
from grader.report.placed import Placed
from grader.sandbox import doctor as sandbox_doctor

if TYPE_CHECKING:
    from grader.cli.options import Commands


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
        "--fail-under", metavar="POINTS", type=points, default=None, help="exit 1 if the score is lower"
    )
    grade.set_defaults(run=_grade)
    listing = command(commands, "assignments", "list what can be graded, with problems and points")
    listing.set_defaults(run=_assignments)
    doctor = command(
        commands, "doctor", "say which layers of the sandbox are on here, and what to do about the others"
    )
    doctor.set_defaults(run=_doctor)


def _grade(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    choices, known = chosen(options, known)
    if options.format == "autolab":
        return _grade_for_autolab(options, choices, known)
    if choices.within_s is not None:
        supervisor.end_within(choices.within_s)
    report = engine.grade(options.hand_in, known, choices)
    writing.write_form(options.format, [Placed(report, _at(options.hand_in))], options.output)
    return writing.exit_code(report, options.fail_under)


def _grade_for_autolab(options: argparse.Namespace, choices: engine.Options, known: Sequence[Loaded]) -> int:
    """Grade so that Autolab gets a line that it can read, whatever happens, and exit status 0."""
    line = autolab_line.without_scores(rows(known, choices.assignment))
    supervisor.expect(OURS, line)

    def last_words() -> None:
        writing.write_somewhere(f"{OURS}\nThe time limit was reached.\n\n{line}\n", options.output)

    with time_limit.last_resort(choices.within_s, last_words):
        report = engine.grade(options.hand_in, known, choices)
    writing.write_form("autolab", [Placed(report)], options.output)
    return GRADED


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
