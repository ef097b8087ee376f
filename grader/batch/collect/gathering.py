"""From what is named to what is graded: one archive, one folder, or loose files put into one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from grader.batch.collect.platforms.export_names import SOURCES, ExportName, Item, is_archive
from grader.batch.entry import Entry, Ignored
from grader.errors import UsageError
from grader.intake.bounds import ARCHIVE_BYTES, HEADERS
from grader.intake.paths import is_litter

_CHUNK = 1 << 20


class Gathering:
    """Makes entries, and puts loose files into folders of their own below `scratch`.

    Args:
        scratch: a folder of ours.
        shown: how a person finds what lies at a path: what is below `scratch` came from elsewhere.
    """

    def __init__(self, scratch: Path, shown: Callable[[Path], str]) -> None:
        self._scratch = scratch
        self._shown = shown
        self._staged = 0
        self.ignored: list[Ignored] = []

    def entries(self, named: Iterable[ExportName]) -> list[Entry]:
        """Make the hand-ins that these are.

        Raises:
            UsageError: a file cannot be read, or not be copied.
        """
        parts: dict[tuple[str, str], list[ExportName]] = {}
        entries: list[Entry] = []
        for one in named:
            if one.part_of is not None:
                parts.setdefault((one.student, one.part_of), []).append(one)
            elif one.item.is_folder:
                entries += self._folder(one)
            else:
                entries.append(self._entry(one, self._with_own_name(one)))
        for together in parts.values():
            entries += self._together(together)
        return entries

    def _folder(self, one: ExportName) -> list[Entry]:
        """Take a student's folder: the archive in it where there are but archives, else the folder itself."""
        try:
            files = list(_files(one.item.path))
        except OSError as error:
            self._ignore(one.item.path, f"cannot be read: {error.strerror or error}")
            return []
        archives = [path for path in files if is_archive(path.name)]
        if not files:
            self._ignore(one.item.path, "holds no files")
            return []
        if not archives or any(path.name.lower().endswith(SOURCES) for path in files):
            return [self._entry(one, one.item.path)]
        for path in files:
            if path not in archives:
                self._ignore(path, f"lies beside {archives[0].name}")
        return [self._entry(replace(one, item=Item(path, is_folder=False)), path) for path in archives]

    def _together(self, files: Sequence[ExportName]) -> list[Entry]:
        """Put together what one student handed in at once: the archives, else all of them as one hand-in."""
        if len(files) == 1:
            return [self._entry(files[0], self._with_own_name(files[0]))]
        archives = [one for one in files if is_archive(one.item.name)]
        if archives:
            for one in files:
                if one not in archives:
                    reason = f"was handed in beside {archives[0].original or archives[0].item.name}"
                    self._ignore(one.item.path, reason)
            return [self._entry(one, one.item.path) for one in archives]
        folder = self._new_folder()
        for one in files:
            name = _own_name(one)
            if (folder / name).exists():
                self._ignore(one.item.path, f"is a second {name} of one student")
            else:
                _copy(one.item.path, folder / name)
        latest = max(files, key=lambda one: one.version)
        return [self._entry(latest, folder)]

    def _with_own_name(self, one: ExportName) -> Path:
        """Put a file where it has the name that the student gave it: a module's name is part of it."""
        name = _own_name(one)
        if name == one.item.name or not name.lower().endswith(SOURCES):
            return one.item.path
        path = self._new_folder() / name
        _copy(one.item.path, path)
        return path

    def _entry(self, one: ExportName, path: Path) -> Entry:
        shown = self._shown(one.item.path)
        source = None if shown == str(path) else shown
        return Entry(one.student, one.version, path, one.name, source, one.attempt, one.handed_in)

    def _ignore(self, path: Path, reason: str) -> None:
        self.ignored.append(Ignored(self._shown(path), reason))

    def _new_folder(self) -> Path:
        self._staged += 1
        folder = self._scratch / "loose" / f"{self._staged:06}" / "handin"
        folder.mkdir(parents=True)
        return folder


def _own_name(one: ExportName) -> str:
    name = one.original or one.item.name
    return one.item.name if name in (".", "..") or "/" in name else name


def _files(folder: Path) -> Iterator[Path]:
    """Find the files below a folder, litter left out; no link is followed."""
    found = (
        Path(where) / name
        for where, folders, names in _walk(folder)
        for name in sorted(names)
        if not is_litter(name) and not name.startswith(".") and not (Path(where) / name).is_symlink()
    )
    return islice(found, HEADERS)


def _walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    def cannot(error: OSError) -> None:
        raise error

    for where, folders, names in os.walk(folder, onerror=cannot):  # which follows no links
        folders[:] = sorted(name for name in folders if not is_litter(name) and not name.startswith("."))
        yield where, folders, names


def _copy(source: Path, target: Path) -> None:
    """Copy so much of a file that whoever reads it sees if it is too large to be graded."""
    left = ARCHIVE_BYTES + 1
    try:
        flags = os.O_RDONLY
        if sys.platform != "win32":
            flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(source, flags)
        with open(descriptor, "rb") as content, target.open("xb") as file:
            while left > 0 and (chunk := content.read(min(_CHUNK, left))):
                file.write(chunk)
                left -= len(chunk)
    except OSError as error:
        raise UsageError(
            f"{source} cannot be copied to {target.parent}: {error.strerror or error}."
        ) from None
