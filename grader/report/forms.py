"""The forms of a report, in one table for all who write them: `grade`, `present` and `batch`.

All are called alike: with the reports that are shown together, and what their reader can show. A form is
imported when it is written, so that a grading imports no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.records import Report
from grader.report.placed import Placed


@dataclass(frozen=True)
class Medium:
    """What can be shown where a report is written. A file takes all letters and no colour.

    Attributes:
        colour: lines may be marked with ANSI codes.
        ascii_only: other characters cannot be shown.
    """

    colour: bool = False
    ascii_only: bool = False


FILE = Medium()


@dataclass(frozen=True)
class Renderer:
    """A form of the report.

    Attributes:
        does: what it is, for a command's help.
        write: makes the text of it, a pure function.
        of_one: whether it is about a single report, and cannot show several.
    """

    does: str
    write: Callable[[Sequence[Placed], Medium], str]
    of_one: bool = False

    def render(self, placed: Sequence[Placed], medium: Medium = FILE) -> str:
        """Write these reports.

        Raises:
            ValueError: they are several, and this form is about one.
        """
        if self.of_one and len(placed) != 1:
            raise ValueError(f"this form shows one report, and these are {len(placed)}")
        return self.write(placed, medium)


def rendered(form: str, report: Report) -> str:
    """Write one report in a form of `RENDERERS`, for a file."""
    return RENDERERS[form].render([Placed(report)])


def _text(placed: Sequence[Placed], medium: Medium) -> str:
    from grader.report import text

    return "\n".join(
        text.render(one.report, colour=medium.colour, ascii_only=medium.ascii_only) for one in placed
    )


def _json(placed: Sequence[Placed], _: Medium) -> str:
    from grader.report import json_report

    return json_report.render(placed[0].report)


def _autolab(placed: Sequence[Placed], _: Medium) -> str:
    from grader.report import autolab

    return autolab.render(placed[0].report)


def _annotations(placed: Sequence[Placed], _: Medium) -> str:
    from grader.report import github

    return github.render(placed)


def _summary(placed: Sequence[Placed], _: Medium) -> str:
    from grader.report import summary

    return summary.render(placed)


def _outputs(placed: Sequence[Placed], _: Medium) -> str:
    """Write lines for $GITHUB_OUTPUT. No value has a newline: numbers, and base64."""
    from grader.report import classroom, github

    found = {**github.outputs(placed), "result": classroom.render(placed)}
    return "".join(f"{name}={value}\n" for name, value in found.items())


def _junit(placed: Sequence[Placed], _: Medium) -> str:
    from grader.report import junit

    return junit.render(placed)


RENDERERS: Mapping[str, Renderer] = {
    "text": Renderer("the report as a student reads it", _text),
    "json": Renderer("the report for programs", _json, of_one=True),
    "autolab": Renderer("the text, and as its last line the scores for Autolab", _autolab, of_one=True),
    "annotations": Renderer("workflow commands for GitHub, which shows them on the lines", _annotations),
    "summary": Renderer("Markdown for a job's summary", _summary),
    "outputs": Renderer("score, max_score, and result for GitHub Classroom, as a step's outputs", _outputs),
    "junit": Renderer("JUnit XML", _junit),
}
