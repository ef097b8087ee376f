"""`cellgrade present`: JSON reports in, what a platform shows of them out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader import __version__, discovery, issuing
from grader.cli.options import GRADED, command, points
from grader.cli.writing import exit_code, write_form
from grader.declaration import Loaded
from grader.errors import Rejection, UsageError
from grader.records import Report, Status
from grader.report.forms import RENDERERS
from grader.report.placed import Placed, marked

if TYPE_CHECKING:
    from grader.cli.options import Commands

MOST_BYTES = 64 << 20  # of a JSON report; what is more was not written by cellgrade

EPILOG = """\
FILE may be - for stdout; without any FILE the text is printed. A report that cannot be read counts as a fault
of the grader's. Exit status: 0; 1 if a score is below --fail-under; 2 wrong usage; 3 if the grader failed.
"""


def add(commands: Commands) -> None:
    """Add the command."""
    present = command(commands, "present", "show JSON reports as a platform wants them", epilog=EPILOG)
    present.add_argument("reports", metavar="REPORT", nargs="+", type=Path, help="what --format json wrote")
    present.add_argument(
        "--at",
        metavar="PATH",
        action="append",
        default=[],
        help="where in the checkout the hand-in of a report lies; once for each report, in their order",
    )
    present.add_argument(
        "--required",
        metavar="NAME",
        action="append",
        default=[],
        help="an assignment that counts; once for each. Of several hand-ins of one, the one with the fewest "
        "points counts; where there is none, 0. Without it, all assignments that are there count",
    )
    for name, form in RENDERERS.items():
        present.add_argument(
            f"--{name}",
            metavar="FILE",
            type=Path,
            help=f"{form.does}{', of a single REPORT' if form.of_one else ''}",
        )
    present.add_argument(
        "--fail-under", metavar="POINTS", type=points, default=None, help="exit 1 if a score is lower"
    )
    present.set_defaults(run=_present)


def _present(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    if options.at and len(options.at) != len(options.reports):
        raise UsageError(f"{len(options.reports)} reports, but {len(options.at)} times --at")
    places = options.at or [""] * len(options.reports)
    wanted = {name: getattr(options, name) for name in RENDERERS if getattr(options, name) is not None}
    for name in wanted:
        if RENDERERS[name].of_one and (len(options.reports) > 1 or options.required):
            raise UsageError(f"--{name} shows one report as it is: give one REPORT, and no --required")
    wanted = wanted or {"text": Path("-")}
    required = {name: _missing(discovery.by_name(name, known)) for name in options.required}
    read = [Placed(_read(path, at), at) for path, at in zip(options.reports, places, strict=True)]
    placed = marked(read, required)
    for name, output in wanted.items():
        write_form(name, placed, None if output == Path("-") else output)
    # Our own fault before a score that is too low: 3 before 1.
    return max((exit_code(one.report, options.fail_under) for one in placed), default=GRADED)


def _read(path: Path, at: str) -> Report:
    """Read the report in a file; where there is none, make one that says so: whoever graded it has failed."""
    from grader.report.json_reading import NoReportError, read

    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise NoReportError(f"it has more than {MOST_BYTES >> 20} MiB")
        if not content:
            raise NoReportError("it is empty")
        return read(content.decode())
    except OSError as error:
        why = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    except NoReportError as error:
        why = str(error)
    message = f"The grading left no report in {path.name}: {why}."
    return Report(None, None, Status.ERROR, (), __version__, hand_in=at or path.name, message=message)


def _missing(assignment: Loaded) -> Report:
    """Make the report that stands for a required assignment of which there is no hand-in."""
    message = f"There is no hand-in here that counts as {assignment.name}, which is required."
    return issuing.rejected(
        assignment,
        assignment.name,
        Rejection(message, "Is one there that is not recognised, or is it the base's?"),
    )
