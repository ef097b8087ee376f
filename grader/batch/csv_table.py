"""CSV as spreadsheets and platforms write it: read with line numbers, changed by cells, written safely."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.report import escape

MOST_BYTES = 64 << 20

_BOM = "\ufeff"
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?%?")
# Only a comma ends a cell of ours, but a spreadsheet in Europe splits at semicolons, whatever the quotes.
_SPLITS = re.compile(r"([;\t\r\n])")
# What a spreadsheet runs, or may look past on its way to it: OWASP, "CSV Injection".
_RUNS = frozenset("=+-@\N{MINUS SIGN}")
_LOOKED_PAST = " \t\r\n\v\f\0\"'`\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\u3000\ufeff"


@dataclass
class CsvCell:
    """A cell as it stands in the file, quotes included, and what it says."""

    raw: str
    value: str


@dataclass
class CsvRow:
    """A row with the number of its first line, from 1, and the line ending behind it."""

    line: int
    cells: list[CsvCell]
    ending: str

    def value(self, column: int | None) -> str:
        """Read what stands in a column, without spaces around it; "" where the row has no such column."""
        return self.cells[column].value.strip() if column is not None and column < len(self.cells) else ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not any(cell.value.strip() for cell in self.cells)


@dataclass
class CsvTable:
    """A CSV file. Written again by `as_bytes`, it has the bytes it had, but for the cells that changed."""

    bom: bool
    delimiter: str
    rows: list[CsvRow]

    @property
    def header(self) -> list[str]:
        """The names of the columns, without spaces around them."""
        return [cell.value.strip() for cell in self.rows[0].cells] if self.rows else []

    def as_bytes(self) -> bytes:
        """Write the file."""
        lines = (self.delimiter.join(cell.raw for cell in row.cells) + row.ending for row in self.rows)
        return ((_BOM if self.bom else "") + "".join(lines)).encode("utf-8")


def read(path: Path) -> bytes:
    """Read the bytes of a CSV file.

    Raises:
        UsageError: it cannot be read, or is far larger than a class.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB.")
    return data


def table(data: bytes, name: str) -> CsvTable:
    """Read the table in `data`: UTF-8, separated by commas, semicolons or tabs.

    Args:
        data: the file.
        name: how messages call it.

    Raises:
        UsageError: it is empty, no UTF-8, or a quote is never closed; the message has the line.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}, line {line}, is not UTF-8: save it as 'CSV UTF-8'.") from None
    bom, text = text.startswith(_BOM), text.removeprefix(_BOM)
    if not text.strip():
        raise UsageError(f"{name} is empty.")
    delimiter = _delimiter(text)
    return CsvTable(bom, delimiter, list(_rows(text, delimiter, name)))


def key(header: str) -> str:
    """Fold a column's name for comparing: "E-Mail Address" and "e_mail address" are one."""
    return " ".join(re.findall(r"[^\W_]+", header.casefold()))


def line(cells: Iterable[str | int | float | None]) -> str:
    """Write a line of CSV with CRLF: text made safe, numbers left numbers."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(
        [safe(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in cells]
    )
    return out.getvalue()


def cell(text: str, delimiter: str) -> CsvCell:
    """Make a cell of text to be put into a table, made safe, and quoted as far as it must be."""
    value = safe(text)
    quoted = any(char in value for char in f'{delimiter}"\r\n')
    return CsvCell(f'"{value.replace(chr(34), chr(34) * 2)}"' if quoted else value, value)


def safe(text: str) -> str:
    """Put the text on one line, without characters that do not print, and nothing in it that would be run."""
    return defused(escape.visible(text))


def defused(text: str) -> str:
    """Put an apostrophe wherever a spreadsheet would begin to run the text. A number is left as it is."""
    if _NUMBER.fullmatch(text):
        return text
    pieces = _SPLITS.split(text)
    return "".join(f"'{piece}" if _is_run(piece) else piece for piece in pieces)


def _is_run(piece: str) -> bool:
    start = unicodedata.normalize("NFKC", piece.lstrip(_LOOKED_PAST)[:1])
    return start[:1] in _RUNS if start else False


def _delimiter(text: str) -> str:
    """Choose whichever of comma, semicolon and tab the first line has most of, outside of quotes."""
    first = re.sub(r'"(?:[^"]|"")*"', "", text.lstrip("\r\n")).splitlines()[:1] or [""]
    return max(",;\t", key=first[0].count)


def _rows(text: str, delimiter: str, name: str) -> Iterator[CsvRow]:
    cell_at = re.compile(rf'("(?:[^"]|"")*")?([^{re.escape(delimiter)}\r\n]*)')
    ending_at = re.compile(r"\r\n|\n|\r|\Z")
    position, line_number = 0, 1
    while position < len(text):
        start, cells = position, []
        while True:
            match = cell_at.match(text, position)
            assert match is not None  # it matches even nothing
            quoted, rest = match.groups()
            if rest.startswith('"'):
                raise UsageError(f"{name}, line {line_number}: a quote is opened and never closed.")
            inner = "" if quoted is None else quoted[1:-1].replace('""', '"')
            cells.append(CsvCell(match[0], inner + rest))
            position = match.end()
            if text[position : position + 1] != delimiter:
                break
            position += 1
        ending = ending_at.match(text, position)
        assert ending is not None
        position = ending.end()
        yield CsvRow(line_number, cells, ending[0])
        line_number += len(re.findall(r"\r\n|\n|\r", text[start:position]))


def listing(values: Sequence[str]) -> str:
    """List names of columns, for a message."""
    return ", ".join(repr(value) for value in values if value)
