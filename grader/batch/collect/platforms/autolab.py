"""Autolab's download of all submissions, and the hand-in folder of a course on its server.

The rules, from github.com/autolab/Autolab:

- app/models/submission.rb: a hand-in is stored as `EMAIL/VERSION_FILENAME` (`handin_file_filename`), beside
  `VERSION_autograde.txt`, the feedback, and `annotated_VERSION_FILENAME`; `archive/` holds deleted ones.
- app/controllers/submissions_controller.rb, `download_filename`: the download splits `VERSION_FILENAME` at
  each underscore and puts the email before the last two pieces. So `handin.tar` comes as
  `EMAIL_VERSION_handin.tar`, but `my_handin.tar` as `VERSION_EMAIL_my_handin.tar`.

An email may hold underscores; its domain cannot (RFC 1123, 2.1), so the email ends where its domain does.
Where the homework's own file name holds two underscores or more, its first pieces come before the email, and
nothing tells them from it: such names are read as if they had one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from grader.batch.collect.platforms.export_names import ExportName, Item, Sorted, Sorting
from grader.batch.entry import Ignored

NAME = "autolab"

_EMAIL = r"[^@\s/]+@[A-Za-z0-9.\-]+"
_EMAIL_FIRST = re.compile(rf"(?P<email>{_EMAIL})_(?P<version>[0-9]+)_(?P<file>[^_/]+)")
_VERSION_FIRST = re.compile(rf"(?P<version>[0-9]+)_(?P<email>{_EMAIL})_(?P<file>[^_/]+_[^_/]+)")
_ON_SERVER = re.compile(r"(?P<version>[0-9]+)_(?P<file>[^/]+)")
_FEEDBACK = re.compile(r"[0-9]+_autograde\.txt")


def read(items: Sequence[Item], /) -> Sorted:
    """Find the hand-ins among these files and folders."""
    found = Sorting()
    pattern = _pattern([item.name for item in items if not item.is_folder])
    for item in items:
        if item.is_folder:
            _folder(item, found)
        elif item.name.startswith("annotated_"):
            found.ignored.append(Ignored(str(item.path), "is Autolab's copy with annotations"))
        elif match := pattern.fullmatch(item.name):
            found.named.append(_named(item, match, match["email"]))
        else:
            found.odd.append(item)
    return found.done()


def attempt(path: Path) -> int | None:
    """Tell which of its student's hand-ins a file is, counted from 1, as Autolab has named it; else None."""
    path = path.absolute()
    if re.fullmatch(_EMAIL, path.parent.name) and (match := _ON_SERVER.fullmatch(path.name)):
        return int(match["version"])
    match = _EMAIL_FIRST.fullmatch(path.name) or _VERSION_FIRST.fullmatch(path.name)
    return None if match is None else int(match["version"])


def _pattern(names: Sequence[str]) -> re.Pattern[str]:
    """Tell which of the two forms these names have: all of one download have the same."""
    first, second = (
        sum(bool(one.fullmatch(name)) for name in names) for one in (_EMAIL_FIRST, _VERSION_FIRST)
    )
    return _VERSION_FIRST if second > first else _EMAIL_FIRST


def _folder(folder: Item, found: Sorting) -> None:
    """Take a student's folder on the server; a link in it is not followed."""
    if not re.fullmatch(_EMAIL, folder.name):
        found.odd.append(folder)
        return
    matches = []
    try:
        paths = sorted(folder.path.iterdir())
    except OSError:  # whoever lists what is odd will find it
        paths = []
    for path in paths:
        if os.path.islink(path) or not os.path.isfile(path) or path.name.startswith("."):
            found.ignored.append(Ignored(str(path), "is no file that Autolab writes"))
        elif _FEEDBACK.fullmatch(path.name) or path.name.startswith("annotated_"):
            found.ignored.append(Ignored(str(path), "is written by Autolab"))
        elif match := _ON_SERVER.fullmatch(path.name):
            matches.append(_named(Item(path, False), match, folder.name))
        else:
            found.ignored.append(Ignored(str(path), "has no version in its name"))
    found.named.extend(matches)
    if not matches:
        found.odd.append(folder)


def _named(item: Item, match: re.Match[str], email: str) -> ExportName:
    version = int(match["version"])
    return ExportName(email, item, version, original=match["file"], attempt=version)
