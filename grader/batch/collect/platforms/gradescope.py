"""Gradescope's "Export Submissions" of a programming assignment.

Gradescope documents the form of that export nowhere in public. What follows is what the public programs that
read it agree on: `assignment_ID_export/` holds `submission_metadata.yml` and a folder `submission_ID` for
each submission, already unpacked. The file maps each folder's name to `:submitters:`, a list of `:name:`,
`:sid:` and `:email:`, whose keys are Ruby's symbols, written with a colon in front. A group has several
submitters: each gets the hand-in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.batch.collect.platforms import yaml_reader
from grader.batch.collect.platforms.export_names import ExportName, Item, Sorted, Sorting
from grader.batch.entry import Ignored
from grader.errors import UsageError

NAME = "gradescope"

METADATA = "submission_metadata.yml"


def read(items: Sequence[Item], /) -> Sorted:
    """Find the hand-ins among these folders.

    Raises:
        UsageError: the list of the submissions cannot be read.
    """
    found = Sorting()
    listed = next((item for item in items if item.name == METADATA and not item.is_folder), None)
    if listed is None:
        return Sorted((), (), tuple(items))
    submitters = _submitters(listed.path)
    for item in items:
        if item is listed:
            found.ignored.append(Ignored(str(item.path), "is Gradescope's list of the submissions"))
        elif item.name not in submitters:
            found.odd.append(item)
        elif not submitters[item.name]:
            found.ignored.append(Ignored(str(item.path), f"has no submitter in {METADATA}"))
        else:
            found.named.extend(_named(item, one) for one in submitters[item.name])
    there = {item.name for item in items}
    for name in sorted(set(submitters) - there):
        found.ignored.append(
            Ignored(str(listed.path.parent / name), f"is listed in {METADATA}, but not there")
        )
    return found.done()


def _named(item: Item, submitter: Mapping[str, str]) -> ExportName:
    student = submitter.get("email") or submitter.get("sid") or submitter.get("name") or item.name
    return ExportName(student, item, name=submitter.get("name"))


def _submitters(path: Path) -> dict[str, list[dict[str, str]]]:
    """Read the list: folder -> its submitters, of whom each has "name", "sid" or "email"."""
    data = yaml_reader.read(path)
    if not isinstance(data, Mapping):
        raise UsageError(f"{path} does not list submissions, as Gradescope's file of that name does.")
    found: dict[str, list[dict[str, str]]] = {}
    for folder, about in data.items():
        plain = _plain(about)
        listed = plain.get("submitters") if isinstance(plain, Mapping) else None
        found[str(folder)] = [
            {key: str(value).strip() for key, value in one.items() if value not in (None, "")}
            for one in map(_plain, listed if isinstance(listed, list) else [])
            if isinstance(one, Mapping)
        ]
    return found


def _plain(about: Any) -> Any:
    """Take the colons of Ruby's symbols off a mapping's keys; anything else as it is."""
    return (
        {str(key).removeprefix(":"): value for key, value in about.items()}
        if isinstance(about, Mapping)
        else about
    )
