"""Runs the top level of a hand-in statement by statement: what fails is noted, and the rest goes on.

Each statement is compiled and run by itself, in order, once. Before one that may end the process, or never
end, the grader is told which it is: so it can begin again without it, in a fresh job.
"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Callable, Collection
from typing import Any

from . import trees
from .bounds import MAX_NOTES, MAX_SHOWN
from .outline import Outline

MAX_ANNOUNCED = 5_000  # statements that the grader is told of

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
ASSIGNMENTS = (ast.Assign, ast.AnnAssign)
GUARDED = (ast.Try, ast.TryStar)

At = tuple[str, int]  # the path of a source, and the place of a statement in it


class TopLevel:
    """What becomes of the top level of all sources that a job imports.

    Args:
        without: statements that are left out.
        definitions_alone: leave out whatever is not there to define something.
        announce: told which statement comes next.
        describe: an exception as what can be told of it.

    Attributes:
        failed: which statements raised, and what; the first of them.
        more: how many more did.
        left_out: which were not run.
    """

    def __init__(
        self,
        without: Collection[At],
        announce: Callable[[At], None],
        describe: Callable[[BaseException], dict[str, Any]],
        *,
        definitions_alone: bool,
    ) -> None:
        self.failed: list[dict[str, Any]] = []
        self.left_out: list[dict[str, Any]] = []
        self.more = 0
        self._without = frozenset(without)
        self._definitions_alone = definitions_alone
        self._announce = announce
        self._announced = 0
        self._describe = describe
        self._under_way: list[tuple[At, ast.stmt]] = []  # a statement may import another source

    def run(
        self,
        outline: Outline,
        namespace: dict[str, Any],
        filename: Callable[[int | None], str],
        prepared: Callable[[ast.Module, int | None], ast.Module],
    ) -> None:
        """Run a source in its module's namespace.

        Args:
            outline: its statements; those of a notebook get their lines within their cells.
            namespace: the module's.
            filename: what the code of a cell, or of a file (None), is said to come from.
            prepared: makes of a statement, in such a cell, what is really run.

        Raises:
            BaseException: whatever a statement raises, where the import of this source stands under `try`.
        """
        strict = bool(self._under_way) and isinstance(self._under_way[-1][1], GUARDED)
        local = {node.name for node in outline.tree.body if isinstance(node, DEFINITIONS[:3])}
        flags = 0
        absent: set[str] = set()  # names that only what was left out would set
        try:
            for index, statement in enumerate(outline.tree.body):
                flags |= _future(statement)
                if index and _is_text(statement):
                    continue  # only the first one is a docstring
                at = (outline.path, index)
                if at in self._without or (
                    self._definitions_alone and not _defines(statement, local, absent)
                ):
                    absent |= _set(statement)
                    self._note(self.left_out, outline, statement, index=index)
                    continue
                absent -= _set(statement)
                if not _is_harmless(statement):
                    self._say(at)
                self._under_way.append((at, statement))
                place = outline.place(statement.lineno)
                try:
                    trees.move(statement, place["line"] - statement.lineno)
                    cell = place.get("cell")
                    tree = prepared(ast.Module([statement], []), cell)
                    code = compile(tree, filename(cell), "exec", flags, dont_inherit=True)
                    exec(code, namespace)  # noqa: S102 - a job is for this
                except BaseException as error:  # SystemExit ends a test cell, not a hand-in
                    if strict:
                        raise
                    if len(self.failed) < MAX_NOTES:
                        self._note(self.failed, outline, statement, place, raised=self._describe(error))
                    else:
                        self.more += 1
                finally:
                    self._under_way.pop()
        finally:
            if self._under_way:  # what imported this source goes on
                self._say(self._under_way[-1][0])

    def _say(self, at: At) -> None:
        self._announced += 1
        if self._announced <= MAX_ANNOUNCED:
            self._announce(at)

    def _note(
        self,
        notes: list[dict[str, Any]],
        outline: Outline,
        statement: ast.stmt,
        place: dict[str, int] | None = None,
        **more: Any,
    ) -> None:
        if len(notes) < MAX_NOTES:
            where = place or outline.place(statement.lineno)
            note = {"shown": _shown(statement), "needed": _is_needed(statement, outline.tree)}
            notes.append({"path": outline.path, **where, **note, **more})


def _future(statement: ast.stmt) -> int:
    """Return the compiler's flags for what a statement imports from `__future__`."""
    if not isinstance(statement, ast.ImportFrom) or statement.module != "__future__":
        return 0
    flags = 0
    for alias in statement.names:
        flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_harmless(statement: ast.stmt) -> bool:
    """Whether it ends at once, whatever it holds: so that nobody has to be told that it comes."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = statement.args
        given = [*arguments.defaults, *arguments.kw_defaults]
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        given += [statement.returns, *(one.annotation for one in named)]
        return not statement.decorator_list and all(one is None or _is_plain(one) for one in given)
    if isinstance(statement, ast.ClassDef):
        outside = [*statement.decorator_list, *statement.keywords]
        return not outside and all(map(_is_plain, statement.bases)) and all(map(_is_harmless, statement.body))
    if isinstance(statement, ast.Assign):
        return all(isinstance(one, ast.Name) for one in statement.targets) and _is_plain(statement.value)
    return _is_text(statement) or isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass)


def _is_plain(value: ast.expr) -> bool:
    """Return a constant, a name, or a name's attribute."""
    if isinstance(value, ast.Attribute):
        return isinstance(value.value, ast.Name)
    return isinstance(value, ast.Constant | ast.Name)


