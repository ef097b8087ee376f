"""What the source of a hand-in says, read without running it.

It runs inside a job, because a hostile source can crash Python's own parser.
"""

from __future__ import annotations

import ast
import hashlib
import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from . import assigned, doors, notebook_rules, numerical, source
from .old_numpy import MEANINGS
from .outline import Outline
from .source import ForeignImport, Imported, foreign_imports, imports, is_colab
from .trees import fields_of, walk

MAX_IMPORTS = 50  # of one file: what is found must fit into a frame's header


def of_outline(outline: Outline, is_local: Callable[[str], bool]) -> dict[str, Any]:
    """Return what a source says. What is empty may be left out; in a notebook, "cell" stands beside every
    "line".

    "imports": those of packages that are not there. "definitions": the name of each top-level function and
    method -> a digest of its syntax tree, which comments, layout and docstrings do not change. "lines": the
    same names -> the line of the `def` ("cells" likewise). "shapes": the same names -> `numerical.shapes`.
    "numerical": as `numerical.found`. "locals": dotted names of modules of the hand-in that it may import,
    and some that do not exist. "lost": what does not parse, as `blocks.Lost`. "repaired",
    "idle", "old_numpy": what is left out or stood in for, by its first line. "assigned": the same names ->
    `assigned.lines`, a place for each line. "doors": where torch is there, uses of its own GRU. "rules": of a
    notebook, as `notebook_rules`.
    """
    nodes = walk(outline.tree)
    named = list(functions(outline.tree))
    by_name = dict(named)
    imported = list(imports(nodes))
    places = {name: outline.place(node.lineno) for name, node in named}
    found: dict[str, Any] = {
        "imports": [
            {**asdict(one), **outline.place(one.line), **_used(outline, one)}
            for one in islice(foreign_imports(nodes, is_local), MAX_IMPORTS)
        ],
        "definitions": {name: _digest(node) for name, node in named},
        "lines": {name: place["line"] for name, place in places.items()},
        "shapes": numerical.shapes(by_name),
        "numerical": [{**one, **outline.place(one["line"])} for one in numerical.found(nodes, by_name)],
        "locals": sorted(
            {name for name in _reached(nodes, outline.path, imported) if is_local(name.partition(".")[0])}
        ),
    }
    more = {
        "cells": {name: place["cell"] for name, place in places.items() if "cell" in place},
        "lost": [outline.of_lost(lost) for lost in outline.lost],
        "repaired": [
            {"what": what, **outline.place(lines[0]), "count": len(lines)}
            for what, lines in outline.repaired.items()
        ],
        "idle": [outline.place(line) for line in islice(_idle(imported), 1)],
        "old_numpy": [{"name": name, **outline.place(line)} for name, line in _old_numpy(nodes).items()],
        "again": _again(outline, named),
        "assigned": {
            name: {what: outline.place(line) for what, line in lines.items()}
            for name, lines in assigned.lines(by_name).items()
        },
        "doors": [
            {"what": what, **outline.place(line)}
            for what, line in (doors.in_source(nodes) if "torch" in source.INSTALLED else ())
        ],
        "rules": notebook_rules.of_outline(outline) if outline.is_notebook else {},
    }
    return found | {key: value for key, value in more.items() if value}


def _used(outline: Outline, found: ForeignImport) -> dict[str, int]:
    place = outline.place(found.used) if found.used is not None else {}
    return {f"used_{key}" if key == "cell" else "used": value for key, value in place.items()}


def _idle(imported: Sequence[Imported]) -> Iterator[int]:
    """Lines that import what only Colab has."""
    yield from sorted(node.lineno for node, name, _ in imported if is_colab(name))


def _old_numpy(nodes: Sequence[ast.AST]) -> dict[str, int]:
    """Names that NumPy had once -> the first line that uses them."""
    numpy, used, found = set[str](), list[tuple[str, str, int]](), dict[str, int]()
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.append((node.value.id, node.attr, node.lineno))
        elif isinstance(node, ast.Import):
            numpy |= {alias.asname or alias.name for alias in node.names if alias.name == "numpy"}
        elif isinstance(node, ast.ImportFrom) and node.module == "numpy" and not node.level:
            used += [("", alias.name, node.lineno) for alias in node.names]
    for module, name, line in used:
        if name in MEANINGS and module in {"", *numpy}:
            found[name] = min(found.get(name, line), line)
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def _again(outline: Outline, functions: list[tuple[str, ast.FunctionDef]]) -> list[dict[str, Any]]:
    """Top-level functions that a notebook defines more than once, differently, and where the last one is."""
    by_name: dict[str, list[ast.FunctionDef]] = {}
    for name, node in functions:
        if outline.is_notebook and "." not in name:
            by_name.setdefault(name, []).append(node)
    return [
        {"name": name, "count": len(nodes), **outline.place(nodes[-1].lineno)}
        for name, nodes in by_name.items()
        if len(nodes) > 1 and len({_digest(node) for node in nodes}) > 1
    ]


def _reached(nodes: Sequence[ast.AST], path: str, imported: Sequence[Imported]) -> Iterator[str]:
    """Dotted names of what the file at `path` imports, relative ones as seen from the hand-in's root."""
    for _, name, bound in imported:
        yield name
        yield from (f"{name}.{alias}" for alias in bound)  # it may be a module of its own
    folders = [folder for folder in posixpath.dirname(path).split("/") if folder]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.level:
            around = folders[: max(0, len(folders) - node.level + 1)]
            base = ".".join([*around, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the top-level functions, and the methods as "Class.method"."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield f"{node.name}.{member.name}", member


def definitions(text: str, path: str) -> dict[str, str]:
    """Return the "definitions" of a source, as `of_outline` does; nothing if none of it can be parsed."""
    try:
        return {name: _digest(node) for name, node in functions(Outline.of(path, text).tree)}
    except SyntaxError:
        return {}


def _digest(function: ast.FunctionDef) -> str:
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring
    said = []
    for node in walk(function.args, *body):
        kind = type(node)
        said.append(kind.__name__)
        for field in fields_of(kind):
            value = getattr(node, field, None)
            said.append(type(value).__name__ if isinstance(value, ast.AST) else _said(value))
    return hashlib.sha256("\n".join(said).encode(errors="surrogatepass")).hexdigest()[:16]


def _said(value: object) -> str:
    """Return what a node holds beside nodes; of several, how many there are."""
    if type(value) is int:
        return hex(value)  # however long it is
    if type(value) is not list:
        return repr(value)
    return ",".join("" if isinstance(one, ast.AST) else repr(one) for one in value) + str(len(value))
