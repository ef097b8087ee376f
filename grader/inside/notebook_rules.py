"""What a source says of the rules for notebooks: where imports stand, and what stands beside definitions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from .outline import Outline
from .trees import walk

MOST = 20  # places of one kind
MAX_SHOWN = 60  # characters of a statement
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)


def of_outline(outline: Outline) -> dict[str, Any]:
    """Return where a notebook breaks the rules, by cell and line, with the beginning of what stands there.

    "imports": those that stand in another cell than the first one that has any. "below": the first cell with
    imports, if code stands in one above it. "beside": statements in cells that define something.
    """
    cells = [
        (number, list(body))
        for number, body in groupby(outline.tree.body, key=lambda node: outline.place(node.lineno)["cell"])
    ]
    importing = [
        (number, node) for number, body in cells for node in walk(*body) if isinstance(node, IMPORTS)
    ]
    first = importing[0][0] if importing else None
    found: dict[str, list[ast.stmt]] = {
        "imports": [node for number, node in importing if number != first],
        "beside": [node for _, body in cells for node in _beside(body)],
    }
    said: dict[str, Any] = {
        kind: [{**outline.place(node.lineno), "shown": _shown(node)} for node in islice(nodes, MOST)]
        for kind, nodes in found.items()
    }
    above = [number for number, _ in cells if first is not None and number < first]
    if above:
        said["below"] = {**outline.place(importing[0][1].lineno), "above": above[0]}
    return said


def _beside(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield what stands in a cell beside its definitions, if it has any; imports have a rule of their own."""
    if any(isinstance(node, DEFINITIONS) for node in body):
        yield from (
            node for node in body if not isinstance(node, (*DEFINITIONS, *IMPORTS)) and not _is_text(node)
        )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _shown(node: ast.stmt) -> str:
    try:
        return ast.unparse(node).split("\n")[0][:MAX_SHOWN]
    except RecursionError:
        return ""
