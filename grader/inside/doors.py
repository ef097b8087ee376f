"""Finds torch's own GRU where one is to be written: in the source, and when it is called.

The source is read before any of it runs, so what stands there in plain letters is found, under whatever
alias; a name that is put together at run time is not. The calls are watched twice: by a mode through which
every function of torch that Python calls passes, whenever it was taken hold of, and by torch's profiler,
which also sees what compiled code calls. Both are in the student's process, which could switch them off:
what they find is so, and what they do not find proves nothing.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

MODULES = ("GRU", "GRUCell")
FUNCTIONS = tuple(
    "gru gru_cell _VF _thnn_fused_gru_cell quantized_gru_cell _use_cudnn_rnn_flatten_weight".split()
)
NAMES = {*MODULES, *FUNCTIONS}
MOST = 10  # of one file


def in_source(nodes: Sequence[ast.AST]) -> list[tuple[str, int]]:
    """Return where a source reaches for torch's own GRU: what stands there, and its line."""
    return list(islice(_found(nodes), MOST))


def _found(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    of_torch = _of_torch(nodes)
    own = {getattr(node, "name", None) for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    everything = any(
        isinstance(node, ast.ImportFrom) and _is_torch(node.module) and node.names[0].name == "*"
        for node in nodes
    )
    seen = set()
    for node in nodes:
        what = None
        if isinstance(node, ast.Attribute) and node.attr in NAMES and _root(node) in of_torch:
            what = ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and _is_torch(node.module):
            names = [alias.name for alias in node.names if alias.name in NAMES]
            what = f"from {node.module} import {names[0]}" if names else None
        elif isinstance(node, ast.Name) and node.id in MODULES and everything and node.id not in own:
            what = node.id
        elif isinstance(node, ast.Call) and _is_getattr(node.func):
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            what = next((f'getattr(..., "{text}")' for text in texts if text in NAMES), None)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            what = f'[..., "{node.slice.value}"]' if node.slice.value in NAMES else None
        if what is not None and (what, node.lineno) not in seen:  # type: ignore[attr-defined]
            seen.add((what, node.lineno))  # type: ignore[attr-defined]
            yield what[:80], node.lineno  # type: ignore[attr-defined]


def _of_torch(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that stand for torch or something of it, by import or by plain assignment."""
    found = {"torch"}
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {
                alias.asname or alias.name.partition(".")[0] for alias in node.names if _is_torch(alias.name)
            }
        elif isinstance(node, ast.ImportFrom) and _is_torch(node.module):
            found |= {alias.asname or alias.name for alias in node.names}
    grown = True
    while grown:
        grown = False
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
                names = {one.id for one in node.targets if isinstance(one, ast.Name)}
                if _root(node.value) in found and not names <= found:
                    found |= names
                    grown = True
    return found


def _is_torch(module: str | None) -> bool:
    return module is not None and (module == "torch" or module.startswith("torch."))


def _is_getattr(called: ast.expr) -> bool:
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    return name in ("getattr", "__getattribute__", "attrgetter", "methodcaller")


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


@contextmanager
def watched() -> Iterator[list[str]]:
    """While this lasts, note which of torch's functions for a GRU are called, and let them answer.

    Yields:
        Their names, without doubles, once the block has ended.
    """
    overrides, profiler = sys.modules["torch.overrides"], sys.modules["torch.autograd.profiler_legacy"]
    found: list[str] = []

    class Watch(overrides.TorchFunctionMode):  # type: ignore[name-defined, misc]
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            found.extend(_named(getattr(function, "__name__", "")))
            return function(*args, **(kwargs or {}))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with profiler.profile() as profile, Watch():
            yield found
        for event in profile.function_events:
            found.extend(_named(event.name.rpartition("::")[2]))
    found[:] = dict.fromkeys(found)


def _named(called: str) -> list[str]:
    name = called.partition(".")[0].lstrip("_")
    return [f"torch's {name}"] if name == "gru" or name.removesuffix("_cell").endswith("gru") else []
