"""From what a TA types to the hand-ins: folders, patterns, files, and what platforms export.

A folder is a class: each file or folder in it is a student's. The matches of a pattern, and files that are
named one by one, are hand-ins. Whose they are stands in their names, as the platform writes them that most
of the names fit; a zip whose names do is unpacked. But a student chooses what is in a hand-in: a zip that is
in a folder, or is named beside files that are no exports, is a hand-in whatever is in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch import patterns
from grader.batch.exports import Export
from grader.batch.gathering import Gathering
from grader.batch.platforms import autolab, canvas, github, gradescope, moodle, plain
from grader.batch.platforms.words import SUFFIXES, Item, Platform, Reading
from grader.batch.words import Collected, Entry, Ignored
from grader.errors import UsageError
from grader.intake.paths import is_litter

# Of two that fit equally well, the earlier: the rules grow more lenient from here on.
_PLATFORMS: tuple[Platform, ...] = (gradescope, moodle, canvas, autolab, github)
PLATFORMS = (*(platform.NAME for platform in _PLATFORMS), plain.NAME)
"""What `--platform` may name."""


def collect(
    inputs: Sequence[str], *, scratch: Path, platform: str | None = None, results: Path | None = None
) -> Collected:
    """All hand-ins of these INPUTs, in an order that depends on their names alone.

    Args:
        inputs: paths of folders, files and exports, or patterns.
        scratch: an empty folder of the caller's, for what is unpacked; it stays while hand-ins are graded.
        platform: one of PLATFORMS, whose names these are; None to recognise it.
        results: our own folder of results, which is passed over where it lies in an INPUT.

    Raises:
        UsageError: an INPUT is not there or cannot be read, nothing in them is a hand-in, or the hand-ins of
            two students would be taken for one's.
    """
    collecting = _Collecting(scratch, _chosen(platform), results)
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


def latest(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[Ignored, ...]]:
    """The last version of each student, and all others with why they do not count.

    Of hand-ins that nothing tells apart, the last by its path counts; the others' reason then says so.
    """
    in_order = sorted(entries, key=_order)
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
    return tuple(sorted(last.values(), key=_order)), tuple(passed_over)


class _Collecting:
    """What has been found so far."""

    def __init__(self, scratch: Path, platform: Platform | None, results: Path | None) -> None:
        self._scratch = scratch
        self._platform = platform
        self._results = results.resolve() if results is not None else None
        self._gathering = Gathering(scratch, self._shown)
        self._unpacked: dict[Path, Path] = {}  # folder below scratch -> the zip
        self._entries: dict[Path, list[Entry]] = {}  # a file may be named twice
        self._ignored: list[Ignored] = []
        self._platforms: set[str] = set()
        self._plain: list[tuple[Path, list[Entry]]] = []

    def item(self, path: Path) -> Item:
        """What an INPUT names; it may be a link, since the TA means it."""
        try:
            path.stat()
        except OSError as error:
            raise UsageError(f"there is no {path}: {error.strerror or error}.") from None
        if not (path.is_dir() or path.is_file()):
            raise UsageError(f"{path} is neither a file nor a folder.")
        return Item(path if path.name not in ("", "..") else path.resolve(), path.is_dir())

    def matches(self, pattern: str) -> None:
        """The matches of a pattern, each a hand-in or an export."""
        items = self._fit_to_read(Item(path, os.path.isdir(path)) for path in patterns.expand(pattern))
        if not items:
            raise UsageError(
                f"nothing matches {pattern}: put quotes around it, and check the folders before it."
            )
        rest = self._without_exports(items)
        if rest and not self._read_as_platform(rest):
            students = plain.students_of(rest, pattern) if self._platform in (None, plain) else None
            self._read(self._platform or plain, rest, Path(pattern), students)

    def named_one_by_one(self, items: Sequence[Item]) -> None:
        """The INPUTs that are no patterns."""
        rest = self._without_exports(items)
        reading = self._recognised(rest)
        if reading is not None:  # an export whose names a shell has listed
            self._take(*reading)
            rest = list(reading[1].odd)
        for item in rest:
            if item.is_folder:
                self._class(item.path)
        files = [item for item in rest if not item.is_folder]
        if files:
            self._read(self._platform or plain, files, Path())

    def result(self) -> Collected:
        """Everything, in order."""
        self._refuse_mixed_up()
        found = {}
        for path, entries in self._entries.items():
            found.update({(entry.student, entry.version, path): entry for entry in entries})
        every = {replace(one, path=self._shown(Path(one.path))) for one in self._ignored}
        ignored = sorted(every | {*self._gathering.ignored}, key=lambda one: (one.path, one.reason))
        if not found:
            why = "".join(f"\n  {one.path} {one.reason}" for one in ignored[:5])
            raise UsageError(
                f"there are no hand-ins: a hand-in is a folder, or ends in {', '.join(SUFFIXES)}.{why}"
            )
        entries = sorted(found.values(), key=_order)
        return Collected(tuple(entries), tuple(ignored), tuple(sorted(self._platforms)))

    def _shown(self, path: Path) -> str:
        """Where a person finds what lies at a path, which may be one of ours."""
        for folder, export in self._unpacked.items():
            if path.is_relative_to(folder):
                return f"{export}: {path.relative_to(folder)}"
        return str(path)

    def _without_exports(self, items: Sequence[Item]) -> list[Item]:
        """Read the zips among these as exports, if all files are exports; the other items."""
        files = [item for item in items if not item.is_folder]
        exports = [(item.path, export) for item in files if (export := _export(item)) is not None]
        is_forced = self._platform not in (None, plain)
        if not is_forced:
            exports = [one for one in exports if one[1].is_one()]
            if len(exports) < len(files):
                return list(items)
        elif len(files) > 1:
            exports = [one for one in exports if one[1].is_one()]
        for path, export in exports:
            folder = self._scratch / f"export-{len(self._unpacked) + 1:03}" / path.stem
            folder.mkdir(parents=True)
            self._unpacked[folder] = path
            export.unpack(folder)
            self._ignored += export.skipped
            self._class(folder)
        taken = {path for path, _ in exports}
        return [item for item in items if item.path not in taken]

    def _class(self, folder: Path) -> None:
        """A folder of hand-ins. A folder around all that a platform made is looked through."""
        items = self._children(folder)
        while not self._read_as_platform(items):
            if len(items) == 1 and items[0].is_folder:
                inner = self._children(items[0].path)
                if self._recognised(inner) is not None:
                    items = inner
                    continue
            self._read(self._platform or plain, items, folder)
            return

    def _children(self, folder: Path) -> list[Item]:
        try:
            paths = sorted(folder.iterdir())
        except OSError as error:
            raise UsageError(f"{folder} cannot be read: {error.strerror or error}.") from None
        return self._fit_to_read(Item(path, os.path.isdir(path)) for path in paths)

    def _fit_to_read(self, items: Iterable[Item]) -> list[Item]:
        """Without litter and our own results; links and whatever is no file are listed."""
        fit = []
        for item in items:
            if is_litter(item.name) or item.name.startswith("."):
                continue
            if os.path.islink(item.path):
                self._ignored.append(Ignored(str(item.path), "is a link, which is not followed"))
            elif not (item.is_folder or os.path.isfile(item.path)):
                reason = "is neither a file nor a folder that can be read"
                self._ignored.append(Ignored(str(item.path), reason))
            elif item.is_folder and _is_results(item.path):
                if item.path.resolve() != self._results:
                    self._ignored.append(Ignored(str(item.path), "holds the results of a batch"))
            elif not (item.is_folder and item.path.resolve() == self._results):
                fit.append(item)
        return fit

    def _read_as_platform(self, items: Sequence[Item]) -> bool:
        """Read them as a platform's, if they are."""
        reading = self._recognised(items)
        if reading is None:
            return False
        self._take(*reading)
        self._odd(reading[0].NAME, reading[1].odd)
        return True

    def _recognised(self, items: Sequence[Item]) -> tuple[Platform, Reading] | None:
        """The chosen platform, or the one whose rule fits most names, and more than half of them."""
        if self._platform is plain or not items:
            return None
        if self._platform is not None:
            reading = self._platform.read(items)
            return (self._platform, reading) if reading.named else None
        readings = [(platform, platform.read(items)) for platform in _PLATFORMS]
        best = max(readings, key=lambda one: len(items) - len(one[1].odd))
        return best if best[1].named and 2 * len(best[1].odd) < len(items) else None

    def _read(
        self, platform: Platform, items: Sequence[Item], where: Path, students: Sequence[str] | None = None
    ) -> None:
        reading = platform.read(items)
        if students is not None:
            known = dict(zip(items, students, strict=True))
            named = tuple(replace(one, student=known[one.item]) for one in reading.named)
            reading = replace(reading, named=named)
        taken = self._take(platform, reading)
        if platform is plain:
            self._plain.append((where, taken))
        self._odd(platform.NAME, reading.odd)

    def _take(self, platform: Platform, reading: Reading) -> list[Entry]:
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
        """Two folders with a `handin.tar` each are two students, but nothing in these names says who."""
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


def _chosen(name: str | None) -> Platform | None:
    if name is None or name == plain.NAME:
        return plain if name else None
    for platform in _PLATFORMS:
        if name == platform.NAME:
            return platform
    raise UsageError(f"there is no platform {name!r}; there are: {', '.join(PLATFORMS)}.")


def _is_results(folder: Path) -> bool:
    # Not by the methods of Path: they raise where a folder is not ours to read.
    return os.path.isdir(folder / "reports") and os.path.isfile(folder / "gradebook.csv")


def _export(item: Item) -> Export | None:
    """The names in a zip; None if it is none, or damaged: then it is a hand-in, and its student is told."""
    if not item.name.lower().endswith(".zip"):
        return None
    try:
        return Export(item.path)
    except UsageError:
        return None


def _order(entry: Entry) -> tuple[str, int, str]:
    return entry.student, entry.version, entry.shown
