"""What the commands share: the form of their help, and what an argument's text may say."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import course, engine, secret, supervisor
from grader.cli import time_limit
from grader.declaration import Loaded
from grader.hints import HintPolicy

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

GRADED, BELOW, USAGE, OUR_FAULT = 0, 1, 2, 3

EPILOG = """\
exit status: 0 graded, whatever the score, and rejected (0 points); 1 below --fail-under;
2 wrong usage; 3 the grader failed, and nothing was recorded. --format autolab always exits 0.
"""


def command(
    commands: Commands, name: str, does: str, *, epilog: str = EPILOG, description: str = ""
) -> argparse.ArgumentParser:
    """Make a command's parser, with what every command takes.

    Args:
        commands: where it is added.
        name: what is typed.
        does: one line, a verb first, without a capital letter.
        epilog: what stands below its options.
        description: what stands above them; `does` as a sentence, unless given.
    """
    parser = commands.add_parser(
        name,
        help=does,
        description=description or f"{does[0].upper()}{does[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--assignments", metavar="DIR", type=Path, help="a folder of further assignments of your own"
    )
    parser.add_argument(
        "--debug", action="store_true", help="where the grader itself fails, show where, as a traceback"
    )
    return parser


def seed(text: str) -> int:
    """Read a seed, for argparse."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"a seed is a whole number, 0 or more, not {text!r}")
    return number


def points(text: str) -> float:
    """Read points, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):  # a score is never below NaN: nobody would fail
        raise argparse.ArgumentTypeError(f"points are a number, not {text!r}")
    return number


def attempt(text: str) -> int:
    """Read the number of an attempt, for argparse."""
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"an attempt is a whole number, 1 or more, not {text!r}")
    return number


def moment(text: str) -> datetime:
    """Read a moment, for argparse: without an offset from UTC it would be another one on another machine."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = datetime.min
    if read.tzinfo is None:
        what = "a date with its time and its offset from UTC, as in 2026-12-01T23:59+01:00"
        raise argparse.ArgumentTypeError(f"it is {what}, not {text!r}")
    return read


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Add what a grading may be told, each under its name in `engine.Options`; None where nothing is said."""
    parser.add_argument("--assignment", metavar="NAME", help="which one; default: recognised from the files")
    parser.add_argument(
        "--course",
        metavar="FILE",
        type=Path,
        help="a course.toml: assignment, points, limits, seed, secret, ...; options beside it go first",
    )
    parser.add_argument("--seed", metavar="N", type=seed, help="draws the cases; default: 0, the public ones")
    parser.add_argument(
        "--strict",
        action="store_true",
        default=None,
        help="reject a hand-in that imports more than NumPy and Python's own, and take no other names",
    )
    parser.add_argument(
        "--at",
        metavar="DATE",
        type=moment,
        help="the moment for what the course tells students by date (2026-12-01T23:59+01:00); default: when "
        "it was handed in, if a platform's export says so, else now",
    )
    parser.add_argument(
        "--allow-unsandboxed",
        dest="unsandboxed",
        action="store_true",
        help="grade even where system calls cannot be filtered; the report then says NOT ISOLATED",
    )


def chosen(
    options: argparse.Namespace, known: Sequence[Loaded]
) -> tuple[engine.Options, tuple[Loaded, ...], HintPolicy]:
    """Give the options of a grading, the assignments as the course has them, and what it tells students.

    The command line goes first, then the course's file, then the defaults.

    Raises:
        UsageError: the course's file cannot be read, or does not fit.
    """
    said = course.read(options.course) if options.course is not None else course.Course()
    limit_s = time_limit_s(said)
    # The environment goes first, as options do; it is emptied in any case, for the processes that we start.
    key = secret.from_environment()
    if key is None and said.secret_file is not None:
        key = secret.read(Path(said.secret_file))
    within_s = None if limit_s is None else time_limit.left_s(limit_s)
    graders = engine.Options(**_told(options, said), secret=key, within_s=within_s)
    return graders, said.applied(known), said.hints


def _told(*sources: object) -> dict[str, Any]:
    """Collect the fields of `engine.Options` by their names, each from the first source that says it."""
    told: dict[str, Any] = {}
    for name in {field.name for field in fields(engine.Options)} - {"secret", "within_s"}:
        said = (getattr(source, name, None) for source in sources)
        if (first := next((one for one in said if one is not None), None)) is not None:
            told[name] = first
    return told


def time_limit_s(said: course.Course) -> float | None:
    """Say after how many seconds the platform stops us: what the course says or the job was told, if shorter.

    An instructor may lower it on the platform alone, and the course's file still say what it was.
    """
    both = (supervisor.told_limit_s(), said.time_limit_s)
    return min((limit_s for limit_s in both if limit_s is not None), default=None)


def rows(known: Sequence[Loaded], name: str | None) -> list[str]:
    """Name the problems that a platform gets a score for: of the assignment of that name, or of all."""
    named = [one for one in known if one.name == name] or known
    return [row for one in named for row in one.rows]
