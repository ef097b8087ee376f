"""Places in a hand-in, held to its files: what a job says of where it failed is a student's text.

A traceback may name any path, `../../.github/workflows/grade.yml` as well; shown on such a file, a student's
words would pass for those of somebody else.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from dataclasses import replace

from grader.records import CriterionResult, Finding, ProblemResult


def inside(path: str) -> str | None:
    """Return a path of a hand-in in its one form; None if it leads out of the hand-in, or is no
    path at all.
    """
    if not path or path.startswith("/"):
        return None
    normal = posixpath.normpath(path)
    return None if normal in (".", "..") or normal.startswith("../") else normal


def in_problems(problems: Iterable[ProblemResult], files: Collection[str]) -> tuple[ProblemResult, ...]:
    """Return the problems; a criterion whose place is no file of the hand-in has none."""
    return tuple(
        replace(problem, criteria=tuple(_criterion(one, files) for one in problem.criteria))
        for problem in problems
    )


def in_findings(findings: Iterable[Finding], files: Collection[str]) -> tuple[Finding, ...]:
    """Return the findings; one whose place is no file of the hand-in has none."""
    return tuple(
        one
        if one.file is None or inside(one.file) in files
        else replace(one, file=None, line=None, cell=None)
        for one in findings
    )


def _criterion(one: CriterionResult, files: Collection[str]) -> CriterionResult:
    file = inside(one.file or "")
    return replace(one, file=file) if file in files else replace(one, file=None, line=None, cell=None)
