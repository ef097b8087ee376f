"""A case to try: lines that are valid Python as a whole, with what is wrong and what is right as comments."""

from __future__ import annotations

from grader.records import Counterexample
from grader.report.page import Page, Style

_MOST_LINES = 120  # of what is to be pasted: a case that is small enough to be shown has fewer


def put(page: Page, name: str, example: Counterexample) -> None:
    """Put a block that is valid Python when it is pasted as a whole: no indent, and words as comments."""
    page.line(f"# Try it: the smallest case where {name} fails ({example.case})", Style.FAINT)
    page.block("\n".join(example.call), head=_MOST_LINES)
    if example.raises is not None:
        _array(page, "raises", example.raises)
    else:
        _array(page, "yours:   ", "nothing" if example.yours is None else example.yours)
    _array(page, "expected:", example.expected)
    if (failed := example.failed_assert) is not None:
        at = f"{page.path(failed.file)}{page.at(failed.line, failed.cell)}"
        sides = f": {failed.says}" if failed.says else ""
        page.line(f"# your own assert at {at} fails on it{sides}", Style.FAINT)


def _array(page: Page, title: str, letters: str) -> None:
    if "\n" in letters.strip("\n"):
        page.line(f"# {title.strip()}", Style.FAINT)
        page.block(letters.strip("\n"), head=20, tail=5, before="#   ", style=Style.FAINT)
    else:
        page.line(f"# {title} {letters}", Style.FAINT)
