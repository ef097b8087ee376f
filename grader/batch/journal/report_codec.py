"""Writes a report as text that can be kept, and reads it back: nothing of it is rounded, cut or escaped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from cattrs import Converter

from grader.words import Finding, Report, Result


def report_text(report: Result) -> str:
    """Write a report, or a result without a name, as one line of ASCII, to be read back as it was."""
    return json.dumps(_converter().unstructure(report))


def report_of(text: str) -> Report:
    """Read the report that `report_text` wrote."""
    report: Report = _converter().structure(json.loads(text), Report)
    return report


def result_of(text: str) -> Result:
    """Read the result that `report_text` wrote, without the name if it was a report's."""
    result: Result = _converter().structure(json.loads(text), Result)
    return result


def findings_text(findings: Sequence[Finding]) -> str:
    """Write findings as one line of ASCII; `findings_of` gives equal ones back."""
    return json.dumps(_converter().unstructure(tuple(findings)))


def findings_of(text: str) -> tuple[Finding, ...]:
    """Read the findings that `findings_text` wrote."""
    found: tuple[Finding, ...] = _converter().structure(json.loads(text), tuple[Finding, ...])
    return found


@cache
def _converter() -> Converter:
    return Converter()
