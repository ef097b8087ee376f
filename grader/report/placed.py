"""A report, and where in a checkout the hand-in lies that it is about."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from grader.words import CriterionResult, Report

ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".zip")


@dataclass(frozen=True)
class Placed:
    """One of the reports that are shown together.

    Attributes:
        report: what came out.
        at: the hand-in's path from the top of the checkout: a folder, a file or an archive; "" if unknown.
    """

    report: Report
    at: str = ""

    @property
    def name(self) -> str:
        """What the hand-in is called among others."""
        return self.at or self.report.hand_in

    @property
    def is_archive(self) -> bool:
        """Whether its files are packed, so that no line of theirs is in the checkout."""
        return self.report.hand_in.lower().endswith(ARCHIVES)

    def path(self, file: str) -> str:
        """The path in the checkout of a file of the hand-in; the archive's own where it is packed."""
        if self.is_archive and self.at:
            return posixpath.normpath(self.at)
        alone = file == self.report.hand_in  # the hand-in is this one file
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.at) if alone else self.at, file))

    def of(self, criterion: CriterionResult) -> tuple[str | None, int | None]:
        """The file of the hand-in and the line that a criterion which fails is about, as well as is known.

        Where it raised; else the function that answers; else the first file that was graded.
        """
        if criterion.file is not None:
            return criterion.file, criterion.line
        if criterion.method is not None:
            return criterion.method.file, criterion.method.line
        return (self.report.files[0].path if self.report.files else None), None
