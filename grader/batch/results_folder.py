"""What is in a results folder, how it is made, and how one is told from a hand-in that looks like it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from grader.errors import UsageError

JOURNAL, LOCK = "journal.sqlite", "journal.lock"
REPORTS, VERSIONS, EARLIER = "reports", "versions", "earlier"
GRADEBOOK, SUMMARY, WAITING = "gradebook.csv", "summary.txt", "marks-to-fill-in.csv"
UPLOADS = {platform: f"gradebook-{platform}.csv" for platform in ("canvas", "moodle")}
PART = ".part"  # what is being written
OURS = frozenset(
    {
        JOURNAL,
        f"{JOURNAL}-journal",  # SQLite's own, of a transaction
        LOCK,
        REPORTS,
        VERSIONS,
        EARLIER,
        GRADEBOOK,
        SUMMARY,
        WAITING,
        PART,
        *UPLOADS.values(),
    }
)
"""The names at the top of a results folder."""

APPLICATION = 0x63656C6C  # "cell", which tells `file` and us whose database a journal is

_PRIVATE = 0o700  # the folder's mode: grades and names are for whoever runs the batch
_ENDINGS = (".json", ".txt", ".csv", PART)


def make(folder: Path) -> None:
    """Make a results folder, or see that it is one. Nobody else on this machine may look into it.

    Raises:
        UsageError: it cannot be made, or holds other things.
    """
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        there = set(os.listdir(folder))
    except OSError as error:
        raise UsageError(f"{folder} cannot be made or read: {error.strerror}") from None
    if there - OURS and JOURNAL not in there:
        raise UsageError(
            f"{folder} holds other things than the results of a batch: choose a new folder for --out"
        )
    with contextlib.suppress(OSError):  # it is another's, or on a disk without modes: who shares it knows
        folder.chmod(folder.stat().st_mode & _PRIVATE)  # which lets nobody do more than before


def are_there(folder: Path) -> bool:
    """Tell whether a folder holds the results of a batch and nothing that a student could be graded for.

    A hand-in may have files of these names; what has a journal of ours, and no file but those that a batch
    writes, has nothing in it to grade.
    """
    if not _is_journal(folder / JOURNAL):
        return False
    for where, folders, files in os.walk(folder):  # which follows no links
        at_top = where == str(folder)
        if at_top and not OURS.issuperset((*folders, *files)):
            return False
        if not at_top and not all(name.endswith(_ENDINGS) for name in files):
            return False
    return True


def _is_journal(path: Path) -> bool:
    """Tell whether a file says of itself that it is a journal of ours."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError:
        return False
    return head.startswith(b"SQLite format 3\0") and head[68:72] == APPLICATION.to_bytes(4, "big")
