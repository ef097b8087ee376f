"""The asserts in a hand-in's functions: one that fails is noted and passed over, for values are judged here.

A last `assert`, which a student wrote to try something, costs nothing that is right. Those under `try` stay
as they are, and so do those at the top level, where nothing is graded.
"""

from __future__ import annotations

import ast
from types import TracebackType

NAME = "__cellgrade_assert__"
MOST = 10  # that are told of: what is said must fit into a frame

Place = tuple[str, int, int | None]  # path of a file in the hand-in, line, and in a notebook the cell

_failed: list[Place] = []


class PassedOver:
    """Stands around an assert: what it raises is noted with its place and goes no further.

    Args:
        path: of the file in the hand-in.
        line: of the assert.
        cell: of a notebook.
    """

    def __init__(self, path: str, line: int, cell: int | None) -> None:
        self._place = (path, line, cell)

    def __enter__(self) -> None:
        """Nothing is needed before."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        """Whether the rest of the function goes on."""
        if not isinstance(error, Exception) or isinstance(error, MemoryError | RecursionError):
            return False
        if self._place not in _failed and len(_failed) < MOST:
            _failed.append(self._place)
        return True


def failed() -> list[Place]:
    """Where each assert stands that has failed since this was last asked."""
    found = list(_failed)
    _failed.clear()
    return found


def passing_over(tree: ast.Module, path: str, cell: int | None) -> ast.Module:
    """Put each assert in a function inside of `with PassedOver(...)`, which is bound to
    NAME.
    """
    for node in tree.body:
        _Substitute(path, cell).visit(node)
    return ast.fix_missing_locations(tree)


class _Substitute(ast.NodeTransformer):
    def __init__(self, path: str, cell: int | None) -> None:
        self.place = path, cell
        self.depth = 0  # functions around

    def generic_visit(self, node: ast.AST) -> ast.AST:
        # No assert is inside an expression, and expressions may be nested deeper than we could follow.
        return node if isinstance(node, ast.expr) else super().generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        for statement in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(statement)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        if not self.depth:
            return node
        path, cell = self.place
        place: list[ast.expr] = [ast.Constant(path), ast.Constant(node.lineno), ast.Constant(cell)]
        guard = ast.withitem(ast.Call(ast.Name(NAME, ast.Load()), place, []))
        return ast.copy_location(ast.With([guard], [node]), node)
