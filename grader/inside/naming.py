"""What a hand-in calls by another name than the homework does: told by its methods and its arguments.

All of this runs inside a job, because a hostile source can crash Python's own parser.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

Definition = ast.FunctionDef | ast.ClassDef


def other_names(tree: ast.Module, starter: str | None, wanted: Iterable[str]) -> dict[str, str]:
    """Of the wanted names that a source does not define, those for which exactly one thing in it fits.

    Args:
        tree: the source's.
        starter: that of the starter, which says what fits; without one, nothing does.
        wanted: top-level names, and methods as "Class.method", which tell by what a class is known.

    Returns:
        Wanted top-level name -> the hand-in's. Two wanted names never get the same one.
    """
    if starter is None:
        return {}
    named = list(dict.fromkeys(name.partition(".")[0] for name in wanted))
    methods = {name for name in wanted if "." in name}
    theirs = _defined(tree)
    there = {*theirs, *_bound(tree)}
    if there.issuperset(named):
        return {}
    ours = _defined(ast.parse(starter))
    missing = [name for name in named if name not in there and name in ours]
    free = [name for name in theirs if name not in named and not name.startswith("_")]
    found: dict[str, str] = {}
    for fits in (_is_spelt_alike, _is_made_alike):
        open_ = [name for name in missing if name not in found]
        left = [name for name in free if name not in found.values()]
        pairs = [
            (name, other) for name in open_ for other in left if fits(ours[name], theirs[other], methods)
        ]
        found |= {
            name: other for name, other in pairs if sum(name in pair or other in pair for pair in pairs) == 1
        }
    return found


def _defined(tree: ast.Module) -> dict[str, Definition]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _bound(tree: ast.Module) -> Iterator[str]:
    """Names that imports and plain assignments bind at the top level."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _is_spelt_alike(ours: Definition, theirs: Definition, methods: Iterable[str]) -> bool:
    """Whether the names differ only in case and underscores, and a class has the methods."""
    if _letters(ours.name) != _letters(theirs.name) or type(ours) is not type(theirs):
        return False
    return isinstance(ours, ast.FunctionDef) or not _lacking(ours, theirs, methods)


def _is_made_alike(ours: Definition, theirs: Definition, methods: Iterable[str]) -> bool:
    """Whether a class has the wanted methods, or a function the same arguments by name."""
    if isinstance(ours, ast.FunctionDef) and isinstance(theirs, ast.FunctionDef):
        names = [argument.arg for argument in ours.args.args]
        return bool(names) and names == [argument.arg for argument in theirs.args.args]
    if not (isinstance(ours, ast.ClassDef) and isinstance(theirs, ast.ClassDef)):
        return False
    return not _lacking(ours, theirs, methods)


def _lacking(ours: Definition, theirs: Definition, methods: Iterable[str]) -> list[str]:
    """Return the wanted methods that a class does not have, or that cannot be called as the starter's are."""
    there, given = dict(_methods(theirs)), dict(_methods(ours))
    named = [name.rpartition(".")[2] for name in methods if name.startswith(f"{ours.name}.")]
    if "__init__" in given and "__init__" in there:
        named.append("__init__")
    return [name for name in named if name not in there or not _takes(there[name], given.get(name))]


def _takes(theirs: ast.FunctionDef, ours: ast.FunctionDef | None) -> bool:
    """Whether it can be called with as many arguments as the starter's."""
    if ours is None:
        return True
    count = len(ours.args.args)
    most = len(theirs.args.posonlyargs) + len(theirs.args.args)
    return most - len(theirs.args.defaults) <= count and (count <= most or theirs.args.vararg is not None)


def _methods(node: Definition) -> Iterator[tuple[str, ast.FunctionDef]]:
    return ((one.name, one) for one in node.body if isinstance(one, ast.FunctionDef))


def _letters(name: str) -> str:
    return name.replace("_", "").casefold()


def renamed(found: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Facts by the hand-in's names, and by those that they stand for: a GRUCell's, as "GRU_Cell.forward"."""
    more = {}
    for wanted, theirs in names.items():
        for name, fact in found.items():
            top, dot, method = name.partition(".")
            if top == theirs:
                more[f"{wanted}{dot}{method}"] = fact
    return {**more, **found}
