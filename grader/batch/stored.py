"""A report as text that can be kept: unlike the JSON report, nothing of it is rounded, cut or escaped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from cattrs import Converter

from grader.words import Finding, Report, Result


def report_text(report: Result) -> str:
    """The report, or the result without a name, as one line of ASCII; `report_of` gives an equal one back."""
    return json.dumps(_converter().unstructure(report))


def report_of(text: str) -> Report:
    """The report that `report_text` wrote."""
    report: Report = _converter().structure(json.loads(text), Report)
    return report


def result_of(text: str) -> Result:
    """The result that `report_text` wrote, without the name if it was a report's."""
    result: Result = _converter().structure(json.loads(text), Result)
    return result


def findings_text(findings: Sequence[Finding]) -> str:
    """Findings as one line of ASCII; `findings_of` gives equal ones back."""
    return json.dumps(_converter().unstructure(tuple(findings)))


def findings_of(text: str) -> tuple[Finding, ...]:
    """The findings that `findings_text` wrote."""
    found: tuple[Finding, ...] = _converter().structure(json.loads(text), tuple[Finding, ...])
    return found


@cache
def _converter() -> Converter:
    return Converter()
