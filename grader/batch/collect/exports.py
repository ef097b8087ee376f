"""A zip that a platform made for a download: told from a hand-in, and unpacked within bounds."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from grader.batch.collect.platforms import autolab, canvas, gradescope, moodle, plain
from grader.batch.collect.platforms.export_names import Item, is_archive
from grader.batch.entry import Ignored
from grader.errors import UsageError
from grader.intake.bounds import ARCHIVE_BYTES, NAME_BYTES
from grader.intake.paths import is_litter, printable

MOST_ENTRIES = 1_000_000
MOST_BYTES = 32 << 30
"""How much an export may be once unpacked: a class of a thousand at the most that each may hand in."""

LITTER = "has a name as systems and tools give it to what they leave behind"

_UTF8, _ENCRYPTED = 0x800, 0x1  # bits of an entry's flags
_CHUNK = 1 << 20


class Export:
    """A zip and the names in it. Nothing is unpacked before `unpack`.

    Raises:
        UsageError: it is no zip, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.skipped: list[Ignored] = []
        try:
            with zipfile.ZipFile(path) as archive:
                entries = archive.infolist()
        except Exception as error:  # zipfile on odd bytes raises far more than BadZipFile
            raise UsageError(f"{path} cannot be read as a zip: {error}.") from None
        if len(entries) > MOST_ENTRIES:
            raise UsageError(f"{path} holds more than {MOST_ENTRIES:,} entries.")
        self._files: dict[tuple[str, ...], zipfile.ZipInfo] = {}
        self._litter: set[tuple[str, ...]] = set()
        for entry in entries:
            parts = self._parts(entry)
            if parts is not None:
                self._files[parts] = entry
        # What is passed over at the top is named; what a hand-in itself holds, its own report is about.
        wrapper = self.wrapper
        for litter in sorted(self._litter):
            if litter[:-1] == wrapper[: len(litter) - 1]:
                self._skip("/".join(litter), LITTER)

    def items(self, root: Path) -> list[Item]:
        """List the top of the zip as it would be below `root`, the folders around everything left out."""
        names = {parts[len(self.wrapper) :] for parts in self._files}
        around = root.joinpath(*self.wrapper)
        tops = {parts[0]: len(parts) > 1 for parts in sorted(names)}
        return [Item(around / name, is_folder) for name, is_folder in sorted(tops.items())]

    @property
    def wrapper(self) -> tuple[str, ...]:
        """The folders that hold everything else, such as `assignment_12_export`."""
        wrapper: tuple[str, ...] = ()
        while True:
            tops = {parts[: len(wrapper) + 1] for parts in self._files}
            if len(tops) != 1 or any(len(parts) == len(wrapper) + 1 for parts in self._files):
                return wrapper
            wrapper = tops.pop()

    def looks_like(self) -> str | None:
        """Tell the platform whose names most of these are, "plain" if they are archives alone, else None.

        That is no proof: whoever hands in a zip chooses the names in it.
        """
        tops = self.items(Path())
        files = [item for item in tops if not item.is_folder]
        if any(item.name == gradescope.METADATA for item in files):
            return gradescope.NAME
        readings = (
            (canvas.NAME, canvas.read(tops)),
            (moodle.NAME, moodle.read(tops)),
            (autolab.NAME, autolab.read(files)),
        )
        name, best = max(readings, key=lambda one: one[1].fitting)
        if 2 * best.fitting > len(tops):
            return name
        is_plain = len(tops) > 1 and all(not item.is_folder and is_archive(item.name) for item in tops)
        return plain.NAME if is_plain else None

    def unpack(self, folder: Path) -> None:
        """Write its files below `folder`. Of one that is too large to be graded, only so much as shows it.

        Raises:
            UsageError: it is damaged, or larger than `MOST_BYTES`.
        """
        written = 0
        try:
            with zipfile.ZipFile(self._path) as archive:
                for parts, entry in sorted(self._files.items()):
                    written += _write(archive, entry, folder.joinpath(*parts), MOST_BYTES - written)
        except UsageError:
            raise
        except Exception as error:  # as above
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{self._path} cannot be unpacked: {reason}.") from None

    def _parts(self, entry: zipfile.ZipInfo) -> tuple[str, ...] | None:
        """Take its path apart; None for a folder, for litter, and for what is skipped and listed."""
        path = _name(entry)
        parts = PurePosixPath(path).parts
        if not parts or entry.is_dir():
            return None
        litter = [at for at, part in enumerate(parts, 1) if is_litter(part)]
        if (litter or parts[-1].startswith(".")) and ".." not in parts:
            self._litter.add(parts[: litter[0]] if litter else parts)
            return None
        reason = None
        if path.startswith("/") or ".." in parts or "\0" in path:
            reason = "leads out of the zip"
        elif any(len(part.encode("utf-8", "surrogatepass")) > NAME_BYTES for part in parts):
            reason = f"has a name longer than {NAME_BYTES} bytes"
        elif stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            reason = "is a link or a device"
        elif entry.flag_bits & _ENCRYPTED:
            reason = "is encrypted"
        elif parts in self._files:
            reason = "is there a second time"
        if reason is not None:
            self._skip(path, reason)
            return None
        return parts

    def _skip(self, path: str, reason: str) -> None:
        self.skipped.append(Ignored(f"{self._path}: {printable(path)}", reason))


def _name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    try:  # zipfile has decoded it as code page 437, but most write UTF-8 without saying so
        return entry.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.orig_filename


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, most: int) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    left = ARCHIVE_BYTES + 1  # one byte more than is graded: whoever reads it says that it is too large
    with archive.open(entry) as content, path.open("xb") as file:
        while left > 0 and (chunk := content.read(min(_CHUNK, left))):
            file.write(chunk)
            left -= len(chunk)
            if ARCHIVE_BYTES + 1 - left > most:
                raise UsageError(f"{archive.filename} is larger than {MOST_BYTES >> 30} GiB once unpacked.")
    return ARCHIVE_BYTES + 1 - left


def of(item: Item) -> Export | None:
    """Read the names in a zip; None for no zip, or a damaged one: it is a hand-in, whose student is told."""
    if not item.name.lower().endswith(".zip"):
        return None
    try:
        return Export(item.path)
    except UsageError:
        return None
