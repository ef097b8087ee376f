"""Which hand-in of a student counts, where there are several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grader.batch.entry import Entry, Ignored


@dataclass(frozen=True)
class Versions:
    """Hand-ins by what they count for.

    Attributes:
        counting: the last version of each student.
        earlier: versions that are graded too, and count for nothing.
        superseded: what is not graded, with why it does not count.
    """

    counting: tuple[Entry, ...]
    earlier: tuple[Entry, ...] = ()
    superseded: tuple[Ignored, ...] = ()


def sorted_out(entries: Sequence[Entry], *, every_version: bool) -> Versions:
    """Sort hand-ins by what they count for; earlier versions are graded if `every_version` is asked for."""
    entries = numbered(entries)
    counting, superseded = latest(entries)
    if not every_version:
        return Versions(counting, (), superseded)
    earlier: dict[tuple[str, int], Entry] = {}
    last = {(entry.student, entry.version) for entry in counting}
    for entry in entries:
        # Of two that no version tells apart, only the one that counts.
        if (entry.student, entry.version) not in last:
            earlier.setdefault((entry.student, entry.version), entry)
    graded = {entry.shown for entry in (*counting, *earlier.values())}
    return Versions(
        counting, tuple(earlier.values()), tuple(one for one in superseded if one.path not in graded)
    )


def numbered(entries: Sequence[Entry]) -> list[Entry]:
    """Count the attempts of each student, by the versions that are there, where the platform does not."""
    versions: dict[str, set[int]] = {}
    for entry in entries:
        versions.setdefault(entry.student, set()).add(entry.version)
    return [
        replace(
            entry, attempt=entry.attempt or 1 + sum(one < entry.version for one in versions[entry.student])
        )
        for entry in entries
    ]


def latest(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[Ignored, ...]]:
    """Find the last version of each student, and say of all others why they do not count.

    Of hand-ins that nothing tells apart, the last by its path counts; the others' reason then says so.
    """
    in_order = sorted(entries, key=order)
    last = {entry.student: entry for entry in in_order}
    passed_over = []
    for entry in in_order:
        kept = last[entry.student]
        if entry == kept:
            continue
        reason = f"is version {entry.version} of {entry.student}, who has a version {kept.version}"
        if entry.version == kept.version:
            reason = f"is another hand-in of {entry.student}; {kept.shown} was taken: check which one counts"
        passed_over.append(Ignored(entry.shown, reason))
    return tuple(sorted(last.values(), key=order)), tuple(passed_over)


def order(entry: Entry) -> tuple[str, int, str]:
    """Give a key to sort hand-ins by: their students, then their versions."""
    return entry.student, entry.version, entry.shown
