"""Which files of a hand-in could be a wanted one, and how well each fits.

By names and regular expressions alone: a hostile source can bring Python's own parser down.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from grader.declaration import Wanted
from grader.words import HandIn


@dataclass(frozen=True, order=True)
class Fit:
    """How well a file fits a wanted one; the smallest fits best.

    Attributes:
        elsewhere: it is not where the statement asks for it.
        undefined: it lacks a top-level name that it should define.
        name: 0 for the wanted file name, 1 if only the case of letters differs, 2 for another accepted name.
        wrong_folder: the folder around it is not the wanted one.
        depth: folders around it.
        notebook: it is a notebook; of one work in two forms, the exported .py is graded.
    """

    elsewhere: bool
    undefined: bool
    name: int
    wrong_folder: bool
    depth: int
    notebook: bool


def has_own_name(hand_in: HandIn, wanted: Wanted) -> bool:
    """Whether a file has the wanted one's own name, in whatever folder."""
    own = posixpath.basename(wanted.path)
    return any(fnmatchcase(posixpath.basename(as_source(hand_in, path)), own) for path in hand_in.files)


def candidates(hand_in: HandIn, wanted: Wanted) -> dict[str, Fit]:
    """Every file of the hand-in whose name is, or nearly is, that of the wanted one."""
    return {path: fit for path in hand_in.files if (fit := _fit(hand_in, path, wanted)) is not None}


def definers(hand_in: HandIn, wanted: Wanted) -> dict[str, Fit]:
    """Every Python file, whatever its name, that defines all the names by which the wanted one is known."""
    if not wanted.defines:
        return {}
    return {
        path: Fit(
            elsewhere=True,
            undefined=False,
            name=3,
            wrong_folder=True,
            depth=path.count("/"),
            notebook=path in hand_in.notebooks,
        )
        for path in python_files(hand_in)
        if defines_all(hand_in.code(path), wanted)
    }


def python_files(hand_in: HandIn) -> Iterator[str]:
    """The paths of the hand-in's Python files, notebooks included, in order."""
    return (
        path for path in sorted(hand_in.files) if path.lower().endswith(".py") or path in hand_in.notebooks
    )


def as_source(hand_in: HandIn, path: str) -> str:
    """The path that a file would have as Python: a notebook's with .py in place of .ipynb."""
    stem, ending = posixpath.splitext(path)
    return f"{stem}.py" if path in hand_in.notebooks and ending.lower() == ".ipynb" else path


def defines_all(content: bytes, wanted: Wanted) -> bool:
    """Whether the source seems to define, at its top level, every name that the wanted file is known by."""
    lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n")
    return all(_definition(name).search(lines) for name in wanted.defines)


def _definition(name: str) -> re.Pattern[bytes]:
    escaped = re.escape(name.encode())
    return re.compile(
        rb"^(?:(?:class|def|async[ \t]+def)[ \t]+%b\b|%b[ \t]*=[^=])" % (escaped, escaped), re.MULTILINE
    )


def _fit(hand_in: HandIn, path: str, wanted: Wanted) -> Fit | None:
    name = posixpath.basename(as_source(hand_in, path))
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
    return Fit(
        elsewhere=not in_place(hand_in, path, wanted),
        undefined=not defines_all(hand_in.code(path), wanted),
        name=rank,
        wrong_folder=not f"/{folder}/".endswith(f"/{wanted_folder}/") if wanted_folder else False,
        depth=path.count("/"),
        notebook=path in hand_in.notebooks,
    )


def full_path(hand_in: HandIn, path: str) -> str:
    """A path with the name of the folder that was handed in: `hw3` holding `gru.py` is "hw3/gru.py"."""
    return f"{hand_in.name}/{path}" if hand_in.form == "folder" else path


def in_place(hand_in: HandIn, path: str, wanted: Wanted) -> bool:
    """Whether `path` is where the statement asks for it; a single file has no folder to be wrong."""
    path = as_source(hand_in, path)
    if hand_in.form == "file":
        return fnmatchcase(path, posixpath.basename(wanted.path))
    name = posixpath.basename(wanted.path)
    right = [wanted.path, *(posixpath.join(place, name) for place in wanted.places)]
    return any(fnmatchcase(found, one) for found in (path, full_path(hand_in, path)) for one in right)
