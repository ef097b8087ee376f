"""What the source of a hand-in says, read without running it; and packages that are not there.

All of this runs inside a job, because a hostile source can crash Python's own parser.
"""

from __future__ import annotations

import ast
import builtins
import codecs
import hashlib
import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, NoReturn, Self

from .blocks import MAX_ERROR, described, parse
from .old_numpy import MEANINGS
from .outline import Outline

__all__ = ["MAX_ERROR", "parse"]

# What is there beside Python's own; the zygote adds to it what its environment has.
INSTALLED = {"numpy"}
TITLES = {"numpy": "NumPy", "torch": "PyTorch"}
MISSING_NAME = "__cellgrade_missing__"
COLAB = "google.colab"  # there wherever a notebook is run in Colab, and nowhere else
MAX_NAME = 100  # characters of a package's name
MAX_IMPORTS = 50  # of one file: what is found must fit into a frame's header

# PEP 263: one of the first two lines may name the file's encoding.
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
# Those in which people write programs. Of Python's others some are slow (punycode), some not for text (zlib).
ENCODINGS = re.compile(
    r"utf-8|ascii|cp\d+|iso8859-\d+|koi8-[rut]|mac-\w+|gbk|gb2312|gb18030|big5\w*|shift_jis\w*|euc_\w+|johab"
)


@dataclass(frozen=True)
class Import:
    """An import of a package that is neither NumPy, nor Python's own, nor in the hand-in.

    Attributes:
        line: of the import, from 1.
        package: its top-level name.
        guarded: it stands in the body of a `try`, so that its absence is expected.
        used: first line that uses what it binds; None if nothing does.
    """

    line: int
    package: str
    guarded: bool
    used: int | None


class Idle:
    """Stands for Colab's own modules, which mount drives: every call is taken, and does nothing."""

    def __getattr__(self, name: str) -> Self:
        """Have every attribute, but none of Python's own."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> Self:
        """Take any arguments."""
        return self


class Missing:
    """Stands for a package that is not there, or a name from it. Binding it costs nothing.

    Looking into it, calling it, deriving from it and the like raise ModuleNotFoundError.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def _use(self, *_: object, **__: object) -> NoReturn:
        name = object.__getattribute__(self, "_name")
        there = ", ".join(title for package, title in TITLES.items() if package in INSTALLED)
        raise ModuleNotFoundError(
            f"{name} is used here, but only {there} and Python's own modules are installed"
        )

    __getattr__ = __call__ = __mro_entries__ = __getitem__ = __iter__ = __enter__ = __exit__ = __bool__ = _use


def decode(content: bytes) -> tuple[str, int | None]:
    """The text of a source file, and the first line that is not UTF-8 (None when all is well).

    Universal newlines, and no byte order mark. An encoding that the file names in its first lines is obeyed,
    as Python does. A file that is neither in that nor in UTF-8 is read as Latin-1, in which every byte is a
    letter: an accent in a comment should not cost a right answer its points.
    """
    named = None if content.startswith(codecs.BOM_UTF8) else _named_encoding(content)
    content = content.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for encoding in (named, "utf-8"):
        try:
            if encoding is not None:
                return content.decode(encoding), None
        except UnicodeDecodeError as error:
            at = error.start
    return content.decode("latin-1"), content.count(b"\n", 0, at) + 1


def _named_encoding(content: bytes) -> str | None:
    for line in re.split(rb"\r\n|\r|\n", content[:1000], maxsplit=2)[:2]:
        if found := COOKIE.match(line):
            try:
                name = codecs.lookup(found[1].decode("ascii")).name
            except (LookupError, UnicodeDecodeError):
                return None
            return name if ENCODINGS.fullmatch(name) else None
        if line.strip() and not line.lstrip().startswith(b"#"):
            return None  # a statement in the first line: the second cannot name it any more
    return None


def facts(text: str, path: str, is_local: Callable[[str], bool]) -> dict[str, Any]:
    """What a file's source says, as `facts_of` does; {"error", "line"} if nothing of it can be parsed."""
    try:
        return facts_of(Outline.of(path, text), is_local)
    except SyntaxError as error:
        return {"error": described(error), "line": error.lineno}


