"""The command line: arguments in, a rendered report and an exit code out."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from grader import __version__, discovery, engine
from grader.declaration import Assignment
from grader.errors import UsageError
from grader.report import autolab, json_report, text
from grader.words import Report, Status

GRADED, BELOW, USAGE, OUR_FAULT = 0, 1, 2, 3

EPILOG = """\
exit status: 0 graded, whatever the score, and rejected (0 points); 1 below --fail-under;
2 wrong usage; 3 the grader failed, and nothing was recorded. --format autolab always exits 0.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Prints no traceback of ours, whatever happens."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    known: tuple[Assignment, ...] = ()
    try:
        known = discovery.assignments()
        options = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace, Sequence[Assignment]], int] = options.run
        return run(options, known)
    except UsageError as error:
        return _ended(arguments, known, f"cellgrade: {error}", USAGE)
    except SystemExit as exit_:  # argparse has printed what is wrong, or the help that was asked for
        code = exit_.code if isinstance(exit_.code, int) else USAGE
        return code if code == 0 else _ended(arguments, known, None, code)
    except KeyboardInterrupt:
        return _ended(arguments, known, "cellgrade: interrupted; nothing was recorded", 130)
    except BrokenPipeError:  # whoever read the report has seen enough
        return GRADED
    except Exception as error:  # a bug of ours; CELLGRADE_DEBUG shows where
        if os.environ.get("CELLGRADE_DEBUG"):
            raise
        return _ended(arguments, known, f"{text.OURS}\n{type(error).__name__}: {error}", OUR_FAULT)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cellgrade", description="Grade recurrent-network homework against PyTorch.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"cellgrade {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    grade = commands.add_parser(
        "grade",
        help="grade one hand-in and print the report",
        description="Grade one hand-in and print the report.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    grade.add_argument("hand_in", metavar="HANDIN", type=Path, help="a tar, tar.gz, zip, folder or .py file")
    grade.add_argument("--assignment", metavar="NAME", help="which one; default: recognised from the files")
    grade.add_argument("--format", choices=("text", "json", "autolab"), default="text", help="default: text")
    grade.add_argument("--output", metavar="FILE", type=Path, help="write the report there, not to stdout")
    grade.add_argument("--seed", metavar="N", type=_seed, default=0, help="draws the cases; default: 0")
    grade.add_argument(
        "--fail-under", metavar="POINTS", type=float, default=None, help="exit 1 if the score is lower"
    )
    grade.add_argument(
        "--strict", action="store_true", help="reject a hand-in that imports more than NumPy and Python's own"
    )
    grade.set_defaults(run=_grade)

    listing = commands.add_parser("assignments", help="list what can be graded, with problems and points")
    listing.set_defaults(run=_assignments)
    return parser


def _seed(text_: str) -> int:
    seed = int(text_)
    if seed < 0:
        raise argparse.ArgumentTypeError("a seed is a whole number, 0 or more")
    return seed


def _grade(options: argparse.Namespace, known: Sequence[Assignment]) -> int:
    choices = engine.Options(assignment=options.assignment, seed=options.seed, strict=options.strict)
    report = engine.grade(options.hand_in, known, choices)
    if options.format == "autolab":
        _write(autolab.render(report), options.output)
        return GRADED
    if options.format == "json":
        _write(json_report.render(report), options.output)
    else:
        colour = options.output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        _write(text.render(report, colour=colour), options.output)
    return _exit_code(report, options.fail_under)


def _exit_code(report: Report, fail_under: float | None) -> int:
    if report.status is Status.ERROR:
        return OUR_FAULT
    return BELOW if fail_under is not None and report.score < fail_under else GRADED


def _assignments(_: argparse.Namespace, known: Sequence[Assignment]) -> int:
    for assignment in known:
        print(f"{assignment.name}  ({assignment.max_score:g} points)  {assignment.title}")
        for problem in assignment.problems:
            print(f"    {problem.points:6g}  {problem.name}")
    return GRADED


def _write(rendered: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(rendered)
        sys.stdout.flush()
        return
    try:
        output.write_text(rendered)
    except OSError as error:
        raise UsageError(f"the report cannot be written to {output}: {error.strerror}") from None


def _ended(arguments: Sequence[str], known: Sequence[Assignment], message: str | None, code: int) -> int:
    """End without a report. Autolab still gets a last line that it can read, and exit status 0."""
    if not _is_autolab(arguments):
        if message:
            print(message, file=sys.stderr)
        return code
    names = [problem.name for assignment in known for problem in assignment.problems]
    sys.stdout.write(f"{message or text.OURS}\n{autolab.last_line(names)}\n")
    sys.stdout.flush()
    return GRADED


def _is_autolab(arguments: Sequence[str]) -> bool:
    return "--format=autolab" in arguments or any(
        pair == ("--format", "autolab") for pair in itertools.pairwise(arguments)
    )
