"""Which names in a folder can be hand-ins, and why the others are passed over: none of them in silence."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from grader.batch import results_folder
from grader.batch.collect.exports import LITTER
from grader.batch.collect.platforms.export_names import Item
from grader.batch.entry import Ignored
from grader.errors import UsageError
from grader.intake.paths import is_litter


def below(folder: Path, results: Path | None) -> tuple[list[Item], list[Ignored]]:
    """Tell what in a folder can be a hand-in, and what cannot.

    Args:
        folder: where to look.
        results: the folder for this run's results.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror or error}.") from None
    return among(paths, results)


def among(paths: Iterable[Path], results: Path | None) -> tuple[list[Item], list[Ignored]]:
    """Tell which of these can be hand-ins, and which cannot."""
    fit: list[Item] = []
    passed_over: list[Ignored] = []
    for path in paths:
        item = Item(path, os.path.isdir(path))
        reason = _why_not(item, results)
        if reason is None:
            fit.append(item)
        else:
            passed_over.append(Ignored(str(path), reason))
    return fit, passed_over


def _why_not(item: Item, results: Path | None) -> str | None:
    # Not by the methods of Path: some raise where a folder is not ours to read.
    if os.path.islink(item.path):
        return "is a link, which is not followed"
    if item.is_folder and results is not None and item.path.resolve() == results:
        return "is where this batch writes its results"
    if is_litter(item.name):
        return LITTER
    if item.name.startswith("."):
        return "has a name that begins with a dot, as what is hidden"
    if not (item.is_folder or os.path.isfile(item.path)):
        return "is neither a file nor a folder that can be read"
    if item.is_folder and results_folder.are_there(item.path):
        return "holds the results of a batch, and nothing else"
    return None
