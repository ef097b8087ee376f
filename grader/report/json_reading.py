"""The JSON report back as a `Report`: held to its form field by field, without a library for schemas.

What is read was written by `json_report.render`, but it may have been cut on its way, or come from another
version. Nothing of it is believed before it has been looked at.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NoReturn

from grader.report import json_report
from grader.report.json_fields import NoReportError, Object
from grader.report.points import number
from grader.words import (
    Blame,
    Cause,
    Counterexample,
    CriterionResult,
    Curve,
    Finding,
    GradedFile,
    Isolation,
    Method,
    Printed,
    ProblemResult,
    Report,
    Status,
)


def read(text: str) -> Report:
    """The report of which `text` is the JSON; `json_report.render` makes the same bytes of it again.

    Raises:
        NoReportError: it is cut, something else, or of another version.
    """
    try:
        document = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except NoReportError:
        raise
    except (ValueError, RecursionError) as error:
        raise NoReportError(f"this is no JSON, or it was cut: {error}") from None
    if not isinstance(document, dict) or "schema" not in document:
        raise NoReportError("this is JSON, but no report of cellgrade")
    if document["schema"] != json_report.SCHEMA_VERSION or document["schema"] is True:
        raise NoReportError(
            f"this report has the form {document['schema']!r:.40}; this version of cellgrade reads "
            f"{json_report.SCHEMA_VERSION}"
        )
    try:
        report = Object(document, "").read(_report)
        score = number(report.score, digits=json_report.DIGITS)
    except OverflowError:
        raise NoReportError("a number in it is larger than any points can be") from None
    if report.status is not Status.ERROR and document["score"] != score:
        raise NoReportError(f"score is {document['score']!r:.40}, but the problems have {score}")
    return report


def _report(of: Object) -> Report:
    of.whole("schema")
    status = of.word("status", Status)
    recorded = status is not Status.ERROR
    _hold_unrecorded("the report", of.points("score"), recorded)
    of.points("max_score")
    hand_in, sha256, files = of.inside("submission", _submission)
    seed, cases, suite = of.inside("suite", _suite)
    stdout, stderr = of.inside("output", lambda one: (_printed(one, "stdout"), _printed(one, "stderr")))
    return Report(
        assignment=of.maybe_text("assignment"),
        title=of.maybe_text("title"),
        status=status,
        message=of.text("message") if status is Status.REJECTED else of.maybe_text("message"),
        hint=of.maybe_text("hint"),
        problems=of.each("problems", lambda one: _problem(one, recorded)),
        findings=of.each("findings", _finding),
        hand_in=hand_in,
        sha256=sha256,
        files=files,
        seed=seed,
        cases=cases,
        suite=suite,
        isolation=of.maybe("isolation", _isolation),
        stdout=stdout,
        stderr=stderr,
        version=of.text("version"),
    )


def _submission(of: Object) -> tuple[str, str | None, tuple[GradedFile, ...]]:
    return of.text("hand_in"), of.maybe_text("sha256"), of.each("files", _file)


def _suite(of: Object) -> tuple[int | None, int | None, str | None]:
    return of.maybe_whole("seed"), of.maybe_whole("cases", 0), of.maybe_text("sha256")


def _problem(of: Object, recorded: bool) -> ProblemResult:
    name, points, max_points = of.text("name"), of.points("points"), of.points("max_points")
    criteria = of.each("criteria", lambda one: _criterion(one, recorded))
    _hold_unrecorded(name, points, recorded)
    exact = _exact(max_points, criteria)
    if exact is not None and _written(exact) == _written(points):
        points = exact
    return ProblemResult(name, points if recorded else 0.0, max_points, criteria)


def _exact(max_points: float, criteria: tuple[CriterionResult, ...]) -> float | None:
    """What a problem's points are before they are written with few digits: a third is no 0.333333."""
    if not criteria or not math.isfinite(max_points):
        return None
    passed = sum(criterion.passed is True for criterion in criteria)
    return float(Fraction(str(max_points)) * passed / len(criteria))


def _written(points: float) -> int | float | None:
    return number(points, digits=json_report.DIGITS)


def _hold_unrecorded(name: str, points: float, recorded: bool) -> None:
    if not recorded and not math.isnan(points):
        raise NoReportError(f"{name!r:.60} has points, where the grader failed and nothing is recorded")


def _criterion(of: Object, recorded: bool) -> CriterionResult:
    name, points = of.text("name"), of.points("points")
    _hold_unrecorded(name, points, recorded)
    return CriterionResult(
        name=name,
        passed=of.maybe_truth("passed"),
        points=points if recorded else 0.0,
        max_points=of.points("max_points"),
        message=of.maybe_text("message"),
        hint=of.maybe_text("hint"),
        reason=of.maybe_text("reason"),
        traceback=of.maybe_text("traceback"),
        file=of.maybe_text("file"),
        line=of.maybe_whole("line"),
        counterexample=of.maybe("counterexample", _counterexample),
        curve=of.maybe("curve", _curve),
        method=of.maybe("method", _method),
        cell=of.whole_if_there("cell"),
        cause=of.inside_if_there("cause", _cause),
    )


def _cause(of: Object) -> Cause:
    return Cause(of.text("says"), of.text("equation"), of.text("kind"), of.text("mode"), of.texts("outputs"))


def _counterexample(of: Object) -> Counterexample:
    return Counterexample(of.text("case"), of.texts("call"), of.maybe_text("yours"), of.text("expected"))


def _curve(of: Object) -> Curve:
    of.text("svg")  # drawn again from the numbers
    return Curve(of.text("title"), of.numbers("values"))


def _method(of: Object) -> Method:
    return Method(of.text("name"), of.text("file"), of.whole("line"), of.whole_if_there("cell"))


def _finding(of: Object) -> Finding:
    return Finding(
        of.word("blame", Blame),
        of.text("message"),
        of.maybe_text("hint"),
        of.maybe_text("file"),
        of.maybe_whole("line"),
        of.whole_if_there("cell"),
    )


def _file(of: Object) -> GradedFile:
    return GradedFile(of.text("path"), of.whole("lines", 0), of.text("sha256"))


def _isolation(of: Object) -> Isolation:
    found = Isolation(of.texts("on"), of.texts("off"))
    if of.truth("isolated") is not found.isolated:
        raise NoReportError("isolation.isolated does not fit the layers that were off")
    return found


def _printed(of: Object, stream: str) -> Printed:
    return of.inside(stream, lambda one: Printed(one.text("text"), one.whole("dropped_bytes", 0)))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NoReportError(f"a field stands twice among {sorted({name for name, _ in pairs})!s:.80}")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NoReportError(f"{name} is not JSON")
