"""`cellgrade batch`."""

from __future__ import annotations

import argparse
import gc
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import course, discovery, engine
from grader.batch.interruption import INTERRUPTED
from grader.cli.options import GRADED, OUR_FAULT, add_choices, chosen, command
from grader.declaration import Loaded
from grader.errors import GraderError, UsageError
from grader.report import escape

if TYPE_CHECKING:
    from grader.batch.gradebook.files import ForStudents
    from grader.batch.run import Choices, Ended
    from grader.cli.options import Commands

MOST_WORKERS = 128  # each takes a user id of its own (FIRST_UID in sandbox/session.py), and 250 MiB
UPLOADS = ("canvas", "moodle")

DESCRIPTION = """\
Grade a whole class. INPUT is a folder of hand-ins, an export of Autolab, Canvas, Moodle, Gradescope or
GitHub Classroom, a file, or a pattern in quotes. A zip is taken for an export only with --platform, or if you
say yes when asked. RESULTS, which only you may look into, gets reports/, gradebook.csv, summary.txt and the
journal, by which the same command goes on where an earlier one ended, however it ended.
"""
EPILOG = """\
exit status: 0 every hand-in has a grade; 2 wrong usage; 3 some have none, by our fault or for want of an
assignment: the summary says which and why; 130 interrupted: the same command goes on.
"""


def add(commands: Commands) -> None:
    """Add the command."""
    batch = command(commands, "batch", "grade a whole class", epilog=EPILOG, description=DESCRIPTION)
    batch.add_argument("inputs", metavar="INPUT", nargs="+", help="hand-ins: see above")
    batch.add_argument(
        "--out", metavar="RESULTS", type=Path, required=True, help="the folder for the results"
    )
    add_choices(batch)
    batch.add_argument(
        "--mixed",
        action="store_true",
        help="the hand-ins are for several assignments; default: for that of most, and a person sees others",
    )
    batch.add_argument(
        "--workers", metavar="N", type=_workers, help="how many are graded at once; default: one per core"
    )
    batch.add_argument(
        "--platform",
        metavar="NAME",
        help="whose export INPUT is: autolab, canvas, ...; plain: nobody's, and a zip is one hand-in",
    )
    batch.add_argument(
        "--yes", action="store_true", help="take what looks like a whole class for one, unasked"
    )
    batch.add_argument(
        "--versions",
        choices=("latest", "all"),
        default="latest",
        help="all: grade earlier versions, too, into versions/; the latest is the one that counts",
    )
    batch.add_argument("--students", metavar="CSV", type=Path, help="the class: what names say -> who it is")
    batch.add_argument(
        "--marks", metavar="CSV", type=Path, help="points by a person: student, problem, points, comment"
    )
    batch.add_argument("--gradebook", choices=UPLOADS, help="also write one that this platform imports")
    batch.add_argument(
        "--template", metavar="FILE", type=Path, help="the platform's own export of its gradebook"
    )
    batch.add_argument(
        "--column", metavar="TITLE", help="Canvas: which column of the template, by title or id"
    )
    batch.set_defaults(run=_batch)


def _workers(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= number <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"workers are a number from 1 to {MOST_WORKERS}, not {text!r}")
    return number


def cores(cgroup: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """How many cores this process may use: of those that it may run on, what its container grants it."""
    if sys.platform == "linux":
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    try:
        quota, period = cgroup.read_text().split()
        return max(1, min(allowed, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no such file, or "max"
        return allowed


def _batch(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    if sys.platform == "win32":
        raise UsageError("a batch needs Linux or macOS: on Windows, start it in WSL or in the Docker image")
    from grader.batch import run
    from grader.batch.collect.platforms import known as platforms
    from grader.batch.gradebook.files import ForStudents

    gc.enable()  # a batch is no short process: see grader/__main__.py
    if options.platform is not None and options.platform not in platforms.NAMES:
        raise UsageError(f"--platform is one of {', '.join(platforms.NAMES)}, not {options.platform!r}")
    graders, known, policy = chosen(options, known)
    if graders.assignment:
        discovery.by_name(graders.assignment, known)
    choices = _choices(options, graders, ForStudents(policy, options.at))
    try:
        ended = run.run(choices, known, sys.stderr)
    except GraderError as error:
        print(_printable(f"cellgrade: {error}"), file=sys.stderr)
        return OUR_FAULT
    print(_printable(_said(choices, ended)))
    if ended.interrupted:
        return INTERRUPTED
    return OUR_FAULT if ended.tally.faults or ended.tally.unknown else GRADED


def _printable(said: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return escape.visible(said, keep="\n").encode(encoding, "backslashreplace").decode(encoding)


def _choices(options: argparse.Namespace, graders: engine.Options, students_get: ForStudents) -> Choices:
    from grader.batch.collect import doubt
    from grader.batch.grade.setup import Setup
    from grader.batch.gradebook.files import Wishes
    from grader.batch.run import Choices

    if options.template is not None and options.gradebook is None:
        raise UsageError(f"--template needs --gradebook, one of {', '.join(UPLOADS)}")
    if options.gradebook == "canvas" and options.template is None:
        raise UsageError(
            "--gradebook canvas needs --template: the file that Canvas itself exports (Grades, Export)"
        )
    return Choices(
        inputs=options.inputs,
        results=options.out,
        setup=Setup(
            # A worker goes on after a fault of ours; the end of all of them is this process's to say.
            options=replace(graders, debug=False, within_s=None),
            assignments=None if options.assignments is None else str(options.assignments.resolve()),
            course=_of_a_grade(course.read(options.course)) if options.course is not None else {},
        ),
        workers=options.workers or cores(),
        every_version=options.versions == "all",
        platform=options.platform,
        is_class=doubt.agree if options.yes else doubt.at_terminal(sys.stdin, sys.stderr),
        students=options.students,
        wishes=Wishes(options.marks, options.gradebook, options.template, options.column),
        mixed=options.mixed,
        students_get=students_get,
    )


def _of_a_grade(settings: course.Course) -> dict[str, Any]:
    """Give the settings on which a grade may depend, as JSON carries them; what is told of it is none."""
    return {name: value for name, value in asdict(settings).items() if name != "hints"}


def _said(choices: Choices, ended: Ended) -> str:
    tally, lines = ended.tally, list(ended.notes)
    if ended.interrupted:
        lines.append(
            f"Stopped. {tally.done} of {tally.total} hand-ins have their grade in the journal of "
            f"{choices.results}; the same command goes on from there, and then writes the reports."
        )
        return "\n".join(lines)
    lines.append(f"{tally.done} of {tally.total} hand-ins have a grade ({tally.graded} graded just now).")
    if tally.faults:
        lines.append(
            f"{tally.faults} have none, through no fault of the students: {choices.results / 'summary.txt'} "
            "says why. The same command tries them again."
        )
    if tally.unknown:
        lines.append(
            f"{tally.unknown} fit no assignment, or cannot be read: --assignment says which one it is."
        )
    if ended.left_out:
        one = ended.left_out == 1
        left_out = "1 file or folder" if one else f"{ended.left_out} files and folders"
        lines.append(f"{left_out} of the INPUTs {'was' if one else 'were'} not graded.")
    lines.append(f"{choices.results / 'summary.txt'} says more.")
    return "\n".join(lines)
