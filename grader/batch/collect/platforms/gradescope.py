"""Gradescope's "Export Submissions" of a programming assignment.

Gradescope documents the form of that export nowhere in public. What follows is what the public programs that
read it agree on: `assignment_ID_export/` holds `submission_metadata.yml` and a folder `submission_ID` for
each submission, already unpacked. The file maps each folder's name to `:submitters:`, a list of `:name:`,
`:sid:` and `:email:`, whose keys are Ruby's symbols, written with a colon in front. A group has several
submitters: each gets the hand-in. `:created_at:` is when it was handed in, as Ruby writes a time in YAML:
`2026-03-01 10:00:00.000000000 Z`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.batch.collect.platforms import yaml_reader
from grader.batch.collect.platforms.export_names import ExportName, Item, Sorted, Sorting
from grader.batch.entry import Ignored
from grader.errors import UsageError

NAME = "gradescope"

METADATA = "submission_metadata.yml"
_TIME = re.compile(r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(\.\d+)? ?(?P<zone>Z|[+-]\d\d:\d\d)")


def read(items: Sequence[Item], /) -> Sorted:
    """Find the hand-ins among these folders.

    Raises:
        UsageError: the list of the submissions cannot be read.
    """
    found = Sorting()
    listed = next((item for item in items if item.name == METADATA and not item.is_folder), None)
    if listed is None:
        return Sorted((), (), tuple(items))
    metadata = _metadata(listed.path)
    submitters, dates = _submitters(metadata), _dates(metadata)
    for item in items:
        if item is listed:
            found.ignored.append(Ignored(str(item.path), "is Gradescope's list of the submissions"))
        elif item.name not in submitters:
            found.odd.append(item)
        elif not submitters[item.name]:
            found.ignored.append(Ignored(str(item.path), f"has no submitter in {METADATA}"))
        else:
            found.named.extend(_named(item, one, dates.get(item.name)) for one in submitters[item.name])
    there = {item.name for item in items}
    for name in sorted(set(submitters) - there):
        found.ignored.append(
            Ignored(str(listed.path.parent / name), f"is listed in {METADATA}, but not there")
        )
    return found.done()


def _named(item: Item, submitter: Mapping[str, str], handed_in: str | None) -> ExportName:
    student = submitter.get("email") or submitter.get("sid") or submitter.get("name") or item.name
    return ExportName(student, item, name=submitter.get("name"), handed_in=handed_in)


def _metadata(path: Path) -> dict[str, Mapping[str, Any]]:
    """Read the list: folder -> what is said of it."""
    data = yaml_reader.read(path)
    if not isinstance(data, Mapping):
        raise UsageError(f"{path} does not list submissions, as Gradescope's file of that name does.")
    plain = {str(folder): _plain(about) for folder, about in data.items()}
    return {folder: about if isinstance(about, Mapping) else {} for folder, about in plain.items()}


def _dates(metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Find when each folder was handed in, where that is said, and is a time with its offset."""
    found = {}
    for folder, about in metadata.items():
        match = _TIME.fullmatch(str(about.get("created_at")))
        with contextlib.suppress(ValueError):
            if match:
                found[folder] = datetime.fromisoformat(f"{match['time']}{match['zone']}").isoformat()
    return found


def _submitters(metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """Find the submitters of each folder, of whom each has "name", "sid" or "email"."""
    found: dict[str, list[dict[str, str]]] = {}
    for folder, about in metadata.items():
        listed = about.get("submitters")
        found[folder] = [
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
