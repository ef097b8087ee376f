"""Walking syntax trees, which may be hostile: nothing recurses.

Python's own `ast.walk` takes three times as long, and imports something at every call: a hand-in that has
replaced `__import__` would be asked.
"""

from __future__ import annotations

import ast

# Which name is read and which is written is told by the context; as nodes, contexts say nothing.
CONTEXT = frozenset({"ctx"})
_FIELDS: dict[tuple[type[ast.AST], frozenset[str]], tuple[str, ...]] = {}


def walk(*roots: ast.AST) -> list[ast.AST]:
    """Return the nodes and all that are below them, level by level; names' contexts are left out."""
    nodes = list(roots)
    for node in nodes:  # it grows on the way
        for field in fields_of(type(node), CONTEXT):
            value = getattr(node, field, None)
            if type(value) is list:
                nodes += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                nodes.append(value)
    return nodes


def move(root: ast.AST, lines: int) -> None:
    """Count the lines of a node and of all below it from elsewhere, by so many more."""
    for node in walk(root) if lines else ():
        if "lineno" in node._attributes:
            node.lineno += lines  # type: ignore[attr-defined]
            if node.end_lineno is not None:  # type: ignore[attr-defined]
                node.end_lineno += lines  # type: ignore[attr-defined]


def fields_of(kind: type[ast.AST], without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the names of what a kind of node holds, but for some."""
    found = _FIELDS.get((kind, without))
    if found is None:
        found = _FIELDS[kind, without] = tuple(field for field in kind._fields if field not in without)
    return found
