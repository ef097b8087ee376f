"""Files that a course hands out and cellgrade does not bring: corpora that are not ours to give."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from grader.errors import CourseDataError

VARIABLE = "CELLGRADE_DATA"
# Where an image has them: a platform may start the grader with an environment of its own.
INSTALLED = Path(sys.prefix, "share", "cellgrade", "data")


def content(name: str) -> bytes:
    """Return the content of one of the course's files.

    Args:
        name: its path in the course's folder, such as "ptb/ptb.valid.txt".

    Raises:
        CourseDataError: it is not there.
    """
    path = _path(name)
    about = path.stat()
    return _content(path, (about.st_mtime_ns, about.st_size))


def digests(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return of each file its name and the hex digest of its content; "" of one that is not there."""
    return tuple((name, _digest(name)) for name in names)


def is_here(names: Iterable[str]) -> bool:
    """Whether all of these files are there."""
    return all(digest for _, digest in digests(names))


def _digest(name: str) -> str:
    try:
        return hashlib.sha256(content(name)).hexdigest()
    except CourseDataError:
        return ""


def _path(name: str) -> Path:
    folder = os.environ.get(VARIABLE) or (str(INSTALLED) if INSTALLED.is_dir() else None)
    if folder is None:
        raise CourseDataError(
            f"this homework needs the course's file {name}: put it into a folder, and name the folder in the "
            f"environment variable {VARIABLE}"
        )
    path = Path(folder, name)
    if not path.is_file():
        raise CourseDataError(
            f"this homework needs the course's file {name}: put it into the folder {folder}"
        )
    return path


@lru_cache(maxsize=8)
def _content(path: Path, _: tuple[int, int]) -> bytes:
    """Return the content of a file that was changed last at this time and is so long."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseDataError(f"{path} cannot be read: {error.strerror or error}") from None
