"""What there is to be graded, known before any declaration is imported, which few gradings then need.

What tells hand-ins apart, and all of a declaration that is plain, is kept in the cache, under a name that
says which files the declarations are: path, size and time of change of each, by which Python knows its
compiled files, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

from grader import __version__, discovery
from grader.baked import shelf
from grader.declaration import ORACLES, Loaded, Wanted
from grader.listed import form

# Of ours, what takes part in a declaration, beside the assignments' own folders.
DECLARED_BY = ("cell", "declaration", "equations", "inside", "listed", "second.py")
SUFFIX = ".assignments"
MOST_FILES = 8  # in a cache: those that were written last
SETTLED_S = 2.0  # what was changed so lately may change again, and keep its size and time
Files = Sequence[tuple[str, int, int]]
"""Path, size in bytes and time of change in whole seconds."""


class Listed(Loaded):
    """An assignment that is put together when something is asked of it that recognises no hand-in.

    Args:
        told: what recognises hand-ins, by attribute.
        load: gives the whole of it.
    """

    def __init__(self, told: Mapping[str, Any], load: Callable[[], Mapping[str, Any]]) -> None:
        vars(self).update(_told=told, _load=load)

    def __getattribute__(self, name: str) -> Any:
        """Answer from what is told, or else as what was declared."""
        if name == "__class__":  # whatever `replace` makes of it is the whole of it
            return Loaded
        own = object.__getattribute__(self, "__dict__")
        if name.startswith("__") or name in own:
            return object.__getattribute__(self, name)
        if name in own["_told"]:
            return own["_told"][name]
        attributes = own["_load"]()
        own.clear()
        own.update(attributes)
        object.__setattr__(self, "__class__", Loaded)  # from here on it is like any other
        return getattr(self, name)


def assignments(folder: Path = discovery.BUILT_IN) -> tuple[Loaded, ...]:
    """Return the assignments of a folder by name, each imported when it is needed.

    Raises:
        DeclarationError: nothing was kept of them, and one of them cannot be loaded.
    """
    files = _files(folder)
    name, usual = _file_name(folder, files), shelf.usual_folder()
    for place in (shelf.INSTALLED, usual):
        if place is not None and (found := _read(place / name)) is not None:
            return tuple(
                Listed(one["told"], partial(_attributes, folder / one["told"]["name"], one["whole"]))
                for one in found
            )
    known = discovery.assignments(folder)
    if usual is not None and max(changed_s for _, _, changed_s in files) + SETTLED_S < time.time():
        with contextlib.suppress(OSError):  # a cache that cannot be written is none
            keep(known, usual, folder)
    return known


def keep(known: Sequence[Loaded], place: Path, folder: Path = discovery.BUILT_IN) -> None:
    """Keep the list of a folder's assignments at a place.

    Raises:
        OSError: it cannot be written.
    """
    content = json.dumps([_said(one) for one in known]).encode()
    content = hashlib.sha256(content).hexdigest().encode() + b"\n" + content
    shelf.write_file(place / _file_name(folder, _files(folder)), content, most=MOST_FILES)


def _said(one: Loaded) -> dict[str, Any]:
    told = {"name": one.name, "title": one.title, "rows": one.rows, "written": one.written}
    try:
        whole = json.dumps(form.written(one))
    except TypeError:  # then its declaration is imported
        whole = None
    return {"told": {**told, "wanted": [asdict(wanted) for wanted in one.wanted]}, "whole": whole}


def _attributes(folder: Path, whole: str | None) -> Mapping[str, Any]:
    """Return all attributes of an assignment: those that are listed, and what is in its folder.

    Raises:
        DeclarationError: it cannot be loaded.
    """
    load = cache(partial(discovery.assignment, folder))
    if whole is None:
        return vars(load())
    try:
        listed = form.read(json.loads(whole), load)
    except (KeyError, ValueError, TypeError):  # what was listed means nothing any more
        return vars(load())
    of_files = discovery.files_of(folder, listed["shares"])
    found = {"found_suites": listed["suites"], "found_explains": listed["explains"]}
    return {**listed, **of_files, **found, "folder": folder}


def _read(path: Path) -> list[dict[str, Any]] | None:
    """Return what a list says, as attributes; None if there is none, or it is not whole or not ours."""
    try:
        with open(path, "rb") as file:
            shelf.trusted(os.fstat(file.fileno()))
            checksum, _, content = file.read().partition(b"\n")
        if hashlib.sha256(content).hexdigest().encode() != checksum:
            return None
        found: list[dict[str, Any]] = json.loads(content)
        for one in found:
            told = one["told"]
            told["rows"], told["written"] = tuple(told["rows"]), tuple(told["written"])
            told["wanted"] = tuple(_wanted(wanted) for wanted in told["wanted"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _wanted(said: Mapping[str, Any]) -> Wanted:
    told: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in said.items()}
    return Wanted(**told)


def _file_name(folder: Path, files: Files) -> str:
    """Return the name of the file that holds the list of a folder's assignments."""
    by = (__version__, sys.version, str(folder), files)
    return f"all-{hashlib.sha256(repr(by).encode(errors='surrogatepass')).hexdigest()[:24]}{SUFFIX}"


def _files(folder: Path) -> Files:
    """Return what takes part in the declarations of a folder's assignments."""
    house = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parts = (str(folder), *(os.path.join(house, name) for name in DECLARED_BY))
    return sorted(one for part in parts for one in _below(part))


def _below(path: str) -> Iterator[tuple[str, int, int]]:
    if not os.path.isdir(path):
        about = os.stat(path)
        yield path, about.st_size, int(about.st_mtime)
        return
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name not in ORACLES and entry.name != "__pycache__":
                yield from _below(entry.path)
