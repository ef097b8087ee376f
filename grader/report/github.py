"""Reports as annotations: workflow commands, which a GitHub runner shows on the lines of a pull request.

The rules are those of the runner's ActionCommand.cs: `::error file=F,line=L,title=T::message` on a line;
`%`, CR and LF are written `%25`, `%0D` and `%0A`, in properties also `:` and `,` as `%3A` and `%2C`. A step
shows ten annotations of each level, and of a message the first 4,096 characters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from grader.records import Blame, CriterionResult, Finding, ProblemResult, Status
from grader.report import details, escape, outline
from grader.report.page import Page, cell_words
from grader.report.placed import Placed
from grader.report.points import as_text, failing, left_to_a_person, number, only, weight

MOST = 10
"""Annotations of a level that a step shows."""

MESSAGE_CHARS = 2_000
"""Of a message; the runner's limit counts some characters twice."""

TITLE_CHARS = 200


class Level(StrEnum):
    """How loud an annotation is."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True)
class Annotation:
    """What is shown beside a line.

    Attributes:
        level: how loud.
        title: its first line.
        message: the rest, of as many lines as it takes.
        file: path from the top of the checkout, if it is about a file.
        line: 1-based line there, if it is about one.
        weight: the smaller, the earlier it is shown.
    """

    level: Level
    title: str
    message: str
    file: str | None = None
    line: int | None = None
    weight: tuple[int, int] = (0, 0)

    def command(self) -> str:
        """Write the workflow command, a line without its newline."""
        # The runner drops spaces before the second `::`.
        properties = {"title": escape.line(self.title, limit=TITLE_CHARS).rstrip()}
        if self.file is not None:
            line = self.line if self.line is not None and self.line > 0 else 1
            properties = {"file": escape.visible(self.file), "line": str(line), **properties}
        said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        message = escape.visible(self.message, keep="\n\t")
        return f"::{self.level} {said}::{_data(escape.cut(message, MESSAGE_CHARS))}"


def render(placed: Sequence[Placed]) -> str:
    """Write the annotations of all reports, the most useful first; what a step cannot show is counted."""
    # What does not count is last, so that it cannot crowd out what does.
    found = [
        one
        for counts in (True, False)
        for one in sorted(
            (one for each in placed if each.counts is counts for one in _annotations(each)),
            key=lambda one: one.weight,
        )
    ]
    shown: list[Annotation] = []
    left_out = 0
    for level in Level:
        alike = [one for one in found if one.level is level]
        most = MOST - 1 if level is Level.NOTICE else MOST  # the last notice may be needed to count
        shown += alike[:most]
        left_out += len(alike[most:])
    if left_out:
        shown.append(
            Annotation(Level.NOTICE, f"{left_out} more", "They are in the job's summary and in the report.")
        )
    return "".join(f"{one.command()}\n" for one in shown)


def outputs(placed: Sequence[Placed]) -> dict[str, str]:
    """Give a step's outputs: `score` and `max_score` of all that count; both empty on a fault of ours."""
    if any(one.report.status is Status.ERROR for one in placed):
        return {"score": "", "max_score": ""}
    score = number(math.fsum(one.report.score for one in placed if one.counts))
    max_score = number(math.fsum(one.report.max_score for one in placed if one.counts))
    return {
        "score": "" if score is None else str(score),
        "max_score": "" if max_score is None else str(max_score),
    }


def _annotations(placed: Placed) -> Iterator[Annotation]:
    report = placed.report
    if report.status is Status.ERROR:
        message = "\n".join([outline.OURS, *escape.marked(report.message or "")])
        yield Annotation(Level.ERROR, f"cellgrade failed on {placed.name}", message, weight=(-3, 0))
        return
    points = f"{as_text(report.score)} of {as_text(report.max_score)} points{left_to_a_person(report)}"
    if not placed.counts:
        points += ", which do not count"
    yield Annotation(Level.NOTICE, f"{placed.name}: {points}", report.title or "cellgrade", weight=(-3, 0))
    if report.status is Status.REJECTED:
        message = "\n".join([*escape.marked(report.message or ""), *_hint(report.hint)])
        yield Annotation(Level.ERROR, f"{placed.name} could not be graded", message, weight=(-2, 0))
    for finding in report.findings:
        yield _of_finding(placed, finding)
    yield from _of_criteria(placed)


def _of_finding(placed: Placed, finding: Finding) -> Annotation:
    """Point at where a finding is: the line of the import, of the syntax error."""
    level = Level.ERROR if finding.blame is Blame.STUDENT else Level.NOTICE
    message = "\n".join([*escape.marked(finding.message), *_hint(finding.hint)])
    file = None if finding.file is None else placed.path(finding.file)
    about = outline.ABOUT[finding.blame]
    title = about[:1].lower() + about[1:]
    line = None if placed.is_archive or file is None else finding.line
    if finding.cell is not None:  # a notebook's file has other lines than its cells
        title, line = f"{title}: {cell_words(finding.line, finding.cell)}", None
    return Annotation(level, title, message, file, line, (-1, 0))


def _of_criteria(placed: Placed) -> Iterator[Annotation]:
    """Make one annotation for each line that criteria fail at, with all that they have to say there."""
    places: dict[tuple[str | None, int | None, str], list[tuple[ProblemResult, CriterionResult]]] = {}
    for problem in placed.report.problems:
        for criterion in failing(problem):
            places.setdefault((*placed.of(criterion), placed.in_cell(criterion)), []).append(
                (problem, criterion)
            )
    for (file, line, cell), failures in places.items():
        problems = list(dict.fromkeys(problem.name for problem, _ in failures))
        page = Page()
        for name in problems:
            mine = [(problem, one) for problem, one in failures if problem.name == name]
            if len(problems) > 1:
                page.gap()
                page.line(f"{name}:")
            details.explain(page, only(mine[0][0], (one for _, one in mine)))
        names = ", ".join(dict.fromkeys(one.name for _, one in failures))
        yield Annotation(
            Level.ERROR,
            f"{', '.join(problems)}: {names}{cell}",
            page.render().strip(),
            None if file is None else placed.path(file),
            None if placed.is_archive else line,
            min(weight(one) for _, one in failures),
        )


def _hint(hint: str | None) -> list[str]:
    return escape.marked(f"hint: {hint}") if hint else []


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")
