"""How a source becomes text, what it imports, and what stands for packages that are not there.

All of this runs inside a job, because a hostile source can crash Python's own parser.
"""

from __future__ import annotations

import ast
import builtins
import codecs
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, Self

from .trees import walk

# What is there beside Python's own; the zygote adds to it what its environment has.
INSTALLED = {"numpy"}
TITLES = {
    "numpy": "NumPy",
    "torch": "PyTorch",
    "safetensors": "safetensors",
    "matplotlib": "Matplotlib",
    "IPython": "IPython",
    "tqdm": "tqdm",
    "keras": "Keras",
    "h5py": "h5py",
}
MISSING_NAME = "__cellgrade_missing__"
COLAB = "google.colab"  # there wherever a notebook is run in Colab, and nowhere else
MAX_NAME = 100  # characters of a package's name

# PEP 263: one of the first two lines may name the file's encoding.
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
# Those in which people write programs. Of Python's others some are slow (punycode), some not for text (zlib).
ENCODINGS = re.compile(
    r"utf-8|ascii|cp\d+|iso8859-\d+|koi8-[rut]|mac-\w+|gbk|gb2312|gb18030|big5\w*|shift_jis\w*|euc_\w+|johab"
)


@dataclass(frozen=True)
class ForeignImport:
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
    """Return the text of a source file, and the first line that is not UTF-8 (None when all is well).

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


def is_colab(name: str) -> bool:
    """Whether a dotted module is one of Colab's own."""
    return name == COLAB or name.startswith(f"{COLAB}.")


def foreign_imports(nodes: Sequence[ast.AST], is_local: Callable[[str], bool]) -> Iterator[ForeignImport]:
    """Every import of a package that is not there, in the order of the lines.

    Args:
        nodes: all of a tree.
        is_local: whether a top-level name is a module of the hand-in.
    """
    found: dict[tuple[int, str], ForeignImport] = {}
    uses: dict[str, int] | None = None
    for node, name, bound in imports(nodes):
        package = name.partition(".")[0]
        if package and _is_foreign(package, is_local) and not is_colab(name):
            uses = _first_uses(nodes) if uses is None else uses
            used = min((uses[alias] for alias in bound if alias in uses), default=None)
            if isinstance(node, ast.Call):
                used = node.lineno  # nothing stands in for what is imported by a call: it raises right there
            elif "*" in bound:
                used = _first_unbound(nodes, uses)
            found[node.lineno, package] = ForeignImport(
                node.lineno, package[:MAX_NAME], _is_guarded(node), used
            )
    yield from (found[key] for key in sorted(found))


def without_missing(tree: ast.Module, is_local: Callable[[str], bool]) -> ast.Module:
    """Return the tree with imports of missing packages bound to `Missing`, except those under `try`.

    What is never used then costs nothing, what is used raises on the line that uses it, and what is guarded
    raises ImportError, as it does on any machine without the package.
    """
    _mark_guarded(walk(tree))
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
    """Return what an import of a package that is not there binds."""
    return Idle() if is_colab(name) else Missing(name)


def _is_foreign(package: str, is_local: Callable[[str], bool]) -> bool:
    known = package in sys.stdlib_module_names or package in INSTALLED
    return not known and not is_local(package)


Imported = tuple[ast.stmt | ast.Call, str, list[str]]


def imports(nodes: Sequence[ast.AST]) -> Iterator[Imported]:
    """(node, dotted module, names that it binds) of every absolute import, also by function call."""
    _mark_guarded(nodes)
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, [alias.asname or alias.name.partition(".")[0]]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node, node.module, [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and (name := _imported_by_call(node)):
            yield node, name, []


def _imported_by_call(value: ast.Call) -> str | None:
    """Return the module of `__import__("a")` and `importlib.import_module("a")`, when it is written out."""
    if not value.args or not isinstance(value.args[0], ast.Constant):
        return None
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    module = value.args[0].value
    return module if name in ("__import__", "import_module") and isinstance(module, str) else None


def _mark_guarded(nodes: Sequence[ast.AST]) -> None:
    for outer in nodes:
        if isinstance(outer, ast.Try | ast.TryStar):
            for inner in walk(*outer.body):
                inner.guarded = True  # type: ignore[attr-defined]


def _is_guarded(node: ast.AST) -> bool:
    return getattr(node, "guarded", False)


def _first_uses(nodes: Sequence[ast.AST]) -> dict[str, int]:
    uses: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            uses[node.id] = min(uses.get(node.id, node.lineno), node.lineno)
    return uses


def _first_unbound(nodes: Sequence[ast.AST], uses: Mapping[str, int]) -> int | None:
    """First line that uses a name which nothing in the file binds; None if another `import *` may bind it."""
    bound, stars = set(dir(builtins)) | {"__file__"}, 0
    for node in nodes:
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
    unbound = [line for name, line in uses.items() if name not in bound]
    return min(unbound, default=None) if stars == 1 else None
