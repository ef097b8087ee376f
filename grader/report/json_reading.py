"""The JSON report back as a `Report`, held to the form of `json_form` field by field.

What is read was written by `json_report.render`, but it may have been cut on its way, or come from another
version. Nothing of it is believed before it has been looked at.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

import msgspec

from grader.records import Finding, GradedFile, Isolation, Printed, ProblemResult, Report, Status, earned
from grader.report import escape, json_form, json_report
from grader.report.points import number

SENTENCE_CHARS = 250
_DEPARTS = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<where>[^`]*)`)?", re.DOTALL)  # as msgspec says it


class NoReportError(ValueError):
    """The text is no JSON report of this version: says where it departs from one."""


def read(text: str) -> Report:
    """Read the report of which `text` is the JSON; `json_report.render` makes the same bytes of it again.

    Raises:
        NoReportError: it is cut, something else, or of another version.
    """
    document = _parsed(text)
    if not isinstance(document, dict) or "schema" not in document:
        raise NoReportError("this is JSON, but no report of cellgrade")
    if document["schema"] != json_form.SCHEMA_VERSION or document["schema"] is True:
        raise NoReportError(
            f"this report has the form {document['schema']!r:.40}; this version of cellgrade reads "
            f"{json_form.SCHEMA_VERSION}"
        )
    form = _held_to_the_form(document)
    report = _report(form)
    try:
        score = number(report.score, digits=json_report.DIGITS)
    except OverflowError:
        raise NoReportError("a number in it is larger than any points can be") from None
    if report.status is not Status.ERROR and form.score != score:
        raise NoReportError(f"score is {document['score']!r:.40}, but the problems have {score}")
    return report


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite
        )
    except NoReportError:
        raise
    except (ValueError, RecursionError) as error:
        raise NoReportError(f"this is no JSON, or it was cut: {error}") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NoReportError(f"a field stands twice among {sorted({name for name, _ in pairs})!s:.80}")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NoReportError(f"{name} is not JSON")


def _finite(letters: str) -> float:
    if math.isinf(found := float(letters)):
        raise NoReportError(f"the number {letters:.40} is larger than any can be")
    return found


def _held_to_the_form(document: Mapping[str, Any]) -> json_form.ReportForm:
    """Read the form, and hold it to what no type says."""
    try:
        form = msgspec.convert(document, json_form.ReportForm)
    except msgspec.ValidationError as error:
        departs = _DEPARTS.fullmatch(str(error))
        assert departs is not None
        what = departs["what"][:1].lower() + departs["what"][1:]
        raise NoReportError(_sentence(f"{departs['where'] or 'the report'}: {what}")) from None
    except UnicodeEncodeError:
        raise NoReportError("a name in it has half a character, which is not Unicode") from None
    if form.status is Status.REJECTED and form.message is None:
        raise NoReportError("message: a report of what was rejected says why, and this is null")
    if form.isolation is not None and form.isolation.isolated is bool(form.isolation.off):
        raise NoReportError("isolation.isolated: does not fit the layers that were off")
    if form.status is Status.ERROR:
        _hold_unrecorded(form)
    return form


def _hold_unrecorded(form: json_form.ReportForm) -> None:
    """See that there are no points where the grader failed."""
    places: list[tuple[str, float | None]] = [("score", form.score)]
    for i, problem in enumerate(form.problems):
        places.append((f"problems[{i}].points", problem.points))
        places += [
            (f"problems[{i}].criteria[{j}].points", one.points) for j, one in enumerate(problem.criteria)
        ]
    for where, points in places:
        if points is not None:
            raise NoReportError(f"{where}: should be null, since the grader failed and nothing is recorded")


def _sentence(words: str) -> str:
    return escape.line(words, limit=SENTENCE_CHARS)


def _report(form: json_form.ReportForm) -> Report:
    plain = msgspec.to_builtins(form)
    recorded = form.status is not Status.ERROR
    for problem in plain["problems"]:
        for row in (problem, *problem["criteria"]):
            _say_points(row, recorded)
    problems = msgspec.convert(plain["problems"], tuple[ProblemResult, ...])
    return Report(
        assignment=form.assignment,
        title=form.title,
        status=form.status,
        message=form.message,
        hint=form.hint,
        problems=tuple(_exactly(problem) for problem in problems) if recorded else problems,
        findings=msgspec.convert(plain["findings"], tuple[Finding, ...]),
        hand_in=form.submission.hand_in,
        sha256=form.submission.sha256,
        files=msgspec.convert(plain["submission"]["files"], tuple[GradedFile, ...]),
        seed=form.suite.seed,
        cases=form.suite.cases,
        suite=form.suite.sha256,
        isolation=msgspec.convert(plain["isolation"], Isolation | None),
        stdout=msgspec.convert(plain["output"]["stdout"], Printed),
        stderr=msgspec.convert(plain["output"]["stderr"], Printed),
        version=form.version,
    )


def _say_points(row: dict[str, Any], recorded: bool) -> None:
    """Put a number for null: NaN, which is written as null again, or 0 where nothing is recorded."""
    if row["max_points"] is None:
        row["max_points"] = math.nan
    if row["points"] is None:
        row["points"] = math.nan if recorded else 0.0


def _exactly(problem: ProblemResult) -> ProblemResult:
    """Give a problem its points as they were before they were written with few digits."""
    if not problem.criteria or not math.isfinite(problem.max_points):
        return problem
    exact = earned(problem.max_points, problem.criteria)  # a third is no 0.333333
    return replace(problem, points=exact) if _written(exact) == _written(problem.points) else problem


def _written(points: float) -> int | float | None:
    return number(points, digits=json_report.DIGITS)
