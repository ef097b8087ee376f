"""What is read off the names of an export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from grader.batch.entry import Ignored

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")
SOURCES = (".py", ".ipynb")
SUFFIXES = (*ARCHIVES, *SOURCES)


@dataclass(frozen=True)
class Item:
    """A file or a folder in an INPUT; never a link, unless the INPUT itself is one."""

    path: Path
    is_folder: bool

    @property
    def name(self) -> str:
        """Its own name, without the folders around it."""
        return self.path.name


@dataclass(frozen=True)
class ExportName:
    """A hand-in, or one file of one, with what its name says.

    Attributes:
        student: what identifies the student.
        item: what is there.
        version: the larger the later; 0 where nothing says.
        name: the student's name for people.
        original: the name that the student gave the file; None to keep what it has.
        part_of: files of one student and version that are one hand-in share this; None for a whole hand-in.
        attempt: which of the student's hand-ins it is, from 1, where the platform counts them.
        handed_in: when, as an ISO 8601 date with its offset from UTC, where the platform says.
    """

    student: str
    item: Item
    version: int = 0
    name: str | None = None
    original: str | None = None
    part_of: str | None = None
    attempt: int | None = None
    handed_in: str | None = None


@dataclass(frozen=True)
class Sorted:
    """What a platform's rule makes of some items.

    Attributes:
        named: the hand-ins.
        ignored: what the platform itself adds, such as its list of the submissions.
        odd: what the rule does not fit.
    """

    named: tuple[ExportName, ...]
    ignored: tuple[Ignored, ...] = ()
    odd: tuple[Item, ...] = ()

    @property
    def fitting(self) -> int:
        """How many items the rule explains."""
        return len(self.named) + len(self.ignored)


class Platform(Protocol):
    """A module of this package."""

    NAME: str

    def read(self, items: Sequence[Item], /) -> Sorted:
        """Sort items by the rule."""
        ...


@dataclass
class Sorting:
    """Gathers a reading item by item."""

    named: list[ExportName] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    odd: list[Item] = field(default_factory=list)

    def done(self) -> Sorted:
        """Give what was gathered."""
        return Sorted(tuple(self.named), tuple(self.ignored), tuple(self.odd))


def suffix(name: str) -> str | None:
    """Find the ending that makes `name` a hand-in's, as it is written there; None if it is not one."""
    lower = name.lower()
    endings = [ending for ending in SUFFIXES if lower.endswith(ending) and len(lower) > len(ending)]
    return name[-max(map(len, endings)) :] if endings else None


def is_archive(name: str) -> bool:
    """Tell whether a name is an archive's."""
    return name.lower().endswith(ARCHIVES)