def facts_of(outline: Outline, is_local: Callable[[str], bool]) -> dict[str, Any]:
    """What a source says. What is empty may be left out; in a notebook, "cell" stands beside every "line".

    "imports": those of packages that are not there. "definitions": the name of each top-level function and
    method -> a digest of its syntax tree, which comments, layout and docstrings do not change. "lines": the
    same names -> the line of the `def` ("cells" likewise). "locals": dotted names of modules of the hand-in
    that it may import, and some that do not exist. "lost": what does not parse, as `blocks.Lost`. "repaired",
    "idle", "old_numpy": what is left out or stood in for, by its first line.
    """
    tree = outline.tree
    functions = list(_functions(tree))
    places = {name: outline.place(node.lineno) for name, node in functions}
    found: dict[str, Any] = {
        "imports": [
            {**asdict(one), **outline.place(one.line), **_used(outline, one)}
            for one in islice(foreign_imports(tree, is_local), MAX_IMPORTS)
        ],
        "definitions": {name: _digest(node) for name, node in functions},
        "lines": {name: place["line"] for name, place in places.items()},
        "locals": sorted({name for name in _reached(tree, outline.path) if is_local(name.partition(".")[0])}),
    }
    more = {
        "cells": {name: place["cell"] for name, place in places.items() if "cell" in place},
        "lost": [outline.of_lost(lost) for lost in outline.lost],
        "repaired": [
            {"what": what, **outline.place(lines[0]), "count": len(lines)}
            for what, lines in outline.repaired.items()
        ],
        "idle": [outline.place(line) for line in islice(_idle(tree), 1)],
        "old_numpy": [{"name": name, **outline.place(line)} for name, line in _old_numpy(tree).items()],
        "again": _again(outline, functions),
    }
    return found | {key: value for key, value in more.items() if value}


def _used(outline: Outline, found: Import) -> dict[str, int]:
    place = outline.place(found.used) if found.used is not None else {}
    return {f"used_{key}" if key == "cell" else "used": value for key, value in place.items()}


def _idle(tree: ast.Module) -> Iterator[int]:
    """Lines that import what only Colab has."""
    yield from sorted(node.lineno for node, name, _ in _imports(tree) if _is_colab(name))


def _old_numpy(tree: ast.Module) -> dict[str, int]:
    """Names that NumPy had once -> the first line that uses them."""
    numpy = {
        alias.asname or "numpy"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "numpy"
    }
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in numpy and node.attr in MEANINGS:
                found[node.attr] = min(found.get(node.attr, node.lineno), node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "numpy" and not node.level:
            for alias in node.names:
                if alias.name in MEANINGS:
                    found[alias.name] = min(found.get(alias.name, node.lineno), node.lineno)
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


def _is_colab(name: str) -> bool:
    return name == COLAB or name.startswith(f"{COLAB}.")


def foreign_imports(tree: ast.Module, is_local: Callable[[str], bool]) -> Iterator[Import]:
    """Every import of a package that is not there, in the order of the lines."""
    uses = _first_uses(tree)
    found = {}
    for node, name, bound in _imports(tree):
        package = name.partition(".")[0]
        if package and _is_foreign(package, is_local) and not _is_colab(name):
            used = min((uses[alias] for alias in bound if alias in uses), default=None)
            if isinstance(node, ast.Call):
                used = node.lineno  # nothing stands in for what is imported by a call: it raises right there
            elif "*" in bound:
                used = _first_unbound(tree)
            found[node.lineno, package] = Import(node.lineno, package[:MAX_NAME], _is_guarded(node), used)
    yield from (found[key] for key in sorted(found))


def without_missing(tree: ast.Module, is_local: Callable[[str], bool]) -> ast.Module:
    """The tree with imports of missing packages bound to `Missing`, except those under `try`.

    What is never used then costs nothing, what is used raises on the line that uses it, and what is guarded
    raises ImportError, as it does on any machine without the package.
    """
    _mark_guarded(tree)
    return _Substitute(is_local).visit(tree)  # type: ignore[no-any-return]


class _Substitute(ast.NodeTransformer):
    def __init__(self, is_local: Callable[[str], bool]) -> None:
        self.is_local = is_local

    def generic_visit(self, node: ast.AST) -> ast.AST:
        # No import is inside an expression, and expressions may be nested deeper than we could follow.
        return node if isinstance(node, ast.expr) else super().generic_visit(node)

    def visit_Import(self, node: ast.Import) -> ast.AST | list[ast.stmt]:
        gone = [alias for alias in node.names if _is_foreign(alias.name.partition(".")[0], self.is_local)]
        if not gone or _is_guarded(node):
            return node
        kept = [alias for alias in node.names if alias not in gone]
        statements: list[ast.stmt] = [ast.copy_location(ast.Import(kept), node)] if kept else []
        for alias in gone:
            # `import a.b` binds a; `import a.b as c` binds c.
            bound = alias.asname or alias.name.partition(".")[0]
            statements.append(self._binding(node, bound, alias.name))
        return statements

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt]:
        if node.level or not _is_foreign((node.module or "").partition(".")[0], self.is_local):
            return node
        if _is_guarded(node):
            return node
        bindings = [
            self._binding(node, alias.asname or alias.name, f"{node.module}.{alias.name}")
            for alias in node.names
            if alias.name != "*"
        ]
        return bindings or ast.copy_location(ast.Pass(), node)

    @staticmethod
    def _binding(node: ast.stmt, bound: str, name: str) -> ast.stmt:
        make = ast.Call(ast.Name(MISSING_NAME, ast.Load()), [ast.Constant(name)], [])
        binding = ast.copy_location(ast.Assign([ast.Name(bound, ast.Store())], make), node)
        return ast.fix_missing_locations(binding)


