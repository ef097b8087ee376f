"""The asserts in a hand-in's functions: one that fails is noted and passed over, for values are judged here.

A last `assert`, which a student wrote to try something, costs nothing that is right. Those under `try` raise
as ever, and so do those at the top level, where nothing is graded.

Of an assert that compares shapes or sizes, `assert dWx.shape == (self.h, self.d)`, both sides are noted as
well. Nothing of it is evaluated a second time, and nothing of the student's runs for it: only whole numbers,
and tuples and lists of them, are told, by types whose methods are Python's and NumPy's own.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from types import TracebackType

import numpy as np

NAME = "__cellgrade_assert__"
MOST = 10  # that are told of: what is said must fit into a frame
MOST_SIZES = 8  # of a shape that is told
BELOW = 1 << 31  # of each of them, and of a size
MAX_SIDE = 80  # characters of a side as it is written

Place = tuple[str, int, int | None]  # path of a file in the hand-in, line, and in a notebook the cell
Sides = tuple[str, str, str, str]  # of each side how it is written, and what it is: "x.shape", "(3,)"

_NO: tuple[object, ...] = (False, np.False_)  # each is one object, so that nothing need be asked of it

_compared: list[tuple[Place, ast.expr, ast.expr]] = []  # each comparison of an assert, by its number
_unequal: dict[Place, tuple[int, str, str]] = {}  # of the assert under way: its comparison that does not hold
_failed: dict[Place, Sides | None] = {}
_raised: list[tuple[BaseException, Sides]] = []  # by an assert under `try`: the last one


class PassedOver:
    """Stands around an assert: what it raises is noted with its place and goes no further.

    Args:
        path: of the file in the hand-in.
        line: of the assert.
        cell: of a notebook.
        raises: it stands under `try`: what it has compared is noted, and it raises as ever.
    """

    def __init__(self, path: str, line: int, cell: int | None, raises: bool = False) -> None:
        self._place = (path, line, cell)
        self._raises = raises

    def __enter__(self) -> None:
        """Forget what an earlier run of it has left."""
        _unequal.pop(self._place, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        """Whether the rest of the function goes on."""
        if not isinstance(error, Exception) or isinstance(error, MemoryError | RecursionError):
            return False
        if self._raises:
            if (sides := _sides(self._place)) is not None:
                _raised[:] = [(error, sides)]
            return False
        if self._place not in _failed and len(_failed) < MOST:
            _failed[self._place] = _sides(self._place)
        return True

    @staticmethod
    def equal(number: int, left: object, right: object) -> object:
        """Return `left == right`, and note both if they are sizes or shapes that differ.

        Args:
            number: of the comparison.
            left, right: its sides, evaluated.
        """
        result = left == right
        if any(result is no for no in _NO):
            shown = _shown(left), _shown(right)
            if shown[0] is not None and shown[1] is not None:
                _unequal[_compared[number][0]] = number, shown[0], shown[1]
        return result


def failed() -> dict[Place, Sides | None]:
    """Return the place of each assert that has failed since this was last asked, with what it compared."""
    found = dict(_failed)
    _failed.clear()
    _raised.clear()
    return found


def compared(error: BaseException) -> Sides | None:
    """Return what the assert has compared that raised this, if it is known."""
    return next((sides for raised, sides in _raised if raised is error), None)


def passing_over(tree: ast.Module, path: str, cell: int | None) -> ast.Module:
    """Put each assert in a function inside of `with PassedOver(...)`, which is bound to NAME."""
    for node in tree.body:
        _Substitute(path, cell).visit(node)
    return ast.fix_missing_locations(tree)


class _Substitute(ast.NodeTransformer):
    def __init__(self, path: str, cell: int | None) -> None:
        self.place = path, cell
        self.depth = 0  # functions around
        self.tried = 0  # bodies of `try` around

    def generic_visit(self, node: ast.AST) -> ast.AST:
        # No assert is inside an expression, and expressions may be nested deeper than we could follow.
        return node if isinstance(node, ast.expr) else super().generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        self.tried += 1
        node.body = [self.visit(one) for one in node.body]
        self.tried -= 1
        node.handlers = [self.visit(one) for one in node.handlers]
        node.orelse = [self.visit(one) for one in node.orelse]
        node.finalbody = [self.visit(one) for one in node.finalbody]
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        if not self.depth:
            return node
        path, cell = self.place
        _note_sides(node, (path, node.lineno, cell))
        place: list[ast.expr] = [ast.Constant(one) for one in (path, node.lineno, cell, self.tried > 0)]
        guard = ast.withitem(ast.Call(ast.Name(NAME, ast.Load()), place, []))
        return ast.copy_location(ast.With([guard], [node]), node)


def _note_sides(node: ast.Assert, place: Place) -> None:
    """Have `PassedOver.equal` compare what an assert compares by a single ==, alone or in a row of `and`."""
    if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And):
        node.test.values = [_noting(one, place) for one in node.test.values]
    else:
        node.test = _noting(node.test, place)


def _noting(node: ast.expr, place: Place) -> ast.expr:
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)):
        return node
    left, right = node.left, node.comparators[0]
    _compared.append((place, left, right))
    equal = ast.Attribute(ast.Name(NAME, ast.Load()), "equal", ast.Load())
    return ast.copy_location(ast.Call(equal, [ast.Constant(len(_compared) - 1), left, right], []), node)


def _sides(place: Place) -> Sides | None:
    """Return what the assert has compared that does not hold; None where that is no size and no shape."""
    if place not in _unequal:
        return None
    number, left, right = _unequal.pop(place)
    written = _written(number)
    return None if written is None else (written[0], left, written[1], right)


@cache
def _written(number: int) -> tuple[str, str] | None:
    """Return both sides of a comparison as they are written, cut to a limit; None if they do not print."""
    try:
        texts = [ast.unparse(side) for side in _compared[number][1:]]
    except (RecursionError, ValueError):  # nested too deeply; a number of thousands of digits
        return None
    left, right = (one if len(one) <= MAX_SIDE else f"{one[: MAX_SIDE - 3]}..." for one in texts)
    return (left, right) if (left + right).isprintable() else None


def _shown(value: object) -> str | None:
    """Return a size, or a shape of at most so many, in letters; None of whatever else it is."""
    kind = type(value)
    if kind is tuple or kind is list or kind is getattr(sys.modules.get("torch"), "Size", tuple):
        assert isinstance(value, tuple | list)
        if len(value) > MOST_SIZES or not all(map(_is_size, value)):
            return None
        sizes = ", ".join(str(int(one)) for one in value)
        if kind is list:
            return f"[{sizes}]"
        return f"({sizes},)" if len(value) == 1 else f"({sizes})"
    return str(int(value)) if _is_size(value) else None  # type: ignore[call-overload]


def _is_size(value: object) -> bool:
    # By identity: a class may have a metaclass of the student's, and `in` would ask that.
    kind = type(value)
    if kind is int or kind is np.int64 or kind is np.int32:
        return bool(-BELOW < value < BELOW)  # type: ignore[operator]
    return False
