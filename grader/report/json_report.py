"""The report as JSON, for programs: the form of schema.json, which docs/report.md explains field by field."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any, cast

from grader.report import curve, escape
from grader.report.points import number
from grader.words import (
    Cause,
    Counterexample,
    CriterionResult,
    Curve,
    Finding,
    Isolation,
    Method,
    Printed,
    ProblemResult,
    Report,
    Status,
)

SCHEMA_VERSION = 1
DIGITS = 6  # of points: enough to add them up, too few for float noise

TEXT_CHARS = 12_000  # of a text, after the escapes, of which each may take ten characters for one

# `##[error]` anywhere in a line of a CI log is a command; in JSON the first # can be written as an escape.
_COMMAND = re.compile(r"#(?=#[A-Za-z]*\[)")


def render(report: Report) -> str:
    """The report as indented JSON: ASCII, the same bytes for the same report, ending with a newline."""
    letters = json.dumps(as_dict(report), indent=2, ensure_ascii=True, allow_nan=False)
    return _COMMAND.sub(r"\\u0023", letters) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """The report as what `json.dumps` takes. Characters that do not print are escaped, as in every output.

    Points that are not finite, which only a fault of ours can make, become None: no score.
    """
    recorded = report.status is not Status.ERROR
    return {
        "schema": SCHEMA_VERSION,
        "assignment": _name(report.assignment),
        "title": _name(report.title),
        "status": report.status.value,
        "score": number(report.score, digits=DIGITS) if recorded else None,
        "max_score": number(report.max_score, digits=DIGITS),
        "message": _text(report.message),
        "hint": _text(report.hint),
        "problems": [_problem(problem, recorded) for problem in report.problems],
        "findings": [_finding(finding) for finding in report.findings],
        "submission": {
            "hand_in": _name(report.hand_in),
            "sha256": _name(report.sha256),
            "files": [
                {"path": _name(file.path), "lines": file.lines, "sha256": _name(file.sha256)}
                for file in report.files
            ],
        },
        "suite": {"seed": report.seed, "cases": report.cases, "sha256": _name(report.suite)},
        "isolation": None if report.isolation is None else _isolation(report.isolation),
        "output": {"stdout": _printed(report.stdout), "stderr": _printed(report.stderr)},
        "version": _name(report.version),
    }


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every rendered report fulfils."""
    letters = resources.files("grader.report").joinpath("schema.json").read_text(encoding="utf-8")
    return cast(dict[str, Any], json.loads(letters))


def _problem(problem: ProblemResult, recorded: bool) -> dict[str, Any]:
    return {
        "name": _name(problem.name),
        "points": number(problem.points, digits=DIGITS) if recorded else None,
        "max_points": number(problem.max_points, digits=DIGITS),
        "criteria": [_criterion(criterion, recorded) for criterion in problem.criteria],
    }


def _criterion(criterion: CriterionResult, recorded: bool) -> dict[str, Any]:
    example = criterion.counterexample
    return {
        "name": _name(criterion.name),
        "passed": criterion.passed,
        "points": number(criterion.points, digits=DIGITS) if recorded else None,
        "max_points": number(criterion.max_points, digits=DIGITS),
        "message": _text(criterion.message),
        "hint": _text(criterion.hint),
        "reason": _name(criterion.reason),
        "file": _name(criterion.file),
        "line": criterion.line,
        "traceback": _text(criterion.traceback),
        "counterexample": None if example is None else _counterexample(example),
        "curve": None if criterion.curve is None else _curve(criterion.curve),
        "method": None if criterion.method is None else _method(criterion.method),
        **_cell(criterion.cell),
        **({} if criterion.cause is None else {"cause": _cause(criterion.cause)}),
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "says": _text(cause.says),
        "equation": _name(cause.equation),
        "kind": _name(cause.kind),
        "mode": _name(cause.mode),
        "outputs": [_name(name) for name in cause.outputs],
    }


def _counterexample(example: Counterexample) -> dict[str, Any]:
    return {
        "case": _name(example.case),
        "call": [_text(line) for line in example.call],
        "yours": _text(example.yours),
        "expected": _text(example.expected),
    }


def _method(method: Method) -> dict[str, Any]:
    return {"name": _name(method.name), "file": _name(method.file), "line": method.line, **_cell(method.cell)}


def _curve(curve_: Curve) -> dict[str, Any]:
    # The picture is of the numbers as they are written here, so that a reader can draw it again.
    values = [_short(value) for value in curve.thinned(curve_.values)]
    title = escape.cut(escape.visible(curve_.title), TEXT_CHARS)
    return {"title": title, "values": values, "svg": curve.svg(Curve(title, tuple(values)))}


def _short(value: float) -> int | float:
    """A number of a curve, to so many digits as a picture can show; a loss of 3e-8 stays one."""
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 10**DIGITS else short


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "blame": finding.blame.value,
        "message": _text(finding.message),
        "hint": _text(finding.hint),
        "file": _name(finding.file),
        "line": finding.line,
        **_cell(finding.cell),
    }


def _cell(number: int | None) -> dict[str, int]:
    """The cell of a notebook that a line is in; nothing for a file."""
    return {} if number is None else {"cell": number}


def _isolation(isolation: Isolation) -> dict[str, Any]:
    return {
        "isolated": isolation.isolated,
        "on": [_name(layer) for layer in isolation.on],
        "off": [_name(layer) for layer in isolation.off],
    }


def _printed(printed: Printed) -> dict[str, Any]:
    return {"text": _text(printed.text), "dropped_bytes": printed.dropped_bytes}


def _name(text: str | None) -> str | None:
    return None if text is None else escape.visible(text)


def _text(text: str | None) -> str | None:
    return None if text is None else escape.cut(escape.visible(text, keep="\n\t"), TEXT_CHARS)
