"""Where a function gives its arrays their last value, read off a syntax tree.

An array leaves a function as an attribute (`self.dWx = ...`), under a key of a dictionary, or at a position
of what is returned. All of this runs inside a job, on trees that may be hostile: nothing recurses.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice

Function = ast.FunctionDef
MOST = 64  # arrays of one function: what is found must fit into a frame's header
LONGEST = 40  # letters of a name


def lines(functions: Mapping[str, Function]) -> dict[str, dict[str, int]]:
    """Return, for each function or method, where its arrays are assigned last.

    Returns:
        name of the function -> what is assigned -> line. What is assigned is ".dWx" for an attribute of
        whatever object, "[dWx]" for a key of the dictionary that is returned, "[0]" for a position of the
        tuple that is returned, and "" for all that is returned. Functions without any are left out.
    """
    found = {name: _of(function) for name, function in functions.items()}
    return {name: made for name, made in found.items() if made}


def _of(function: Function) -> dict[str, int]:
    nodes = sorted(_statements(function), key=lambda node: (node.lineno, node.col_offset))
    names, attributes, keys = dict[str, int](), dict[str, int](), dict[tuple[str, str], int]()
    values: dict[str, ast.expr] = {}
    for node in nodes:
        for target in _targets(node):
            if isinstance(target, ast.Name):
                names[target.id] = node.lineno
                if isinstance(node, ast.Assign) and node.targets == [target]:
                    values[target.id] = node.value
            elif isinstance(target, ast.Attribute):
                attributes[target.attr] = node.lineno
            elif (named := _key(target)) is not None:
                keys[named] = node.lineno
    made = {f".{name}": line for name, line in attributes.items()}
    returns = [node for node in nodes if isinstance(node, ast.Return) and node.value is not None]
    if returns and (value := returns[-1].value) is not None:
        made |= _returned(value, names, keys, values)
    return dict(islice(((what, line) for what, line in made.items() if len(what) <= LONGEST), MOST))


def _statements(function: Function) -> Iterator[ast.stmt]:
    """Yield the statements of a function, those of functions inside of it left out."""
    waiting = deque[ast.AST](function.body)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            continue
        if isinstance(node, ast.stmt):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _returned(
    value: ast.expr,
    names: Mapping[str, int],
    keys: Mapping[tuple[str, str], int],
    values: Mapping[str, ast.expr],
) -> dict[str, int]:
    """Return where what a function returns is assigned, and its parts."""
    made = {"": _line(value, names)}
    called = value.id if isinstance(value, ast.Name) else ""
    whole = values.get(called, value)
    if isinstance(whole, ast.Tuple | ast.List):
        made |= {f"[{at}]": _line(one, names) for at, one in enumerate(whole.elts)}
    elif isinstance(whole, ast.Dict):
        made |= {
            f"[{key.value}]": _line(one, names)
            for key, one in zip(whole.keys, whole.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    elif isinstance(whole, ast.Call) and isinstance(whole.func, ast.Name) and whole.func.id == "dict":
        made |= {f"[{one.arg}]": _line(one.value, names) for one in whole.keywords if one.arg is not None}
    return made | {f"[{key}]": line for (of, key), line in keys.items() if of == called}


def _line(value: ast.expr, names: Mapping[str, int]) -> int:
    """Return where a name is assigned last; of anything else, where it stands."""
    return names.get(value.id, value.lineno) if isinstance(value, ast.Name) else value.lineno


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a statement assigns, with what is sliced and unpacked as a whole: x for `x[0] += 1`."""
    if isinstance(node, ast.Assign):
        waiting = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        waiting = [node.target]
    else:
        return
    while waiting:
        target = waiting.pop()
        if isinstance(target, ast.Tuple | ast.List):
            waiting += target.elts
        elif isinstance(target, ast.Starred | ast.Subscript) and _key(target) is None:
            waiting.append(target.value)
        else:
            yield target


def _key(target: ast.AST) -> tuple[str, str] | None:
    """Return (name, key) of `gradients["dx"]`; None for anything else."""
    match target:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
            return name, key
    return None
