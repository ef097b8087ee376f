"""Reports as the summary of a job: Markdown, with the points, what failed, and the smallest failing cases.

GitHub shows at most 1 MiB of it, and nothing at all of more: what does not fit is left out, and that is said.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from grader.records import ProblemResult, Report, Status
from grader.report import details, escape, outline
from grader.report.markdown import fence, inline
from grader.report.outline import Findings, Preface, Rows, Stream
from grader.report.page import Page
from grader.report.placed import Placed
from grader.report.points import as_text, failing, left_to_a_person, only

MOST_BYTES = 1_000_000
MOST_ROWS = 200

CUT = "\n**The rest did not fit here.** All of it is in the JSON report.\n"
FEEDBACK = (
    "\nThis score is feedback: whoever writes a pull request can change its workflow too. "
    "The grade is what the course records.\n"
)

MOST_NAMES = 40

_WORDS = {True: "right", False: "**wrong**", None: "left to a person"}
FOLLOWS = "wrong, and the gradient of the own forward"


def render(placed: Sequence[Placed]) -> str:
    """Write the summary of all reports, which ends with a newline."""
    blocks, left_bytes = [], MOST_BYTES - len((CUT + FEEDBACK).encode())
    for block in (block for one in placed for block in _blocks(one)):
        left_bytes -= len(block.encode()) + 1
        if left_bytes < 0:
            blocks.append(CUT)
            break
        blocks.append(block)
    return "\n".join([*blocks, FEEDBACK.lstrip("\n")])


def _blocks(placed: Placed) -> Iterator[str]:
    """Make headings, tables and blocks of code, each whole."""
    report = placed.report
    yield f"## {inline(placed.name)}: {_total(report)}\n"
    if report.title:
        yield f"{inline(report.title)}\n"
    if not placed.counts:
        yield "This does not count: the total has the hand-ins above.\n"
    for section in outline.sections(report):
        match section:
            case Preface():
                yield from _preface(section)
            case Findings():
                yield f"### {section.title}\n"
                yield _findings(section)
            case Rows():
                yield from _rows(section)
            case Stream():
                yield from _stream(section)
            case _:
                assert_never(section)
    yield _small_print(report)


def _total(report: Report) -> str:
    if report.status is Status.ERROR:
        return "nothing was recorded"
    return f"{as_text(report.score)} / {as_text(report.max_score)}{left_to_a_person(report)}"


def _preface(preface: Preface) -> Iterator[str]:
    if preface.sentence:
        yield f"**{preface.sentence}**\n"

    def write(page: Page) -> None:
        page.prose(preface.message or "")
        page.hint(preface.hint)

    if preface.message or preface.hint:
        yield _page(write)


def _rows(rows: Rows) -> Iterator[str]:
    """Make the table of all problems, and below it what is wrong with each."""
    if rows.recorded:
        yield _table(rows.problems)
    for number, problem in enumerate(rows.problems):
        yield from _failures(problem, rows.problems[:number])


def _table(problems: Sequence[ProblemResult]) -> str:
    rows = ["| | points | of | |", "| --- | ---: | ---: | --- |"]
    for problem in problems:
        earned = "" if problem.is_for_a_person else f"**{as_text(problem.points)}**"
        cells = [f"**{inline(problem.name)}**", earned, as_text(problem.max_points), _which(problem)]
        rows.append(f"| {' | '.join(cells)} |")
    if len(rows) > MOST_ROWS:
        rows = [*rows[:MOST_ROWS], f"| and {len(rows) - MOST_ROWS} more rows | | | |"]
    return "\n".join([*rows, ""])


def _which(problem: ProblemResult) -> str:
    """Say which criteria are right, which are not, and which are left to a person."""
    held = {one.passed for one in problem.criteria}
    if held == {True}:
        return "ok"
    names: dict[str, list[str]] = {word: [] for word in (*_WORDS.values(), FOLLOWS)}
    for one in problem.criteria:
        names[FOLLOWS if one.share else _WORDS[one.passed]].append(inline(one.name))
    return "; ".join(
        f"{outline.listed(some, MOST_NAMES)} {outline.are(some, word)}"
        for word, some in names.items()
        if some
    )


def _failures(problem: ProblemResult, before: Sequence[ProblemResult]) -> Iterator[str]:
    """Say what is wrong with one problem, with the smallest case that shows it, ready to paste."""
    wrong = only(problem, failing(problem))
    open_ = only(problem, (one for one in problem.criteria if one.passed is None and one.message))
    if not (wrong.criteria or open_.criteria or any(one.curve for one in problem.criteria)):
        return
    yield f"### {inline(problem.name)}\n"
    if said := _page(lambda page: details.facts(page, wrong, before, marked=True)):
        yield said
    if said := _page(lambda page: details.own_gradient(page, wrong)):
        yield said
    if smallest := _page(lambda page: details.example(page, wrong, before), "python"):
        yield smallest
    if said := _page(lambda page: details.facts(page, open_, before, marked=True)):
        yield said
    if pictures := _page(lambda page: details.curves(page, problem)):
        yield pictures


def _findings(findings: Findings) -> str:
    def write(page: Page) -> None:
        for finding in findings.shown:
            at = page.at(finding.line, finding.cell)
            place = "" if finding.file is None else f"{escape.line(finding.file)}{at}: "
            page.prose(f"{place}{finding.message}")
            page.hint(finding.hint)
        if findings.more:
            page.line(f"and {findings.more} more")

    return _page(write)


def _stream(stream: Stream) -> Iterator[str]:
    if stream.printed.text:
        yield f"### {stream.title}\n"
        yield _page(lambda page: page.block(stream.printed.text, head=30, tail=10))


def _small_print(report: Report) -> str:
    facts = [
        f"{len(report.files)} files" if len(report.files) > 1 else "",
        "" if report.cases is None else f"{report.cases} cases",
        "" if report.seed is None else f"seed {report.seed}",
        f"cellgrade {inline(report.version)}",
    ]
    isolation = report.isolation
    off = (
        ""
        if isolation is None or isolation.isolated
        else _page(lambda page: page.prose("NOT ISOLATED: " + "; ".join(isolation.off)))
    )
    return "\n".join([f"{', '.join(fact for fact in facts if fact)}\n", *([off] if off else [])])


def _page(write: Callable[[Page], None], language: str = "text") -> str:
    """Make a block of code with what is written on the page; empty if nothing is."""
    page = Page()
    write(page)
    lines = textwrap.dedent(page.render()).strip("\n")
    return fence(lines, language) if lines else ""
