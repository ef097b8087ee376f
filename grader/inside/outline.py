"""A source as its top-level statements: a file, or a notebook cell by cell.

Lines are counted through all cells of a notebook; `place` says which cell a line is in, and which line there.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from . import trees
from .blocks import Lost, recover

Cells = Sequence[tuple[int, str]]  # the number of each code cell of a notebook, and its text


def named(path: str, cell: int | None) -> str:
    """Return what the code of a file, or of a notebook's cell, says that it comes from."""
    return path if cell is None else f"{path}, cell {cell}"


@dataclass
class Outline:
    """What there is of one source.

    Attributes:
        path: inside the hand-in.
        tree: its statements.
        lost: what does not parse.
        repaired: "print" or "tabs" -> lines where Python 2's prints were left out, or tabs read as spaces.
        numbers, starts: of a notebook, each code cell's number and the lines before it.
    """

    path: str
    tree: ast.Module
    lost: list[Lost]
    repaired: dict[str, list[int]]
    numbers: list[int]
    starts: list[int]

    @classmethod
    def of(cls, path: str, text: str, cells: Cells | None = None, filename: str | None = None) -> Outline:
        """Return the outline of a file's text or of a notebook's cells; errors name `filename`, or else the
        path.

        Raises:
            SyntaxError: nothing of it parses; of a notebook, the error of the first cell that does not.
        """
        found = cls(path, ast.Module([], []), [], {}, [], [])
        failed = None
        start = 0
        for number, cell in [(0, text)] if cells is None else cells:
            if cells is not None:
                found.numbers.append(number)
                found.starts.append(start)
            error = found._add(cell, start, named(filename or path, number or None))
            failed = failed or error
            start += cell.count("\n") + 1
        if failed is not None and not found.tree.body:
            raise failed
        return found

    def _add(self, text: str, start: int, filename: str) -> SyntaxError | None:
        """Take what there is of a text that stands behind so many lines; gives its error, if it has one."""
        parsed = recover(text, filename)
        for statement in parsed.body:
            trees.move(statement, start)
        self.tree.body += parsed.body
        for one in parsed.lost:
            line = None if one.line is None else start + one.line
            self.lost.append(Lost(one.error, line, start + one.first, start + one.last, one.names))
        for what, lines in (("print", parsed.prints), ("tabs", parsed.tabs)):
            if lines:
                self.repaired.setdefault(what, []).extend(start + line for line in lines)
        return parsed.error

    @property
    def is_notebook(self) -> bool:
        """Whether it has cells."""
        return bool(self.numbers)

    def place(self, line: int) -> dict[str, int]:
        """{"line"}, or {"cell", "line"} in a notebook."""
        if not self.numbers:
            return {"line": line}
        at = max(0, bisect_right(self.starts, line - 1) - 1)
        return {"cell": self.numbers[at], "line": line - self.starts[at]}

    def of_lost(self, lost: Lost) -> dict[str, Any]:
        """Return what does not parse, by its place."""
        first, last = self.place(lost.first), self.place(lost.last)
        line = {} if lost.line is None else self.place(lost.line)
        return {**asdict(lost), **first, **line, "first": first["line"], "last": last["line"]}
