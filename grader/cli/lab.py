"""`cellgrade autolab-lab` and `image-check`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader import course, discovery, secret
from grader.autolab import lab
from grader.cli.options import BELOW, GRADED, command
from grader.declaration import Assignment
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
    writer.add_argument(
        "--course", metavar="FILE", type=Path, help="a course.toml with points, limits, seed and strictness"
    )
    writer.set_defaults(run=_write)
    checker = command(
        commands, "image-check", "say what Tango needs of this image, and what is missing", epilog=ENDS
    )
    checker.set_defaults(run=_check)


DESCRIPTION = """\
Write a lab that Autolab can import (Install Assessment, Import from Tarball): problems, points, limits,
Makefile, autograde.tar and handout. What the course changes later travels in autograde.tar, as course.toml:
change it there, and upload autograde.tar again under Edit Assessment, Autograder.
"""


def _write(options: argparse.Namespace, known: Sequence[Assignment]) -> int:
    settings = course.read(options.course) if options.course is not None else course.Course()
    if settings.assignment not in (None, options.assignment):
        raise UsageError(f"{options.course} is about {settings.assignment}, not about {options.assignment}")
    discovery.by_name(options.assignment, known)  # a name that is unknown is no fault of the course's file
    settings = replace(settings, assignment=options.assignment)
    assignment = discovery.by_name(options.assignment, settings.applied(known))
    settings = replace(settings, time_limit_s=settings.time_limit_s or lab.time_limit_s(assignment))
    key = None if settings.secret_file is None else secret.read(Path(settings.secret_file))
    written = lab.write(assignment, settings, options.image, discovery.BUILT_IN, key)
    try:
        options.output.write_bytes(written)
    except OSError as error:
        raise UsageError(f"the lab cannot be written to {options.output}: {error.strerror}") from None
    print(
        f"{options.output}: the lab {lab.lab_name(assignment)}, for students' {lab.hand_in_name(assignment)}"
    )
    return GRADED


def _check(_: argparse.Namespace, __: Sequence[Assignment]) -> int:
    """Exit 0 if nothing is missing, 1 if something is."""
    if sys.platform != "linux":
        raise UsageError("image-check looks at a Docker image from within: run it there, by docker run")
    from grader.autolab import image  # asks for what other systems do not have

    findings = image.examine()
    for finding in findings:
        print(f"{'ok   ' if finding.missing is None else 'WRONG'} {finding.need}")
        if finding.missing is not None:
            print(f"      {finding.missing}")
    wrong = sum(finding.missing is not None for finding in findings)
    if wrong:
        print(f"Tango cannot grade with this image: {wrong} of {len(findings)} things are wrong.")
        return BELOW
    print("Tango can grade with this image.")
    return GRADED
