"""Where a report goes: a file, or stdout in what its reader can show; and the exit status to end with."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.cli.options import BELOW, GRADED, OUR_FAULT
from grader.errors import UsageError
from grader.records import Attachment, Report, Status
from grader.report.forms import FILE, RENDERERS, Medium
from grader.report.placed import Placed


def write_form(form: str, placed: Sequence[Placed], output: Path | None) -> None:
    """Write reports in a form of `RENDERERS` to a file, or to stdout.

    Raises:
        UsageError: the file cannot be written.
    """
    write(RENDERERS[form].render(placed, medium(output)), output)


def medium(output: Path | None) -> Medium:
    """Say what can be shown there: in a file all letters, on stdout what it is."""
    if output is not None or sys.stdout is None:  # None: closed by whoever called
        return FILE
    # https://no-color.org: set to an empty string, the variable says nothing.
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Medium(colour, ascii_only="utf" not in sys.stdout.encoding.lower())


def write(rendered: str, output: Path | None) -> None:
    """Write a report to a file, or to stdout, where a letter that it cannot take is written as an escape.

    Raises:
        UsageError: the file cannot be written.
    """
    if output is None:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        with contextlib.suppress(BrokenPipeError):  # whoever read the report has seen enough
            print(rendered.encode(encoding, "backslashreplace").decode(encoding), end="", flush=True)
        return
    try:
        output.write_text(rendered, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the report cannot be written to {output}: {error.strerror}") from None


def write_files(attached: Sequence[Attachment], folder: Path) -> None:
    """Write the files that came of a grading into a folder, which is made if it is not there.

    Raises:
        UsageError: they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in attached:
            if one.content is not None:
                folder.joinpath(one.name).write_bytes(one.content)
    except OSError as error:
        raise UsageError(f"files cannot be written into {folder}: {error.strerror}") from None


def write_somewhere(rendered: str, output: Path | None) -> None:
    """Write to a file, or to stdout where it cannot be written."""
    try:
        write(rendered, output)
    except UsageError:
        write(rendered, None)


def exit_code(report: Report, fail_under: float | None) -> int:
    """Give what a grading ends with: see `EPILOG`."""
    if report.status is Status.ERROR:
        return OUR_FAULT
    return BELOW if fail_under is not None and report.score < fail_under else GRADED
