"""From what a TA types to the hand-ins: folders, patterns, files, and what platforms export.

A folder is a class: each file or folder in it is a student's. The matches of a pattern, and files that are
named one by one, are hand-ins. Whose they are stands in their names, as the platform writes them that most
of the names fit. But a student chooses what is in a hand-in, other students' names as well. So a zip, and the
only folder in an INPUT, is a class if the caller has named the platform, or says so when asked; and what is
in a folder of hand-ins, or is named beside files that are no exports, is a hand-in whatever is in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.collect import candidates, doubt, exports, patterns
from grader.batch.collect.doubt import Doubt
from grader.batch.collect.exports import Export
from grader.batch.collect.gathering import Gathering
from grader.batch.collect.platforms import known, plain
from grader.batch.collect.platforms.export_names import SUFFIXES, Item, Platform, Sorted
from grader.batch.collect.versions import order
from grader.batch.entry import Entry, Ignored
from grader.errors import UsageError
from grader.report import escape


@dataclass(frozen=True)
class Gathered:
    """The hand-ins that the INPUTs hold.

    Attributes:
        entries: by student, version and path.
        ignored: what is not graded, by path.
        platforms: whose names they were read as, such as "canvas"; "plain" where no platform made them.
    """

    entries: tuple[Entry, ...]
    ignored: tuple[Ignored, ...] = ()
    platforms: tuple[str, ...] = ()


def collect(
    inputs: Sequence[str],
    *,
    scratch: Path,
    platform: str | None = None,
    results: Path | None = None,
    is_class: Callable[[Doubt], bool] | None = None,
) -> Gathered:
    """Find all hand-ins of these INPUTs, in an order that depends on their names alone.

    Args:
        inputs: paths of folders, files and exports, or patterns.
        scratch: an empty folder of the caller's, for what is unpacked; it stays while hand-ins are graded.
        platform: one of `known.NAMES`, whose names these are; None to recognise it.
        results: our own folder of results, which is passed over where it lies in an INPUT.
        is_class: answers whether something in doubt is a class; None where nobody can be asked.

    Raises:
        UsageError: an INPUT is not there or cannot be read, nothing in them is a hand-in, the hand-ins of
            two students would be taken for one's, or something is in doubt and nobody can be asked.
    """
    collecting = _Collecting(scratch, known.by_name(platform), results, is_class or doubt.refuse)
    named: list[Item] = []
    for text in inputs:
        path = Path(text)
        if not text.strip():
            raise UsageError("an INPUT is empty: is a variable of the shell not set?")
        if os.path.lexists(path) or not patterns.is_pattern(text):
            named.append(collecting.item(path))
        else:
            collecting.matches(text)
    collecting.named_one_by_one(named)
    return collecting.result()


class _Collecting:
    """What has been found so far."""

    def __init__(
        self,
        scratch: Path,
        platform: Platform | None,
        results: Path | None,
        is_class: Callable[[Doubt], bool],
    ) -> None:
        self._scratch = scratch
        self._platform = platform
        self._is_class = is_class
        self._results = results.resolve() if results is not None else None
        self._gathering = Gathering(scratch, self._shown)
        self._unpacked: dict[Path, Path] = {}  # folder below scratch -> the zip
        self._entries: dict[Path, list[Entry]] = {}  # a file may be named twice
        self._ignored: list[Ignored] = []
        self._platforms: set[str] = set()
        self._plain: list[tuple[Path, list[Entry]]] = []

    def item(self, path: Path) -> Item:
        """Look up what an INPUT names; it may be a link, since the TA means it."""
        try:
            path.stat()
        except OSError as error:
            raise UsageError(f"there is no {path}: {error.strerror or error}.") from None
        if not (path.is_dir() or path.is_file()):
            raise UsageError(f"{path} is neither a file nor a folder.")
        return Item(path if path.name not in ("", "..") else path.resolve(), path.is_dir())

    def matches(self, pattern: str) -> None:
        """Take the matches of a pattern, each a hand-in or an export."""
        items, passed_over = candidates.among(patterns.expand(pattern), self._results)
        self._ignored += passed_over
        if not items:
            raise UsageError(
                f"nothing matches {pattern}: put quotes around it, and check the folders before it."
            )
        rest = self._without_exports(items)
        reading = known.recognised(rest, self._platform)
        if reading is not None:
            self._take(*reading)
            self._odd(reading[0].NAME, reading[1].odd)
        elif rest:
            students = plain.students_of(rest, pattern) if self._platform in (None, plain) else None
            self._read(self._platform or plain, rest, Path(pattern), students)

    def named_one_by_one(self, items: Sequence[Item]) -> None:
        """Take the INPUTs that are no patterns."""
        rest = self._without_exports(items)
        reading = known.recognised(rest, self._platform)
        if reading is not None:  # an export whose names a shell has listed
            self._take(*reading)
            rest = list(reading[1].odd)
        for item in rest:
            if item.is_folder:
                self._class(item.path)
        files = [item for item in rest if not item.is_folder]
        if files:
            self._read(self._platform or plain, files, Path())

    def result(self) -> Gathered:
        """Give everything, in order."""
        self._refuse_mixed_up()
        found = {}
        for path, entries in self._entries.items():
            found.update({(entry.student, entry.version, path): entry for entry in entries})
        every = {replace(one, path=self._shown(Path(one.path))) for one in self._ignored}
        ignored = sorted(every | {*self._gathering.ignored}, key=lambda one: (one.path, one.reason))
        if not found:
            why = "".join(f"\n  {escape.line(one.path)} {one.reason}" for one in ignored[:5])
            raise UsageError(
                f"there are no hand-ins: a hand-in is a folder, or ends in {', '.join(SUFFIXES)}.{why}"
            )
        entries = sorted(found.values(), key=order)
        return Gathered(tuple(entries), tuple(ignored), tuple(sorted(self._platforms)))

    def _shown(self, path: Path) -> str:
        """Say where a person finds what lies at a path, which may be one of ours."""
        for folder, export in self._unpacked.items():
            if path.is_relative_to(folder):
                return f"{export}: {path.relative_to(folder)}"
        return str(path)

    def _without_exports(self, items: Sequence[Item]) -> list[Item]:
        """Read the zips among these that are exports; the other items."""
        exports = self._exports(items)
        for path, (export, platform) in exports.items():
            folder = self._scratch / f"export-{len(self._unpacked) + 1:03}" / path.stem
            folder.mkdir(parents=True)
            self._unpacked[folder] = path
            export.unpack(folder)
            self._ignored += export.skipped
            self._class(folder.joinpath(*export.wrapper) if platform is plain else folder, platform)
        return [item for item in items if item.path not in exports]

    def _exports(self, items: Sequence[Item]) -> dict[Path, tuple[Export, Platform]]:
        """Tell which of these are exports, and of which platform: what the caller has named, or confirms."""
        files = [item for item in items if not item.is_folder]
        zips = {item.path: export for item in files if (export := exports.of(item)) is not None}
        if self._platform is plain:
            return {}
        if self._platform is not None:
            # A shell may have listed an export: then a zip of these names is one student's.
            listed = self._platform.read(items).named
            return {} if listed else {path: (export, self._platform) for path, export in zips.items()}
        looks = {path: name for path, export in zips.items() if (name := export.looks_like()) is not None}
        if len(looks) < len(files):
            return {}
        return {
            path: (zips[path], known.by_name(name) or plain)
            for path, name in looks.items()
            if self._is_class(Doubt(path, name))
        }

    def _class(self, folder: Path, platform: Platform | None = None) -> None:
        """Take a folder of hand-ins. A folder around all that a platform made is looked through.

        Args:
            folder: where they are.
            platform: whose export it is known to be.
        """
        made_by = platform or self._platform
        items, passed_over = candidates.below(folder, self._results)
        reading = known.recognised(items, made_by)
        inner, further = items, passed_over
        while reading is None and len(inner) == 1 and inner[0].is_folder:
            around = inner[0].path
            inner, below = candidates.below(around, self._results)
            further = [*further, *below]
            found = known.recognised(inner, made_by)
            if found is not None:
                # What is in the only folder may be of one student, who chose the names in it.
                if made_by is None and not self._is_class(Doubt(around, found[0].NAME)):
                    break
                reading, passed_over = found, further
        self._ignored += passed_over
        if reading is None:
            self._read(made_by or plain, items, folder)
        else:
            self._take(*reading)
            self._odd(reading[0].NAME, reading[1].odd)

    def _read(
        self, platform: Platform, items: Sequence[Item], where: Path, students: Sequence[str] | None = None
    ) -> None:
        reading = platform.read(items)
        if students is not None:
            whose = dict(zip(items, students, strict=True))
            named = tuple(replace(one, student=whose[one.item]) for one in reading.named)
            reading = replace(reading, named=named)
        taken = self._take(platform, reading)
        if platform is plain:
            self._plain.append((where, taken))
        self._odd(platform.NAME, reading.odd)

    def _take(self, platform: Platform, reading: Sorted) -> list[Entry]:
        taken = self._gathering.entries(reading.named)
        for entry in taken:
            self._entries.setdefault(entry.path.resolve(), []).append(entry)
        self._ignored += reading.ignored
        if reading.named:
            self._platforms.add(platform.NAME)
        return taken

    def _odd(self, platform: str, items: Iterable[Item]) -> None:
        reason = f"does not have a name as {platform.capitalize()} writes it"
        if platform == plain.NAME:
            reason = "is no archive, no folder and no source file"
        self._ignored += [Ignored(str(item.path), reason) for item in items]

    def _refuse_mixed_up(self) -> None:
        """Refuse what names alone do not tell apart.

        Two folders with a `handin.tar` each are two students, but nothing in these names says who."""
        first: dict[str, tuple[Path, Entry]] = {}
        for where, entries in self._plain:
            for entry in entries:
                other, theirs = first.setdefault(entry.student, (where, entry))
                if other != where and theirs.path.resolve() != entry.path.resolve():
                    raise UsageError(
                        f"{theirs.shown} and {entry.shown} would both be the hand-in of {entry.student!r}. "
                        f"Where each folder is a student's, give the folder around them, or a pattern in "
                        f"quotes, such as '{where.parent / '*'}'."
                    )