def stand_in(name: str) -> object:
    """What an import of a package that is not there binds."""
    return Idle() if _is_colab(name) else Missing(name)


def _is_foreign(package: str, is_local: Callable[[str], bool]) -> bool:
    known = package in sys.stdlib_module_names or package in INSTALLED
    return not known and not is_local(package)


def _imports(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.Call, str, list[str]]]:
    """(node, dotted module, names that it binds) of every absolute import, also by function call."""
    _mark_guarded(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, [alias.asname or alias.name.partition(".")[0]]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node, node.module, [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and (name := _imported_by_call(node)):
            yield node, name, []


def _reached(tree: ast.Module, path: str) -> Iterator[str]:
    """Dotted names of what the file at `path` imports, relative ones as seen from the hand-in's root."""
    for _, name, bound in _imports(tree):
        yield name
        yield from (f"{name}.{alias}" for alias in bound)  # it may be a module of its own
    folders = posixpath.dirname(path).split("/")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            around = folders[: len(folders) - node.level + 1]
            base = ".".join([*around, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _imported_by_call(value: ast.Call) -> str | None:
    """The module of `__import__("a")` and `importlib.import_module("a")`, when it is written out."""
    if not value.args or not isinstance(value.args[0], ast.Constant):
        return None
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    module = value.args[0].value
    return module if name in ("__import__", "import_module") and isinstance(module, str) else None


def _mark_guarded(tree: ast.Module) -> None:
    for outer in ast.walk(tree):
        if isinstance(outer, ast.Try | ast.TryStar):
            for statement in outer.body:
                for inner in ast.walk(statement):
                    inner.guarded = True  # type: ignore[attr-defined]


def _is_guarded(node: ast.AST) -> bool:
    return getattr(node, "guarded", False)


def _first_uses(tree: ast.Module) -> dict[str, int]:
    uses: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            uses[node.id] = min(uses.get(node.id, node.lineno), node.lineno)
    return uses


def _first_unbound(tree: ast.Module) -> int | None:
    """First line that uses a name which nothing in the file binds; None if another `import *` may bind it."""
    bound, stars = set(dir(builtins)) | {"__file__"}, 0
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            stars += any(alias.name == "*" for alias in node.names)
    unbound = [line for name, line in _first_uses(tree).items() if name not in bound]
    return min(unbound, default=None) if stars == 1 else None


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield f"{node.name}.{member.name}", member


def _digest(function: ast.FunctionDef) -> str:
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring
    try:
        parts = [ast.dump(function.args), *map(ast.dump, body)]
    except RecursionError:  # Python itself follows deeper than this module, which is written in it
        return ""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
