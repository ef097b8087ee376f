"""Takes from a student's process what it could tell of this machine: where things lie, and what it is called.

Else a hand-in could print it, and a report would say something else on every machine. What Python's objects
hold is replaced; what only C knows (the linker's list of libraries, the arguments of the process) is not, and
is no secret: nothing that it names can be opened.
"""

from __future__ import annotations

import _imp
import builtins
import gc
import importlib.machinery
import linecache
import os
import platform
import re
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

HOME = "/python"  # where Python, NumPy and we seem to lie: on no disk
DEPTH = 2  # of lists and dictionaries in a module in which places are looked for
Mask = Callable[[str], str]
Seen = dict[int, int]
SHARED = ("", os.sep, "/usr", "/usr/local")  # prefixes that are in every path, and say nothing


def everything() -> None:
    """Replace the places in all modules, in their code, and in `sys`; and the machine's name and kind."""
    mask = places()
    # Debian's own is "/usr", which no pattern may replace wherever it stands; other paths are made of these.
    sys.base_prefix = sys.base_exec_prefix = HOME
    seen: Seen = {id(vars(builtins)): DEPTH}  # which every module holds
    _hide_in(vars(builtins), mask, DEPTH, seen={})
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType):
            _hide_in(vars(module), mask, DEPTH, seen)
            _hide_of(module, mask)
    for thing in gc.get_objects():
        kind = type(thing)
        if kind is FunctionType:
            _hide_in_function(thing, mask)
        elif kind is dict and thing:
            _hide_in_table(thing, mask)
    for printer in (getattr(builtins, name, None) for name in ("copyright", "credits", "license")):
        if printer is not None:  # site's, which would read their texts from files
            _hide_in(vars(printer), mask, 1, seen={})
    sys.orig_argv = ["python"]
    sys.path_importer_cache.clear()
    linecache.cache.clear()
    re.purge()  # it keeps the patterns of what was replaced
    _be_any_machine()


def places() -> Mask:
    """Return what replaces in a text the places where Python, NumPy and we lie."""
    library = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, ours}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    own = dict.fromkeys(prefixes - {*SHARED}, HOME)
    shared = {f"{prefix}/{library}": f"{HOME}/{library}" for prefix in SHARED if prefix != os.sep}
    # The longer first: one may lie within another.
    places = sorted((own | shared).items(), key=lambda place: -len(place[0]))
    patterns = [
        (re.compile((r"(?<![\w-])" if old in shared else "") + re.escape(old) + r"(?![\w.-])"), old, new)
        for old, new in places
    ]

    @cache
    def mask(text: str) -> str:
        for pattern, old, new in patterns:
            if old in text:
                text = pattern.sub(new, text)
        return text

    return mask


def _hide_in(values: Any, mask: Mask, depth: int, seen: Seen) -> None:
    """Replace the places in a dictionary or list, and in those in it.

    Args:
        values: the dictionary or list.
        mask: what replaces.
        depth: how many levels below it are looked at as well.
        seen: to what depth others were looked at already, by their identities: many modules hold the same.
    """
    for key, value in list(values.items() if isinstance(values, dict) else enumerate(values)):
        kind = type(value)
        if kind is str:
            if os.sep in value and (hidden := mask(value)) != value:
                values[key] = hidden
        elif kind is tuple and any(type(one) is str and os.sep in one for one in value):
            masked = tuple(mask(one) if type(one) is str else one for one in value)
            if masked != value:
                values[key] = masked
        elif depth and (kind is dict or kind is list) and seen.get(id(value), 0) < depth:
            seen[id(value)] = depth
            _hide_in(value, mask, depth - 1, seen)


def _hide_of(module: ModuleType, mask: Mask) -> None:
    """Replace the places in what the import system knows of a module."""
    spec = getattr(module, "__spec__", None)
    loaders = {id(one): one for one in (getattr(module, "__loader__", None), getattr(spec, "loader", None))}
    for loader in loaders.values():
        if isinstance(loader, importlib.machinery.SourceFileLoader | importlib.machinery.ExtensionFileLoader):
            loader.path = mask(loader.path)
    if isinstance(spec, importlib.machinery.ModuleSpec):
        if spec.cached is not None:
            spec.cached = mask(spec.cached)
        if spec.origin is not None:
            spec.origin = mask(spec.origin)
        if isinstance(spec.submodule_search_locations, list):
            spec.submodule_search_locations[:] = map(mask, spec.submodule_search_locations)
        if isinstance(spec.loader_state, SimpleNamespace):  # of a frozen module
            _hide_in(vars(spec.loader_state), mask, 1, seen={})


def _hide_in_function(function: FunctionType, mask: Mask) -> None:
    """Replace the file of a function, and of those within it: tracebacks and frames show it."""
    code = function.__code__
    hidden = mask(code.co_filename)
    if hidden != code.co_filename:
        _imp._fix_co_filename(code, hidden)  # type: ignore[attr-defined]
    if function.__defaults__ and any(type(one) is str for one in function.__defaults__):
        function.__defaults__ = tuple(mask(one) if type(one) is str else one for one in function.__defaults__)


def _hide_in_table(values: dict[Any, Any], mask: Mask) -> None:
    """Replace the places in what Python keeps of modules in C: copies of them, and a table of their files."""
    first = next(iter(values))
    if first == "__name__" and "__file__" in values:
        _hide_in(values, mask, 0, seen={})
    elif type(first) is tuple and len(first) == 2:  # (file, module); nothing is loaded again
        for key in [key for key in values if key[0].__class__ is str and mask(key[0]) != key[0]]:
            del values[key]


def _be_any_machine() -> None:
    """Let `platform` and `os.uname` answer without asking the kernel, which is forbidden."""
    if sys.platform == "linux":
        machine = os.uname().machine
        answer = os.uname_result(("Linux", "handin", "", "", machine))
        for module in (os, import_module("posix")):
            vars(module)["uname"] = lambda: answer
        platform._uname_cache = platform.uname_result(*answer)  # type: ignore[attr-defined]
