"""Parses what parses: a source whose one function is broken is read without that function.

Python's own parser takes a file as a whole or not at all. Here a file that it refuses is cut into top-level
statements by indentation, and a class into its members. Whatever does not parse by itself is lost, and
said; Python 2's `print` statements become `pass`, and tabs mixed with spaces are read where they can mean
one thing only. The lines of what is left are those of the file.

It runs inside a job, on a hostile text: the number of tries and of characters parsed is bounded.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from itertools import islice

from . import lines as lines_
from . import trees

MAX_TRIES = 2_000
MAX_PARSED_CHARACTERS = 2 << 20  # beyond one pass over the whole text
MAX_TOGETHER = 60  # pieces that one statement may span, as a text in triple quotes may
MAX_LOST = 12  # what is told of one source
MAX_ERROR = 300  # characters of a syntax error
MAX_NAMES = 8  # of what is told to be lost in one place
MAX_PRINTS = 300  # of Python 2, in one piece

_STATEMENT = re.compile(r"(?:async|def|class|import|from|return|if|for|while|with|try)\b|@")
_OPEN_TEXT = "unterminated triple-quoted"
_OPEN_BRACKET = "was never closed"


@dataclass(frozen=True)
class Lost:
    """Lines that are not there because they do not parse.

    Attributes:
        error: Python's own words, such as "SyntaxError: '(' was never closed".
        line: of the error, from 1; None if Python names none.
        first, last: the lines.
        names: functions, classes and methods ("GRU_Cell.backward") that are defined there.
    """

    error: str
    line: int | None
    first: int
    last: int
    names: tuple[str, ...]


@dataclass
class Parsed:
    """What there is of a source.

    Attributes:
        body: its top-level statements, in order.
        lost: what does not parse.
        prints: lines of Python 2's `print` statements that were left out.
        tabs: lines from which on tabs that are mixed with spaces were read as spaces.
        error: why the text does not parse as a whole; None if it does.
    """

    body: list[ast.stmt] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    prints: list[int] = field(default_factory=list)
    tabs: list[int] = field(default_factory=list)
    error: SyntaxError | None = None


def parse(text: str, path: str) -> ast.Module:
    """Return the syntax tree of all of it.

    Raises:
        SyntaxError: also for what else the parser may raise on odd input.
    """
    try:
        return ast.parse(text, path)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(f"Python cannot read this file: {error}") from None


def described(error: SyntaxError) -> str:
    """Return the error's kind and Python's own words."""
    # The line is one of the piece that was parsed, not of the file.
    said = re.sub(r" \(detected at line \d+\)| on line \d+", "", str(error.msg))
    return f"{type(error).__name__}: {said}"[:MAX_ERROR]


def recover(text: str, path: str) -> Parsed:
    """Everything in a text that parses."""
    try:
        return Parsed(body=parse(text, path).body)
    except SyntaxError as error:
        found = _Recovery(text, path).parsed()
        found.error = error
        return found


class _Recovery:
    """One text on its way to what can be had of it."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.found = Parsed()
        self.left_tries = MAX_TRIES
        self.left_characters = len(text) + MAX_PARSED_CHARACTERS

    def parsed(self) -> Parsed:
        """All that there is."""
        starts = [*lines_.pieces(self.lines), len(self.lines)]
        at = 0
        while at < len(starts) - 1:
            end = self._statement(starts, at)
            if end is None:
                self._repair(self.lines[starts[at] : starts[at + 1]], starts[at])
                end = at + 1
            at = end
        return self.found

    def _statement(self, starts: list[int], at: int) -> int | None:
        """Read the statement that begins with the piece `at`; gives the piece behind it, or None."""
        for end in range(at + 1, min(len(starts), at + 1 + MAX_TOGETHER)):
            try:
                self.found.body += self._tree(self.lines[starts[at] : starts[end]], starts[at])
            except SyntaxError as error:
                # A text or a bracket may be open still, and end in one of the pieces below.
                behind = self.lines[starts[end]] if end < len(starts) - 1 else ""
                in_brackets = _OPEN_BRACKET in error.msg and not _STATEMENT.match(behind)
                if not (_OPEN_TEXT in error.msg or in_brackets):
                    return None
            else:
                return end
        return None

    def _repair(self, lines: list[str], first: int) -> None:
        """Take what can be had of lines of which the first stands in line `first` of the text, from 0."""
        header = next((at for at, line in enumerate(lines) if not line.startswith("@")), 0)
        mended = self._mended(lines, first)
        if mended is None and re.match(r"class\b", lines[header]):
            mended = self._class(lines, first, header)
        if mended is None:
            self._lose(lines, first)
            return
        self.found.body += mended.body
        self.found.prints += mended.prints
        self.found.tabs += mended.tabs

    def _class(self, lines: list[str], first: int, header: int) -> _Mended | None:
        """Return a class without the members that do not parse; None if none does."""
        members = lines_.members(lines, header)
        whole, lost = _Mended(list(lines)), []
        bare = lines[: members[0][0]] if members else []
        for begin, end in members:
            # By itself, right below the lines that begin the class.
            mended = self._mended([*bare, *lines[begin:end]], first + begin - len(bare))
            if mended is None:
                lost.append((begin, end))
                whole.lines[begin:end] = [""] * (end - begin)
            else:
                whole.lines[begin:end] = mended.lines[len(bare) :]
                whole.prints += mended.prints
                whole.tabs += [first + begin + 1] * bool(mended.tabs)
        if len(lost) == len(members):
            return None
        try:
            whole.body = self._tree(whole.lines, first)
        except SyntaxError:
            return None
        for begin, end in lost:
            self._lose(lines[begin:end], first + begin, lines[header])
        return whole

    def _mended(self, lines: list[str], first: int) -> _Mended | None:
        """Return the lines without Python 2's prints, and with tabs as spaces where they can mean one thing
        only.
        """
        mended = _Mended(list(lines))
        for _ in range(MAX_PRINTS):
            try:
                mended.body = self._tree(mended.lines, first)
            except IndentationError:
                tabs = any("\t" in line for line in mended.lines)
                return self._without_tabs(mended, first) if tabs else None
            except SyntaxError as error:
                line = lines_.without_print(mended.lines, error, first)
                if line is None:
                    return None
                mended.prints.append(line)
            else:
                return mended
        return None

    def _without_tabs(self, mended: _Mended, first: int) -> _Mended | None:
        """Return the lines with tabs as spaces; None if that reads in two ways, or in none."""
        kept: _Mended | None = None
        for width in lines_.TABS:
            lines = [lines_.spaced(line, width) for line in mended.lines]
            try:
                body = self._tree(lines, first)
                if kept is None:
                    kept = _Mended(lines, body, mended.prints)
                elif _dumped(body) != _dumped(kept.body):
                    return None
            except (SyntaxError, RecursionError):
                continue
        if kept is not None:
            kept.tabs.append(first + 1)
        return kept

    def _lose(self, lines: list[str], first: int, within: str | None = None) -> None:
        while len(lines) > 1 and not lines[-1].strip():
            lines = lines[:-1]
        error = SyntaxError("this does not fit where it stands")
        error.lineno = first + 1
        try:
            # A member of a class below a line that begins one, so that its indentation is right.
            self._tree(["class _:", *lines] if within else lines, first - 1 if within else first)
        except SyntaxError as found:
            error = found
        if len(self.found.lost) < MAX_LOST:
            names = tuple(islice(lines_.names(lines, within), MAX_NAMES))
            last = first + len(lines)
            self.found.lost.append(Lost(described(error), error.lineno, first + 1, last, names))

    def _tree(self, lines: list[str], first: int) -> list[ast.stmt]:
        """Return the statements in these lines.

        Raises:
            SyntaxError: with the line as it is in the text.
        """
        text = "\n".join(lines)
        self.left_tries -= 1
        self.left_characters -= len(text)
        if self.left_tries < 0 or self.left_characters < 0:
            raise SyntaxError("there is too much that is no Python")
        try:
            tree = parse(text, self.path)
        except SyntaxError as error:
            if error.lineno is not None:
                error.lineno += first
                error.end_lineno = None if error.end_lineno is None else error.end_lineno + first
            raise
        trees.move(tree, first)
        return tree.body


@dataclass
class _Mended:
    """Lines that were changed so that they parse, and what they are then."""

    lines: list[str]
    body: list[ast.stmt] = field(default_factory=list)
    prints: list[int] = field(default_factory=list)
    tabs: list[int] = field(default_factory=list)


def _dumped(body: list[ast.stmt]) -> list[str]:
    return [ast.dump(statement) for statement in body]
