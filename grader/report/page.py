"""A page of plain text: where lines are wrapped, indented and coloured, and where others' text is escaped.

The text report says what stands on the page; this says how. Whatever is put on it is escaped on the way in,
and each finished line is made one that no CI takes for a command, so that no caller can forget either.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from enum import Enum

from grader.report import escape

WIDTH = 100
CONTINUED = 4
"""Spaces by which a wrapped line stands behind its first: deeper than any row, so as to be none."""


class Style(Enum):
    """What a line is, by its ANSI code."""

    PLAIN = ""
    TITLE = "1"  # bold
    GOOD = "32"  # green
    BAD = "31"  # red
    OPEN = "33"  # yellow
    HINT = "36"  # cyan
    FAINT = "2"


def cell_words(line: int | None, cell: int) -> str:
    """Name a place in a notebook: "cell 14, line 3"."""
    return f"cell {cell}" if line is None else f"cell {cell}, line {line}"


@dataclass
class Page:
    """Lines of text, collected from the top.

    Attributes:
        ascii_only: escape whatever is not ASCII too.
    """

    ascii_only: bool = False
    _lines: list[tuple[str, Style]] = field(default_factory=list, init=False)

    @staticmethod
    def at(line: int | None, cell: int | None = None) -> str:
        """Name a line, to stand behind a file's name: ":3", in a notebook ", cell 14, line 3"."""
        if cell is not None:
            return f", {cell_words(line, cell)}"
        return "" if line is None else f":{line}"

    def line(self, text: str, style: Style = Style.PLAIN) -> None:
        """Put one line, escaped and cut, never wrapped."""
        self._lines.append((self.name(text), style))

    def gap(self) -> None:
        """Put an empty line, unless the page is empty or ends in one."""
        if self._lines and self._lines[-1][0]:
            self._lines.append(("", Style.PLAIN))

    def prose(
        self, text: str, *, indent: int = 0, hang: int = 0, mark: str = "", style: Style = Style.PLAIN
    ) -> None:
        """Put a message, wrapped to the page's width.

        Whoever wrote it cannot make it look like the rows of the page: a wrapped line stands further in than
        they do, a line of its own is marked as one, and spaces in a row are one, so that it has no columns.

        Args:
            text: one or more paragraphs, a line each.
            indent: spaces before each line.
            hang: further spaces before all lines but the first; at least `CONTINUED` are put there.
            mark: ours, what stands before its first line; the others stand as far in.
            style: of all its lines.
        """
        hang = max(hang, len(mark))
        further = " " * (indent + max(hang, CONTINUED))
        for number, paragraph in enumerate(escape.prose(text, ascii_only=self.ascii_only)):
            before = " " * (indent + hang) + escape.OWN_LINE if number else " " * indent + mark
            # A space that does not break is an escape by now, unless it is ours.
            wrapped = textwrap.wrap(
                re.sub(" +", " ", paragraph).replace("Eq. (", "Eq.\u00a0("),
                WIDTH,
                initial_indent=before,
                subsequent_indent=further,
                break_on_hyphens=False,  # names such as my-gru.py stay whole
            )
            self._lines += [(line.replace("\u00a0", " "), style) for line in wrapped]

    def hint(self, hint: str | None, *, indent: int = 0) -> None:
        """Put what to do about the fact above it, if anything is known."""
        if hint:
            self.prose(f"hint: {hint}", indent=indent, hang=6, style=Style.HINT)

    def block(
        self, text: str, *, head: int, tail: int = 0, before: str = "", style: Style = Style.PLAIN
    ) -> None:
        """Put lines that are somebody's own and stay as they are, each behind `before`."""
        lines = escape.block(text, head=head, tail=tail, ascii_only=self.ascii_only)
        self._lines += [((before + line).rstrip(" "), style) for line in lines]

    def name(self, text: str, limit: int = escape.LINE_CHARS) -> str:
        """Make a name of others' safe to stand within a line."""
        return escape.line(text, limit=limit, ascii_only=self.ascii_only)

    def path(self, text: str) -> str:
        """Write a file's name, in quotes if it has spaces: one that begins a line could look like a row."""
        name = re.sub(" +", " ", self.name(text))
        return f"'{name}'" if " " in name else name

    def render(self, *, colour: bool = False) -> str:
        """Give the page as text that ends with a newline."""
        lines = ((escape.no_command(line), style) for line, style in self._lines)
        return "".join(f"{_coloured(line, style) if colour else line}\n" for line, style in lines)


def _coloured(line: str, style: Style) -> str:
    return f"\x1b[{style.value}m{line}\x1b[0m" if line and style.value else line
