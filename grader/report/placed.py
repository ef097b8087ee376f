"""Reports that are shown together: where in a checkout the hand-in of each lies, and which of them count.

More hand-ins can neither raise the points of an assignment nor hide them. Whoever hands in chooses the
folders of a pull request, and may put a copy of somebody's right answer into one. So of several hand-ins
of an assignment the one with the fewest points counts. Where a course has said which assignments are
required, those count and no others; one of which there is no hand-in counts with 0 points, and so do all
where there is one that nobody recognises: it could be the one that was asked for.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader import places
from grader.records import CriterionResult, Method, Report, SourceLine, Status
from grader.report.page import cell_words

ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".zip")


@dataclass(frozen=True)
class Placed:
    """One of the reports that are shown together.

    Attributes:
        report: what came out.
        at: the hand-in's path from the top of the checkout: a folder, a file or an archive; "" if unknown.
        counts: whether its points are part of the total: see `marked`.
    """

    report: Report
    at: str = ""
    counts: bool = True

    @property
    def name(self) -> str:
        """What the hand-in is called among others."""
        return self.at or self.report.hand_in

    @property
    def is_archive(self) -> bool:
        """Whether its files are packed, so that no line of theirs is in the checkout."""
        return self.report.hand_in.lower().endswith(ARCHIVES)

    def path(self, file: str) -> str | None:
        """Give the path in the checkout of a file of the hand-in; the archive's own where it is packed.

        None for what is no file of the hand-in, whatever a traceback says: what leads out of it; beside a
        hand-in of one file, any other; and where the hand-in's own place is unknown, all but what was graded.
        """
        if self.is_archive and self.at:
            return posixpath.normpath(self.at)
        inside = places.inside(file)
        graded = {one.path for one in self.report.files}
        if inside is None or not (self.at or inside in graded):
            return None
        if graded == {self.report.hand_in}:  # the hand-in is this one file
            if inside != self.report.hand_in:
                return None
            return posixpath.normpath(posixpath.join(posixpath.dirname(self.at), inside))
        return posixpath.normpath(posixpath.join(self.at, inside))

    def of(self, criterion: CriterionResult) -> tuple[str | None, int | None]:
        """Find the file of the hand-in and the line that a failing criterion is about, as well as is known.

        Where it raised; else where the array is assigned, or the function that answers; else the first file
        that was graded. A notebook's file has no such line: see `in_cell`.
        """
        if criterion.file is not None and self.path(criterion.file) is not None:
            return criterion.file, criterion.line if criterion.cell is None else None
        for place in (criterion.assigned, criterion.method):
            if place is not None and self.path(place.file) is not None:
                return place.file, place.line if place.cell is None else None
        return (self.report.files[0].path if self.report.files else None), None

    def in_cell(self, criterion: CriterionResult) -> str:
        """Say where in a notebook that is, to stand behind a title: " (cell 14, line 3)"; else ""."""
        place: CriterionResult | SourceLine | Method | None = (
            criterion if criterion.file is not None else criterion.assigned or criterion.method
        )
        if place is None or place.cell is None:
            return ""
        return f" ({cell_words(place.line, place.cell)})"


def marked(placed: Sequence[Placed], required: Mapping[str, Report]) -> list[Placed]:
    """Put those that count first, and say of the others that they do not.

    Args:
        placed: what was graded.
        required: name of an assignment -> the report that stands for it where there is none; empty if all
            assignments that are there count.
    """
    known = [one for one in placed if one.report.assignment is not None]
    unknown = [one for one in placed if one.report.assignment is None]
    ours = [one for one in placed if one.report.status is Status.ERROR]  # which leaves no score at all
    fewest: dict[str | None, Placed] = {}
    for one in sorted(known, key=lambda one: one.report.score):
        fewest.setdefault(one.report.assignment, one)
    if required:
        is_doubtful = any(one.report.status is not Status.ERROR for one in unknown)
        counting = [
            Placed(instead) if is_doubtful or name not in fewest else fewest[name]
            for name, instead in required.items()
        ]
    else:
        lowest = {id(one) for one in fewest.values()}
        counting = [one for one in placed if id(one) in lowest or one.report.assignment is None]
    counting += [one for one in ours if not _has(counting, one)]
    return [*counting, *(replace(one, counts=False) for one in placed if not _has(counting, one))]


def _has(some: Sequence[Placed], one: Placed) -> bool:
    return any(one is other for other in some)
