"""Writes a report as text that can be kept, and reads it back: nothing of it is rounded, cut or escaped."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from grader.records import Finding, Report, Result

# By Python's own JSON, which writes the halves of surrogate pairs that a student's names may have, and NaN.


def report_text(report: Result) -> str:
    """Write a report, or a result without a name, as one line of ASCII, to be read back as it was."""
    return json.dumps(msgspec.to_builtins(report))


def report_of(text: str) -> Report:
    """Read the report that `report_text` wrote."""
    return msgspec.convert(json.loads(text), Report)


def result_of(text: str) -> Result:
    """Read the result that `report_text` wrote, without the name if it was a report's."""
    return msgspec.convert(json.loads(text), Result)


def findings_text(findings: Sequence[Finding]) -> str:
    """Write findings as one line of ASCII, to be read back as they were."""
    return json.dumps(msgspec.to_builtins(tuple(findings)))


def findings_of(text: str) -> tuple[Finding, ...]:
    """Read the findings that `findings_text` wrote."""
    return msgspec.convert(json.loads(text), tuple[Finding, ...])
