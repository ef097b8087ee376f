"""What is in a results folder, and how one is told from a hand-in that looks like it."""

from __future__ import annotations

import os
from pathlib import Path

from grader.batch import journal, lock, outputs, tables

OURS = frozenset({journal.NAME, f"{journal.NAME}-journal", lock.NAME, *outputs.ALL})
"""The names at the top of a results folder."""

_ENDINGS = (".json", ".txt", ".csv", outputs.PART)


def are_there(folder: Path) -> bool:
    """Whether a folder holds the results of a batch and nothing that a student could be graded for.

    A hand-in may have files of these names; what has a journal of ours, and no file but those that a batch
    writes, has nothing in it to grade.
    """
    if not tables.is_one(folder / journal.NAME):
        return False
    for where, folders, files in os.walk(folder):  # which follows no links
        at_top = where == str(folder)
        if at_top and not OURS.issuperset((*folders, *files)):
            return False
        if not at_top and not all(name.endswith(_ENDINGS) for name in files):
            return False
    return True
