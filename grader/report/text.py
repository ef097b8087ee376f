"""The report as a student reads it: plain text, at most 100 columns but for lines of somebody's own code.

From the top: what was graded; the sections of `outline`, with a line for each problem, and below one that is
not right a block for each mistake, with the smallest case that shows it; and the total.
"""

from __future__ import annotations

from typing import assert_never

from grader.records import Finding, GradedFile, ProblemResult, Report, Status
from grader.report import details, outline
from grader.report.outline import Findings, Preface, Rows, Stream
from grader.report.page import WIDTH, Page, Style
from grader.report.points import as_text

_NAME_CHARS = 60
_MOST_NAMES = 40
_BEHIND = "   "  # between a row and what is said behind it
_SHORT = 12  # digits of a digest that are enough to tell two hand-ins apart
_MOST_FILES = 10


def render(
    report: Report, *, colour: bool = False, ascii_only: bool = False, isolation_last: bool = False
) -> str:
    """Write the report as text that ends with a newline.

    Args:
        report: what came out.
        colour: mark lines with ANSI codes, for a terminal.
        ascii_only: write other characters as escapes, for platforms that lose non-ASCII output.
        isolation_last: say at the end, and to the staff, which layers of the sandbox were off: for platforms
            on which the students read first, and can do nothing about it.
    """
    page = Page(ascii_only=ascii_only)
    columns = _Layout(page, report)
    _what_was_graded(page, report)
    if not isolation_last:
        _isolation(page, report, "")
    for section in outline.sections(report):
        match section:
            case Preface():
                _preface(page, section)
            case Findings():
                _findings(page, section)
            case Rows():
                _rows(page, section, columns)
            case Stream():
                _stream(page, section)
            case _:
                assert_never(section)
    if isolation_last:
        page.gap()
        _isolation(page, report, "For course staff: ")
    _total(page, report, columns)
    return page.render(colour=colour)


def _what_was_graded(page: Page, report: Report) -> None:
    page.line(report.title or report.assignment or "Unknown assignment", Style.TITLE)
    files = [_file(page, file) for file in report.files[:_MOST_FILES]]
    if len(report.files) > _MOST_FILES:
        files.append(f"and {len(report.files) - _MOST_FILES} more files")
    if not files and report.sha256 is not None:
        files = [f"sha256 {report.sha256[:_SHORT]}"]
    name = page.path(report.hand_in)
    page.line(f"{name}: {files[0]}" if files else name)
    for file in files[1:]:
        page.line(f"  {file}")
    facts = [
        None if report.cases is None else f"{report.cases} {'case' if report.cases == 1 else 'cases'}",
        None if report.seed is None else f"seed {report.seed}",
        None if report.suite is None else f"suite {report.suite[:_SHORT]}",
        f"cellgrade {report.version}",
    ]
    page.line(", ".join(fact for fact in facts if fact), Style.FAINT)


def _isolation(page: Page, report: Report, before: str) -> None:
    if report.isolation is not None and not report.isolation.isolated:
        page.prose(f"{before}NOT ISOLATED: " + "; ".join(report.isolation.off), hang=2, style=Style.BAD)
        if report.isolation.on:
            page.prose("these layers are on: " + ", ".join(report.isolation.on), indent=2, hang=2)


def _file(page: Page, file: GradedFile) -> str:
    lines = f", {file.lines} {'line' if file.lines == 1 else 'lines'}"
    # A PDF has no lines that a reader would count.
    is_text = file.path.lower().endswith((".py", ".toml", ".txt", ".md"))
    return f"{page.path(file.path)}{lines if is_text else ''}, sha256 {file.sha256[:_SHORT]}"


def _preface(page: Page, preface: Preface) -> None:
    page.gap()
    if preface.sentence:
        page.line(preface.sentence, Style.BAD)
    if preface.message:
        page.prose(preface.message)
    page.hint(preface.hint)


class _Layout:
    """Where the points stand: the slashes of all rows below each other."""

    def __init__(self, page: Page, report: Report) -> None:
        names = [page.name(problem.name, _NAME_CHARS) for problem in report.problems]
        self.name_chars = max([24, *map(len, names)])
        points = [as_text(problem.points) for problem in report.problems] + [as_text(report.score)]
        self.points_chars = max(len(text) for text in points)

    def row(self, name: str, points: str, max_points: float) -> str:
        """Write a name and its points in line with the other rows."""
        return f"{name:<{self.name_chars}}  {points:>{self.points_chars}} / {as_text(max_points)}"


def _rows(page: Page, rows: Rows, columns: _Layout) -> None:
    page.gap()
    for number, problem in enumerate(rows.problems):
        points = as_text(problem.points) if rows.recorded else "-"
        if problem.is_for_a_person:
            points = "?"
        _row(page, problem, columns.row(page.name(problem.name, _NAME_CHARS), points, problem.max_points))
        details.explain(page, problem, rows.problems[:number], marked=True)
        if details.has_more(problem):
            page.gap()


def _row(page: Page, problem: ProblemResult, row: str) -> None:
    """Put a problem's row, with what is right of it where something is not."""
    names = [page.name(name, _NAME_CHARS) for name in outline.right(problem)]
    told = f"{outline.listed(names, _MOST_NAMES)} {outline.are(names, 'right')}" if names else ""
    in_row = bool(told) and len(row) + len(_BEHIND) + len(told) <= WIDTH
    page.line(f"{row}{_BEHIND}{told}" if in_row else row, Style.TITLE)
    if told and not in_row:
        mark, style = details.MARKS[True]
        page.prose(told, indent=2, mark=mark, style=style)


def _findings(page: Page, findings: Findings) -> None:
    page.gap()
    page.line(f"{findings.title}:", Style.TITLE)
    for finding in findings.shown:
        page.prose(f"- {_place(page, finding)}{finding.message}", indent=2, hang=2)
        page.hint(finding.hint, indent=4)
    if findings.more:
        page.line(f"  ... and {findings.more} more")


def _place(page: Page, finding: Finding) -> str:
    if finding.file is None:
        return "" if finding.line is None else f"line {finding.line}: "
    return f"{page.path(finding.file)}{page.at(finding.line, finding.cell)}: "


def _stream(page: Page, stream: Stream) -> None:
    page.gap()
    page.line(f"{stream.title}:", Style.TITLE)
    if stream.printed.text:
        page.block(stream.printed.text, head=30, tail=10, before="  | ")
    if stream.printed.dropped_bytes:
        page.line(f"  ... {stream.printed.dropped_bytes:,} more bytes were dropped", Style.FAINT)


def _total(page: Page, report: Report, columns: _Layout) -> None:
    page.gap()
    if report.status is Status.ERROR:
        page.line("Total: nothing was recorded", Style.TITLE)
        return
    page.line(columns.row("Total", as_text(report.score), report.max_score), Style.TITLE)
    if report.undecided:
        page.line(f"A person will decide on another {as_text(report.undecided)} points.", Style.OPEN)
