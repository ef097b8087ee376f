"""The command line: arguments in, a rendered report and an exit code out."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from grader import __version__, discovery, engine
from grader.declaration import Assignment
from grader.errors import UsageError
from grader.report import autolab, escape, json_report, text
from grader.report.page import Page
from grader.sandbox import doctor as sandbox_doctor
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
        if options.assignments is not None:
            known = _with(options.assignments)
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


def _with(folder: Path) -> tuple[Assignment, ...]:
    if not any(folder.glob("*/assignment.py")):
        nearer = f"; did you mean {folder.resolve().parent}?" if (folder / "assignment.py").exists() else ""
        raise UsageError(f"{folder} holds no assignment: no folder in it has an assignment.py{nearer}")
    return discovery.assignments(discovery.BUILT_IN, folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cellgrade",
        description="Grade recurrent-network homework against PyTorch.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
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
        "--fail-under", metavar="POINTS", type=_points, default=None, help="exit 1 if the score is lower"
    )
    grade.add_argument(
        "--strict", action="store_true", help="reject a hand-in that imports more than NumPy and Python's own"
    )
    grade.add_argument(
        "--allow-unsandboxed",
        action="store_true",
        help="grade even where system calls cannot be filtered; the report then says NOT ISOLATED",
    )
    grade.set_defaults(run=_grade)

    listing = commands.add_parser(
        "assignments",
        help="list what can be graded, with problems and points",
        description="List what can be graded, with problems and points.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    listing.set_defaults(run=_assignments)
    doctor = commands.add_parser(
        "doctor",
        help="say which layers of the sandbox are on here, and what to do about the others",
        description="Say which layers of the sandbox are on here, and what to do about the others.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    doctor.set_defaults(run=_doctor)
    for command in (grade, listing, doctor):
        command.add_argument(
            "--assignments", metavar="DIR", type=Path, help="a folder of further assignments of your own"
        )
    return parser


def _seed(text_: str) -> int:
    try:
        seed = int(text_)
    except ValueError:
        seed = -1
    if seed < 0:
        raise argparse.ArgumentTypeError(f"a seed is a whole number, 0 or more, not {text_!r}")
    return seed


def _points(text_: str) -> float:
    try:
        points = float(text_)
    except ValueError:
        points = math.nan
    if not math.isfinite(points):  # a score is never below NaN: nobody would fail
        raise argparse.ArgumentTypeError(f"points are a number, not {text_!r}")
    return points


def _grade(options: argparse.Namespace, known: Sequence[Assignment]) -> int:
    choices = engine.Options(
        options.assignment, options.seed, strict=options.strict, unsandboxed=options.allow_unsandboxed
    )
    report = engine.grade(options.hand_in, known, choices)
    if options.format == "autolab":
        _write(autolab.render(report), options.output)
        return GRADED
    if options.format == "json":
        _write(json_report.render(report), options.output)
    else:
        _write(_as_text(report, options.output), options.output)
    return _exit_code(report, options.fail_under)


def _as_text(report: Report, output: Path | None) -> str:
    """The text report, in what its reader can show: a file takes all letters and no colour."""
    if output is not None or sys.stdout is None:  # None: closed by whoever called
        return text.render(report)
    # https://no-color.org: set to an empty string, the variable says nothing.
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return text.render(report, colour=colour, ascii_only="utf" not in sys.stdout.encoding.lower())


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


def _doctor(_: argparse.Namespace, __: Sequence[Assignment]) -> int:
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


def _write(rendered: str, output: Path | None) -> None:
    if output is None:
        with contextlib.suppress(BrokenPipeError):  # whoever read the report has seen enough
            print(rendered, end="", flush=True)
        return
    try:
        output.write_text(rendered, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the report cannot be written to {output}: {error.strerror}") from None


def _ended(arguments: Sequence[str], known: Sequence[Assignment], message: str | None, code: int) -> int:
    """End without a report. Autolab still gets a last line that it can read, and exit status 0."""
    with contextlib.suppress(OSError):  # the output's own end is gone or full: there is nobody to tell
        if _said(arguments, "--format") != "autolab":
            if message:
                print(escape.visible(message, keep="\n"), file=sys.stderr)
            return code
        chosen = [one for one in known if one.name == _said(arguments, "--assignment")] or known
        names = [problem.name for assignment in chosen for problem in assignment.problems]
        page = Page(ascii_only=True)
        if text.OURS not in (message or ""):  # whoever called wrongly, it was not the student who reads this
            page.prose(text.OURS)
        page.prose(message or "cellgrade was called wrongly.")
        ending = f"{page.render()}\n{autolab.last_line(names)}\n"
        output = _said(arguments, "--output")
        try:
            # What a student before this one got there must not be read as this one's.
            _write(ending, Path(output) if output else None)
        except UsageError:
            _write(ending, None)
    return GRADED


def _said(arguments: Sequence[str], option: str) -> str | None:
    """What the arguments say for an option, though they may be wrong otherwise; None if nothing."""
    said = [after for before, after in itertools.pairwise(arguments) if before == option]
    said += [argument.partition("=")[2] for argument in arguments if argument.startswith(f"{option}=")]
    return said[-1] if said else None