def _defines(statement: ast.stmt, local: Collection[str], absent: Collection[str]) -> bool:
    """Whether it is there to define something, calls nothing of the hand-in's own for it, and needs nothing
    that was left out.
    """
    if isinstance(statement, DEFINITIONS):
        return True
    if isinstance(statement, ASSIGNMENTS):
        nodes = trees.walk(statement)
        calls = (node.func for node in nodes if isinstance(node, ast.Call))
        reads = {node.id for node in nodes if isinstance(node, ast.Name) and _is_read(node)}
        return not any(_root(called) in local for called in calls) and reads.isdisjoint(absent)
    if isinstance(statement, ast.If):
        return all(_defines(one, local, absent) for one in [*statement.body, *statement.orelse])
    if isinstance(statement, GUARDED):
        handled = [one for handler in statement.handlers for one in handler.body]
        inner = [*statement.body, *handled, *statement.orelse, *statement.finalbody]
        return all(_defines(one, local, absent) or isinstance(one, ast.Pass) for one in inner)
    return False


def _set(statement: ast.stmt) -> set[str]:
    """Return the names that a statement sets, wherever in it."""
    return {node.id for node in trees.walk(statement) if isinstance(node, ast.Name) and not _is_read(node)}


def _root(called: ast.expr) -> str:
    """Return the name that a call begins with: f for f(), m for m.f()."""
    while isinstance(called, ast.Attribute | ast.Call | ast.Subscript):
        called = called.func if isinstance(called, ast.Call) else called.value
    return called.id if isinstance(called, ast.Name) else ""


def _is_needed(statement: ast.stmt, tree: ast.Module) -> bool:
    """Whether something may be missing without it: it defines, or imports, or sets what a function uses."""
    if isinstance(statement, DEFINITIONS):
        return True
    bound = _set(statement)
    return any(bound & _free_names(one) for one in tree.body if isinstance(one, DEFINITIONS[:3]))


def _free_names(definition: ast.AST) -> set[str]:
    """Names that a function or class reads and does not itself set, roughly: by whatever is inside of it."""
    names = [node for node in trees.walk(definition) if isinstance(node, ast.Name)]
    own = {node.arg for node in trees.walk(definition) if isinstance(node, ast.arg)}
    own |= {node.id for node in names if not _is_read(node)}
    return {node.id for node in names if _is_read(node)} - own


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _shown(statement: ast.stmt) -> str:
    """Return the statement's own beginning, on one line."""
    if isinstance(statement, DEFINITIONS[:3]):
        keyword = "class" if isinstance(statement, ast.ClassDef) else "def"
        return f"{keyword} {statement.name}"[:MAX_SHOWN]
    try:
        return ast.unparse(statement).split("\n")[0][:MAX_SHOWN]
    except RecursionError:
        return ""
