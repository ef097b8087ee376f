"""No platform: files and folders that are named by their student, as a TA puts them together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from grader.batch.collect.platforms.export_names import ExportName, Item, Sorted, Sorting, suffix
from grader.errors import UsageError

NAME = "plain"


def read(items: Sequence[Item], /) -> Sorted:
    """Take each folder, archive and source as the hand-in of the student whose name it bears."""
    found = Sorting()
    for item in items:
        ending = None if item.is_folder else suffix(item.name)
        if item.is_folder:
            found.named.append(ExportName(item.name, item))
        elif ending is not None:
            found.named.append(ExportName(item.name.removesuffix(ending), item))
        else:
            found.odd.append(item)
    return found.done()


def students_of(items: Sequence[Item], pattern: str) -> list[str]:
    """Tell whose the matches of a pattern are: by their own names, or by the folders in which they differ.

    Raises:
        UsageError: neither tells them apart.
    """
    reading = {one.item: one.student for one in read(items).named}
    own = [reading.get(item, item.name) for item in items]
    if len(set(own)) == len(own):
        return own
    common = Path(os.path.commonpath([item.path.parent for item in items]))
    folders = [(item.path.relative_to(common).parts or (item.name,))[0] for item in items]
    if len(set(folders)) == len(folders):
        return folders
    twice = Counter(folders).most_common(1)[0][0]
    raise UsageError(
        f"{pattern} matches several files that could be the hand-in of {twice!r}: make the pattern match one "
        f"for each student, or give the folder around them."
    )
