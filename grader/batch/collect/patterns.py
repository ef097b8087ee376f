"""Expands a pattern such as `'submissions/*/handin.tar'` without following a link that lies inside."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

_MAGIC = re.compile(r"[*?\[]")


def is_pattern(text: str) -> bool:
    """Tell whether `text` has characters that stand for others."""
    return _MAGIC.search(text) is not None


def expand(pattern: str) -> tuple[Path, ...]:
    """Find what matches, in order: `*`, `?` and `[...]` within a name, `**` for any folders.

    Links are not followed below the part that has no such characters: a student may have put them there.
    Names that begin with a dot match only where the pattern has that dot.
    """
    parts = Path(pattern).parts
    literal = next(i for i, part in enumerate(parts) if is_pattern(part))
    return tuple(sorted(set(_below(Path(*parts[:literal]), parts[literal:]))))


def _below(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _below(folder, rest or ("*",))
    for entry in _entries(folder):
        if entry.name.startswith(".") and not part.startswith("."):
            continue
        path = folder / entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if part == "**":
            if is_folder:
                yield from _below(path, parts)
        elif fnmatchcase(entry.name, part):
            if not rest:
                yield path
            elif is_folder:
                yield from _below(path, rest)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # it is not there, or not ours to read: then nothing in it matches
        return []
