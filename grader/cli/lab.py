"""`cellgrade autolab-lab` and `image-check`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from grader import course, discovery, secret
from grader.autolab import lab
from grader.autolab.dates import DAYS, chosen
from grader.cli.options import BELOW, GRADED, command
from grader.declaration import Loaded
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.cli.options import Commands

ENDS = "exit status: 0 done; 1 something is missing (image-check); 2 wrong usage."


def add(commands: Commands) -> None:
    """Add these commands."""
    writer = command(
        commands, "autolab-lab", "write a lab that Autolab can import", epilog=ENDS, description=DESCRIPTION
    )
    writer.add_argument("assignment", metavar="ASSIGNMENT", help="as `cellgrade assignments` lists it")
    writer.add_argument(
        "-o", "--output", metavar="LAB.tar", type=Path, required=True, help="write the lab there"
    )
    writer.add_argument("--image", default="cellgrade", help="the grading image's name; default: cellgrade")
    dates = (
        "2026-12-01 or 2026-12-01 23:59, with an offset such as +01:00 or in the Autolab server's time zone"
    )
    writer.add_argument("--start", metavar="DATE", help=f"when students see it: {dates}; default: today")
    writer.add_argument("--due", metavar="DATE", help=f"default: {DAYS} days after the start")
    writer.add_argument(
        "--end", metavar="DATE", help="when nobody can hand in any more; default: when it is due"
    )
    writer.add_argument(
        "--autolab",
        metavar="VERSION",
        default=lab.AUTOLAB,
        help=f"the Autolab that takes it: fields that it does not know are left out; default: {lab.AUTOLAB}",
    )
    writer.add_argument(
        "--from-github", action="store_true", help="let students hand in from GitHub too, not only upload"
    )
    writer.add_argument(
        "--course", metavar="FILE", type=Path, help="a course.toml with points, limits, seed and strictness"
    )
    writer.set_defaults(run=_write)
    checker = command(
        commands, "image-check", "grade as Tango does in this image, and say what is missing", epilog=ENDS
    )
    checker.set_defaults(run=_check)


DESCRIPTION = """\
Write a lab that Autolab can import (Install Assessment, Import from Tarball): problems, points, dates,
limits, Makefile, autograde.tar, handout and write-up. What the course changes later travels in autograde.tar,
as course.toml: change it, write the lab again, and import it again. Over a lab that is there, Autolab
replaces the files, and leaves points, dates, limits and the Ruby file as they are.
"""


def _write(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    settings = course.read(options.course) if options.course is not None else course.Course()
    if settings.assignment not in (None, options.assignment):
        raise UsageError(f"{options.course} is about {settings.assignment}, not about {options.assignment}")
    discovery.by_name(options.assignment, known)  # a name that is unknown is no fault of the course's file
    settings = replace(settings, assignment=options.assignment)
    assignment = discovery.by_name(options.assignment, settings.applied(known))
    settings = replace(settings, time_limit_s=settings.time_limit_s or lab.time_limit_s(assignment))
    setting = lab.Setting(
        dates=chosen(date.today(), options.start, options.due, options.end),
        image=options.image,
        autolab=options.autolab,
        from_github=options.from_github,
    )
    key = None if settings.secret_file is None else secret.read(Path(settings.secret_file))
    written = lab.write(assignment, settings, setting, discovery.BUILT_IN, key)
    try:
        options.output.write_bytes(written)
    except OSError as error:
        raise UsageError(f"the lab cannot be written to {options.output}: {error.strerror}") from None
    name = lab.lab_name(assignment)
    print(
        f"{options.output}: the lab {name}, for students' {lab.hand_in_name(assignment)}\n"
        f"{setting.dates.sentence}\n"
        f"It is for Autolab {options.autolab} or newer; an older one needs it written with --autolab VERSION."
    )
    if settings.hints.has_attempts:
        print("Autolab does not tell a job which attempt it is: for rules of [hints], each is the first.")
    return GRADED


def _check(_: argparse.Namespace, __: Sequence[Loaded]) -> int:
    """Examine this image. Exit 0 if nothing is missing, 1 if something is."""
    if sys.platform != "linux":
        raise UsageError("image-check looks at a Docker image from within: run it there, by docker run")
    from grader.autolab import image  # asks for what other systems do not have

    findings = image.examine()
    for finding in findings:
        print(f"{'ok   ' if finding.missing is None else 'WRONG'} {finding.need}")
        if finding.missing is not None:
            print("\n".join(f"      {line}" for line in finding.missing.splitlines()))
    wrong = sum(finding.missing is not None for finding in findings)
    if wrong:
        print(f"Tango cannot grade with this image: {wrong} of {len(findings)} things are wrong.")
        return BELOW
    print("Tango can grade with this image.")
    return GRADED
