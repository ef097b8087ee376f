"""What the cells of a notebook put out, as bytes that cross to the grader: bounded, without a parser.

A row of records, each of them one byte for its kind, the number of its cell, how long it is, and its content.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

HEAD = struct.Struct("<cII")  # kind, number of the cell, bytes of the content
BEGUN, ENDED = b"b", b"e"  # a cell that runs; one that went through
STDOUT, STDERR = b"o", b"w"
RESULT, DISPLAYED, PICTURE = b"r", b"d", b"p"  # text of the last line; of display(); a PNG
ERROR, TRACEBACK = b"x", b"t"  # "NameError\nname 'a' is not defined"; below it, what Jupyter shows
AT_LINE = b"l"  # of the failing cell, in digits
KINDS = (BEGUN, ENDED, STDOUT, STDERR, RESULT, DISPLAYED, PICTURE, ERROR, TRACEBACK, AT_LINE)

MAX_RECORDS = 4_000
MAX_TEXT = 20_000  # bytes of one text, and of what one cell writes to a stream
MAX_PICTURE_BYTES = 1 << 20
MAX_TOTAL_BYTES = 6 << 20
CUT = "\n... (cut here)\n"


class Record(NamedTuple):
    """One thing that a cell put out."""

    kind: bytes
    cell: int
    content: bytes

    @property
    def text(self) -> str:
        """The content of a text."""
        return self.content.decode("utf-8", "replace")


@dataclass
class Outputs:
    """Collects records, and leaves out what is too much.

    Attributes:
        left_out: how many were.
    """

    records: list[Record] = field(default_factory=list)
    left_out: int = 0
    _total_bytes: int = 0

    def add(self, kind: bytes, cell: int, content: bytes | str = b"") -> None:
        """Add a record; a text that is too long is cut, a picture that is too large left out."""
        if isinstance(content, str):
            content = _cut(content).encode("utf-8", "replace")
        most = MAX_PICTURE_BYTES if kind == PICTURE else MAX_TEXT + 2 * len(CUT)
        fits = self._total_bytes + len(content) <= MAX_TOTAL_BYTES and len(self.records) < MAX_RECORDS
        if len(content) > most or (not fits and kind not in (ERROR, AT_LINE)):
            self.left_out += 1
            return
        self._total_bytes += len(content)
        self.records.append(Record(kind, cell, content))

    def stream(self, kind: bytes, cell: int, text: str) -> None:
        """Add to what a cell has written to a stream: what belongs together becomes one record."""
        if self.records and self.records[-1][:2] == (kind, cell):
            before = self.records.pop()
            self._total_bytes -= len(before.content)
            text = before.text + text
        if text:
            self.add(kind, cell, _overwritten(text))

    def packed(self) -> bytes:
        """Return all of it as bytes."""
        return b"".join(HEAD.pack(one.kind, one.cell, len(one.content)) + one.content for one in self.records)


def unpacked(content: bytes) -> Iterator[Record]:
    """Yield the records.

    Raises:
        ValueError: this is not what `Outputs.packed` makes.
    """
    if len(content) > MAX_TOTAL_BYTES + MAX_RECORDS * HEAD.size + (1 << 20):
        raise ValueError("more than a notebook may put out")
    at = count = 0
    while at < len(content):
        if len(content) - at < HEAD.size or count >= 2 * MAX_RECORDS:
            raise ValueError("cut off, or too many records")
        kind, cell, size = HEAD.unpack_from(content, at)
        at += HEAD.size
        most = MAX_PICTURE_BYTES if kind == PICTURE else MAX_TEXT + 2 * len(CUT)
        if kind not in KINDS or size > most or size > len(content) - at:
            raise ValueError("a record of another kind, or longer than it may be")
        yield Record(kind, cell, content[at : at + size])
        at += size
        count += 1


def _cut(text: str) -> str:
    """Return a text whose UTF-8 is not longer than MAX_TEXT, but for the remark that it was cut."""
    if len(text) <= MAX_TEXT // 4 or len(text.encode("utf-8", "replace")) <= MAX_TEXT:
        return text
    return text.encode("utf-8", "replace")[:MAX_TEXT].decode("utf-8", "ignore") + CUT


def _overwritten(text: str) -> str:
    """Return what a terminal shows of a text: a carriage return writes over its line, as a bar does."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    kept = [next((part for part in reversed(line.split("\r")) if part), "") for line in lines[:-1]]
    last = lines[-1].rsplit("\r", 1)
    # What is being written stays, with the return before it: the next piece may write over it.
    open_line = lines[-1] if len(last) == 1 else (f"\r{last[1]}" if last[1] else f"{_shown(last[0])}\r")
    return "\n".join([*kept, open_line])


def _shown(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part), "")
