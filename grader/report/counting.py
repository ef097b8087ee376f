"""Which of several hand-ins count: more of them can neither raise the points of an assignment nor hide them.

Whoever hands in chooses the folders of a pull request, and may put a copy of somebody's right answer into
one. So of several hand-ins of an assignment the one with the fewest points counts. Where a course has said
which assignments are required, those count and no others; one of which there is no hand-in counts with 0
points, and so do all where there is one that nobody recognises: it could be the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.report.placed import Placed
from grader.words import Report, Status


def marked(placed: Sequence[Placed], required: Mapping[str, Report]) -> list[Placed]:
    """The same, those that count first, and of the others it is said that they do not.

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
