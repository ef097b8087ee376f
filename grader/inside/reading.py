"""What a job says of a hand-in's sources, before they run and after; and what it takes from each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from . import facts, naming, wire
from .blocks import described
from .bounds import cell_of
from .memory import HandInFiles
from .statements import TopLevel

MAX_FILES = 100  # files of the hand-in whose imports are looked at
MAX_FACTS_BYTES = 48 << 10  # of what is said of them
MAX_NOTES_BYTES = 40 << 10  # of what is said of their top level

Request = Mapping[str, Any]


def said(files: HandInFiles, request: Request, ours: Request) -> dict[str, Any]:
    """Return what the sources say: facts by path, of the main file and what it reaches.

    What is defined is told of the main file, and of others that may define what it lacks ("also"). Facts of
    what the main file does not reach are marked by "beside". "names" of the main file is what it calls
    otherwise than the homework does.
    """
    needs = ours["needs"]
    other_names = _other_names(files, request, ours["starter"], needs if ours["any_name"] else ())
    wanted = dict.fromkeys([*ours["given"], *needs])
    defining = {request["main"], *request.get("also", ())}
    found: dict[str, Any] = {}
    room = MAX_FACTS_BYTES
    for path, about in _looked_at(files, request["main"], request.get("also", ())):
        if path == request["main"] and other_names:
            about["names"] = other_names
        for kind in ("definitions", "lines", "cells", "shapes"):
            written = about.pop(kind, None)
            if path in defining and written is not None:
                if path == request["main"]:
                    written = naming.renamed(written, other_names)
                about[kind] = {name: written[name] for name in wanted if name in written}
        room -= len(wire.encode({path: about}))
        if room < 0:
            break
        found[path] = about
    return {"facts": found}


def _looked_at(files: HandInFiles, main: str, also: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the facts of the main file and what it reaches, then of the others and what they do: "beside"."""
    waiting, beside = [main], False
    at = 0
    while at < len(waiting) or not beside:
        if at == len(waiting):
            beside = True
            waiting += [path for path in also if path not in waiting]
            continue
        path = waiting[at]
        at += 1
        about = _facts(files, path)
        names = about.pop("locals", ())
        reached = [found for name in names for found in files.local_paths(name)]
        new = [found for found in dict.fromkeys(reached) if found not in waiting]
        waiting += new[: max(0, MAX_FILES - len(waiting))]
        # What is there as a file of the hand-in is not given, wherever it lies.
        given = {files.provided_path(name) for name in names if not files.local_paths(name)}
        if taken := sorted(one for one in given if one is not None):
            about["given"] = taken
        if beside:
            about["beside"] = True
        yield path, about


def _facts(files: HandInFiles, path: str) -> dict[str, Any]:
    try:
        return facts.of_outline(files.outline(path), files.is_local)
    except SyntaxError as error:
        cell = cell_of(str(error.filename))
        return {"error": described(error), "line": error.lineno, **({} if cell is None else {"cell": cell})}


def _other_names(
    files: HandInFiles, request: Request, starter: str | None, wanted: Sequence[str]
) -> dict[str, str]:
    """Return what the main file calls otherwise than the homework does; what another file defines
    is there.
    """
    try:
        tree = files.outline(request["main"]).tree
    except SyntaxError:  # nothing of it can be parsed, which is told elsewhere
        return {}
    also = request.get("also", ())
    tops = {name: _definer(files, name, also) for name in {one.partition(".")[0] for one in wanted}}
    return naming.other_names(tree, starter, [one for one in wanted if tops[one.partition(".")[0]] is None])


def complete(
    files: HandInFiles, request: Request, other_names: Mapping[str, str]
) -> tuple[ModuleType, dict[str, str]]:
    """Import the main file, and take what it lacks from other files of the hand-in.

    Args:
        files: the hand-in.
        request: what of it is asked for.
        other_names: what is wanted -> what the main file calls it.

    Returns:
        The main file's module; and the path that each name was taken from.

    Raises:
        BaseException: whatever the main file raises.
    """
    module = files.import_file(request["main"])
    taken: dict[str, str] = {}
    for name in request.get("names", ()):
        if not hasattr(module, name):
            path = _definer(files, name, request.get("also", ()))
            other = files.import_file(path) if path is not None else None
            if path is not None and hasattr(other, name):
                setattr(module, name, getattr(other, name))
                taken[name] = path
    for wanted, theirs in other_names.items():
        if hasattr(module, theirs) and not hasattr(module, wanted):
            setattr(module, wanted, getattr(module, theirs))
    return module, taken


def _definer(files: HandInFiles, name: str, paths: Sequence[str]) -> str | None:
    """Return the first of these files that defines a name at its top level."""
    for path in paths:
        try:
            body = files.outline(path).tree.body
        except SyntaxError:
            continue
        if any(getattr(statement, "name", None) == name for statement in body):
            return path
    return None


def bounded(top_level: TopLevel, taken: Mapping[str, str]) -> dict[str, Any]:
    """Return what became of the top level, the first of it if all is more than fits into a frame."""
    answer: dict[str, Any] = {"failed": [], "left_out": [], "taken": dict(taken), "more": top_level.more}
    room = MAX_NOTES_BYTES
    for kind, notes in (("left_out", top_level.left_out), ("failed", top_level.failed)):
        for note in notes:
            room -= len(wire.encode(note))
            if room >= 0:
                answer[kind].append(note)
            elif kind == "failed":
                answer["more"] += 1
    return answer
