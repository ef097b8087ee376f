"""Which files of a hand-in could be a wanted one, and how well each fits.

By names and regular expressions alone: a hostile source can bring Python's own parser down.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from grader.declaration import Wanted
from grader.records import HandIn


@dataclass(frozen=True, order=True)
class Fit:
    """How well a file fits a wanted one; the smallest fits best.

    Attributes:
        elsewhere: it is not where the statement asks for it.
        undefined: how many top-level names it lacks that it should define.
        name: 0 for the wanted file name, 1 if only the case of letters differs, 2 for another accepted name.
        wrong_folder: the folder around it is not the wanted one.
        depth: folders around it.
        notebook: it is a notebook; of one work in two forms, the exported .py is graded.
    """

    elsewhere: bool
    undefined: int
    name: int
    wrong_folder: bool
    depth: int
    notebook: bool


def has_own_name(hand_in: HandIn, wanted: Wanted) -> bool:
    """Whether a file has the wanted one's own name, in whatever folder."""
    own = posixpath.basename(wanted.path)
    return any(
        fnmatchcase(posixpath.basename(as_source(hand_in, path, wanted)), own) for path in hand_in.files
    )


def candidates(hand_in: HandIn, wanted: Wanted) -> dict[str, Fit]:
    """Every file of the hand-in whose name is, or nearly is, that of the wanted one."""
    return {path: fit for path in hand_in.files if (fit := _fit(hand_in, path, wanted)) is not None}


def definers(hand_in: HandIn, wanted: Wanted) -> dict[str, Fit]:
    """Every Python file, whatever its name, that defines something of what the wanted one is to define."""
    names = _names(wanted)
    if not wanted.defines:
        return {}
    found: dict[str, int] = {}
    for loosely in (False, True):  # a class that is spelt otherwise only where none is spelt so
        pattern = _pattern(names, loosely=loosely)
        found = found or {
            path: len(defined)
            for path in python_files(hand_in)
            if (defined := _defined(hand_in.code(path), pattern))
        }
    return {
        path: Fit(
            elsewhere=True,
            undefined=len(names) - count,
            name=3,
            wrong_folder=True,
            depth=path.count("/"),
            notebook=path in hand_in.notebooks,
        )
        for path, count in found.items()
    }


def are_alternatives(hand_in: HandIn, paths: Collection[str], wanted: Wanted) -> bool:
    """Whether each of these files could be the wanted one: not if each defines another part of it."""
    pattern = _pattern(_names(wanted), loosely=False)
    found = [_defined(hand_in.code(path), pattern) for path in paths]
    return not all(found) or len(set().union(*found)) < sum(map(len, found))


def _names(wanted: Wanted) -> set[str]:
    """Return the top-level names that a wanted file is to define."""
    return {name.partition(".")[0] for name in (*wanted.defines, *wanted.methods)}


def python_files(hand_in: HandIn) -> Iterator[str]:
    """Return the paths of the hand-in's Python files, notebooks included, in order."""
    return (
        path for path in sorted(hand_in.files) if path.lower().endswith(".py") or path in hand_in.notebooks
    )


def as_source(hand_in: HandIn, path: str, wanted: Wanted) -> str:
    """Return the path that a file would have as Python, where that is wanted: with .py in place of .ipynb."""
    if wanted.path.endswith(".ipynb"):
        return path
    stem, ending = posixpath.splitext(path)
    return f"{stem}.py" if path in hand_in.notebooks and ending.lower() == ".ipynb" else path


def defines_all(content: bytes, wanted: Wanted) -> bool:
    """Whether the source seems to define, at its top level, every name that the wanted file is known by."""
    return _defined(content, _pattern(wanted.defines, loosely=False)) >= {
        _bytes(one) for one in wanted.defines
    }


def defined(hand_in: HandIn, names: Collection[str], *, loosely: bool = False) -> frozenset[str]:
    """Which of the names the hand-in's Python files seem to define: by `class` or `def`, at the top level.

    Args:
        hand_in: what was handed in.
        names: of functions and classes.
        loosely: whatever their case and underscores.
    """
    pattern = _pattern(names, loosely=loosely)
    found: set[bytes] = set()
    for path in python_files(hand_in):
        found |= _defined(hand_in.code(path), pattern)
    if loosely:
        letters = {_letters(name) for name in found}
        return frozenset(name for name in names if _letters(_bytes(name)) in letters)
    return frozenset(name for name in names if _bytes(name) in found)


def _defined(content: bytes, pattern: re.Pattern[bytes]) -> set[bytes]:
    lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n")
    return {found[1] for found in pattern.finditer(lines)}


def _pattern(names: Collection[str], *, loosely: bool) -> re.Pattern[bytes]:
    """Match a definition of any of the names; in time that is linear in what it is held to.

    What is assigned, as in `RNN = imageio.imread(...)`, is no definition.
    """
    spelt = [re.escape(_bytes(name)) for name in names]
    if loosely:
        letters = (_letters(_bytes(name)).decode() for name in names)
        spelt = [_bytes("_?".join(re.escape(letter) for letter in word)) for word in letters]
    flags = re.MULTILINE | (re.IGNORECASE if loosely else re.NOFLAG)
    any_of = b"|".join(spelt) or b"(?!)"
    return re.compile(rb"^(?:class|def|async[ \t]+def)[ \t]+(%b)(?![A-Za-z0-9_])" % any_of, flags)


def _bytes(name: str) -> bytes:
    return name.encode()


def _letters(name: bytes) -> bytes:
    return name.replace(b"_", b"").lower()


def _fit(hand_in: HandIn, path: str, wanted: Wanted) -> Fit | None:
    name = posixpath.basename(as_source(hand_in, path, wanted))
    wanted_folder, wanted_name = posixpath.split(wanted.path)
    if fnmatchcase(name, wanted_name):
        rank = 0
    elif fnmatchcase(name.lower(), wanted_name.lower()):
        rank = 1
    elif any(fnmatchcase(name.lower(), pattern.lower()) for pattern in wanted.also):
        rank = 2
    else:
        return None
    folder = posixpath.dirname(full_path(hand_in, path))
    wrong_folder = not f"/{folder}/".endswith(f"/{wanted_folder}/") if wanted_folder else False
    if wanted.own_folder and posixpath.basename(folder) != posixpath.basename(wanted_folder):
        return None
    return Fit(
        elsewhere=not in_place(hand_in, path, wanted),
        undefined=not defines_all(hand_in.code(path), wanted),
        name=rank,
        wrong_folder=wrong_folder,
        depth=path.count("/"),
        notebook=path in hand_in.notebooks,
    )


def full_path(hand_in: HandIn, path: str) -> str:
    """Return a path with the name of the folder that was handed in: `hw3` holding `gru.py` is
    "hw3/gru.py".
    """
    return f"{hand_in.name}/{path}" if hand_in.form == "folder" else path


def in_place(hand_in: HandIn, path: str, wanted: Wanted) -> bool:
    """Whether `path` is where the statement asks for it; a single file has no folder to be wrong."""
    path = as_source(hand_in, path, wanted)
    if hand_in.form == "file":
        return fnmatchcase(path, posixpath.basename(wanted.path))
    name = posixpath.basename(wanted.path)
    right = [wanted.path, *(posixpath.join(place, name) for place in wanted.places)]
    return any(fnmatchcase(found, one) for found in (path, full_path(hand_in, path)) for one in right)
