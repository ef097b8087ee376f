"""No platform: files and folders that are named by their student, as a TA puts them together."""

from __future__ import annotations

from collections.abc import Sequence

from grader.batch.platforms.words import Item, Named, Reading, Sorting, suffix

NAME = "plain"


def read(items: Sequence[Item], /) -> Reading:
    """Each folder, archive and source is the hand-in of the student whose name it bears."""
    found = Sorting()
    for item in items:
        ending = None if item.is_folder else suffix(item.name)
        if item.is_folder:
            found.named.append(Named(item.name, item))
        elif ending is not None:
            found.named.append(Named(item.name.removesuffix(ending), item))
        else:
            found.odd.append(item)
    return found.reading()
