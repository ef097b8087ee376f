"""The report for Autolab: the text, and below it two lines of JSON: its formatted feedback, and the scores.

What is promised, and why, is in `autolab_reading`, by which the tests read every kind of output.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Report
from grader.report import autolab_feedback, autolab_line, text

TEXT_LINES = 4_000
TEXT_BYTES = 256_000
"""What the text may take: half of what Autolab accepts, and a quarter of what Tango passes on uncut."""


def render(report: Report) -> str:
    """Render the report as ASCII text whose last line Autolab reads."""
    body = bounded(text.render(report, ascii_only=True, isolation_last=True))
    return f"{body}\n{autolab_feedback.line(report)}\n{autolab_line.of(report)}\n"


def bounded(page: str) -> str:
    """Give the ASCII text, with lines of its middle left out until it fits `TEXT_LINES` and `TEXT_BYTES`."""
    lines = page.splitlines(keepends=True)
    if len(lines) <= TEXT_LINES and len(page) <= TEXT_BYTES:
        return page
    head = _fitting(lines, TEXT_LINES // 2, TEXT_BYTES // 2)
    tail = _fitting(lines[::-1], TEXT_LINES // 2, TEXT_BYTES // 2)[::-1]
    left_out = len(lines) - len(head) - len(tail)
    return "".join([*head, f"[... {left_out:,} lines left out here ...]\n", *tail])


def _fitting(lines: Sequence[str], most_lines: int, most_bytes: int) -> list[str]:
    """Take as many lines from the start as fit."""
    kept: list[str] = []
    for line in lines[:most_lines]:
        most_bytes -= len(line)
        if most_bytes < 0:
            break
        kept.append(line)
    return kept
