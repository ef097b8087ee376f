"""Reports as the summary of a job: Markdown, with the points, what failed, and the smallest failing cases.

GitHub shows at most 1 MiB of it, and nothing at all of more: what does not fit is left out, and that is said.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from grader.report import details, escape, text
from grader.report.markdown import fence, inline
from grader.report.page import Page
from grader.report.placed import Placed
from grader.report.points import letters
from grader.report.weight import failing, only
from grader.words import Blame, Finding, Printed, ProblemResult, Report, Status

MOST_BYTES = 1_000_000
MOST_ROWS = 200
MOST_FINDINGS = 20

CUT = "\n**The rest did not fit here.** All of it is in the JSON report.\n"
FEEDBACK = (
    "\nThis score is feedback: whoever writes a pull request can change its workflow too. "
    "The grade is what the course records.\n"
)

_WORDS = {True: "ok", False: "**fails**", None: "a person decides"}


def render(placed: Sequence[Placed]) -> str:
    """The summary of all reports, which ends with a newline."""
    blocks, left_bytes = [], MOST_BYTES - len((CUT + FEEDBACK).encode())
    for block in (block for one in placed for block in _blocks(one)):
        left_bytes -= len(block.encode()) + 1
        if left_bytes < 0:
            blocks.append(CUT)
            break
        blocks.append(block)
    return "\n".join([*blocks, FEEDBACK.lstrip("\n")])


def _blocks(placed: Placed) -> Iterator[str]:
    """Headings, tables and blocks of code, each whole."""
    report = placed.report
    yield f"## {inline(placed.name)}: {_total(report)}\n"
    if report.title:
        yield f"{inline(report.title)}\n"
    if not placed.counts:
        yield "This does not count: the total has the hand-ins above.\n"
    if report.status is Status.ERROR:
        yield f"**{text.OURS}**\n"
    if report.status is Status.REJECTED:
        yield "**This hand-in could not be graded, so it gets 0 points.**\n"
    if report.message or report.hint:
        yield _page(lambda page: _prose(page, report.message, report.hint))
    yield from _findings("Wrong with the hand-in as a whole", report.findings, Blame.STUDENT)
    if report.problems and report.status is not Status.ERROR:
        yield _table(report)
    for problem in report.problems:
        yield from _failures(problem)
    yield from _findings("Good to know (costs nothing)", report.findings, Blame.NOBODY)
    yield from _findings("Trouble of the grader's own (costs you nothing)", report.findings, Blame.GRADER)
    yield from _printed("Your code printed", report.stdout)
    yield from _printed("Your code printed to stderr", report.stderr)
    yield _small_print(report)


def _total(report: Report) -> str:
    if report.status is Status.ERROR:
        return "nothing was recorded"
    points = f"{letters(report.score)} / {letters(report.max_score)}"
    return f"{points}, a person decides on {letters(report.undecided)}" if report.undecided else points


def _table(report: Report) -> str:
    rows = ["| | points | of | |", "| --- | ---: | ---: | --- |"]
    for problem in report.problems:
        earned = "" if problem.is_for_a_person else f"**{letters(problem.points)}**"
        points = [earned, letters(problem.max_points), ""]
        rows.append(f"| {' | '.join([f'**{inline(problem.name)}**', *points])} |")
        for one in problem.criteria:
            points = ["" if one.passed is None else letters(one.points), letters(one.max_points)]
            rows.append(f"| {' | '.join([inline(one.name), *points, _WORDS[one.passed]])} |")
    if len(rows) > MOST_ROWS:
        rows = [*rows[:MOST_ROWS], f"| and {len(rows) - MOST_ROWS} more rows | | | |"]
    return "\n".join([*rows, ""])


def _failures(problem: ProblemResult) -> Iterator[str]:
    """What is wrong with one problem, and the smallest case that shows it, ready to paste."""
    wrong = only(problem, failing(problem))
    open_ = only(problem, (one for one in problem.criteria if one.passed is None and one.message))
    if not (wrong.criteria or open_.criteria or any(one.curve for one in problem.criteria)):
        return
    yield f"### {inline(problem.name)}\n"
    if said := _page(lambda page: details.facts(page, wrong)):
        yield said
    if smallest := _page(lambda page: details.example(page, wrong), "python"):
        yield smallest
    if said := _page(lambda page: details.facts(page, open_)):
        yield said
    if pictures := _page(lambda page: details.curves(page, problem)):
        yield pictures


def _findings(title: str, findings: Sequence[Finding], blame: Blame) -> Iterator[str]:
    mine = [finding for finding in findings if finding.blame is blame]
    if not mine:
        return
    yield f"### {title}\n"

    def write(page: Page) -> None:
        for finding in mine[:MOST_FINDINGS]:
            at = page.at(finding.line, finding.cell)
            place = "" if finding.file is None else f"{escape.line(finding.file)}{at}: "
            _prose(page, f"{place}{finding.message}", finding.hint)
        if len(mine) > MOST_FINDINGS:
            page.line(f"and {len(mine) - MOST_FINDINGS} more")

    yield _page(write)


def _printed(title: str, printed: Printed) -> Iterator[str]:
    if printed.text:
        yield f"### {title}\n"
        yield _page(lambda page: page.block(printed.text, head=30, tail=10))


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


def _prose(page: Page, message: str | None, hint: str | None) -> None:
    page.prose(message or "")
    if hint:
        page.prose(f"hint: {hint}", hang=6)


def _page(write: Callable[[Page], None], language: str = "text") -> str:
    """A block of code with what is written on the page; empty if nothing is."""
    page = Page()
    write(page)
    lines = textwrap.dedent(page.render()).strip("\n")
    return fence(lines, language) if lines else ""
