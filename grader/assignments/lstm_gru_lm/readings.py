"""What is read off a hand-in's files: vocabulary, metrics of each epoch, the table, and pictures as bytes."""

from __future__ import annotations

import csv
import io
import math
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from grader.course_data import content
from grader.records import Judged

from .texts import COLUMNS, TRAIN, vocabulary

RUNS = "runs"
SETTINGS = ("lstm", "lstm-dropout", "gru", "gru-dropout")
VOCABULARY, TABLE, README = f"{RUNS}/vocabulary.txt", f"{RUNS}/results.csv", "README.md"
METRICS = ("epoch", "learning_rate", *COLUMNS)

MOST_TEXT = 1 << 16  # bytes of a table
MOST_ROWS = 1000
MOST_PICTURE = 4 << 20
LEAST_SIDE, MOST_SIDE = 200, 10_000  # pixels
SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Bits that a sample may have, by the kind of colour (PNG specification, table 11.1).
BITS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
FINISH = "train.py of the statement writes it after every epoch."

Files = Mapping[str, tuple[str, bytes]]
Row = Mapping[str, float]


class Unreadable(Exception):
    """What a file, or an answer, says cannot be used.

    Args:
        message: what is wrong, a sentence without its full stop.
        reason: the same in a word.
    """

    def __init__(self, message: str, reason: str = "broken") -> None:
        super().__init__(message)
        self.message, self.reason = message, reason

    @property
    def judged(self) -> Judged:
        """The same as a verdict."""
        return Judged(False, self.message, None, self.reason)


def metrics_of(setting: str) -> str:
    """Return where the statement puts a setting's metrics."""
    return f"{RUNS}/{setting}/metrics.csv"


def weights_of(setting: str) -> str:
    """Return where the statement puts a setting's weights."""
    return f"{RUNS}/{setting}/weights.safetensors"


def picture_of(setting: str) -> str:
    """Return where the statement puts a setting's graph."""
    return f"{RUNS}/{setting}.png"


def hold_vocabulary(files: Files) -> None:
    """Hold the hand-in's words to those of the training text.

    Raises:
        Unreadable: they are others.
        GraderError: the training text is not there.
    """
    if VOCABULARY not in files:
        raise Unreadable(f"there is no {VOCABULARY} in this hand-in", "missing")
    path, said = files[VOCABULARY]
    true = _true_vocabulary()
    found = said.decode("utf-8", "replace").replace("\r\n", "\n").removesuffix("\n").split("\n")
    if sorted(found) == true:
        return
    known = {*true}
    lacking, more = sorted(known - {*found}), sorted({*found} - known)
    says = [f"lacks {_some(lacking)}"] * bool(lacking) + [f"has {_some(more)} too many"] * bool(more)
    says = says or ["has a word twice"]
    raise Unreadable(f"{path} has other words than the training text: it {' and '.join(says)}", "vocabulary")


def _true_vocabulary() -> list[str]:
    return _sorted_words(content(TRAIN))


@lru_cache(maxsize=1)
def _sorted_words(text: bytes) -> list[str]:
    return vocabulary(text)


def _some(words: Sequence[str]) -> str:
    shown = ", ".join(repr(word[:20]) for word in words[:2])
    return shown if len(words) <= 2 else f"{shown} and {len(words) - 2} more words"


def metrics(setting: str, files: Files) -> list[Row]:
    """Return what metrics.csv says of each epoch, in order.

    Raises:
        Unreadable: it is not there, or is not complete.
    """
    path, rows = _table(metrics_of(setting), files, METRICS)
    for at, row in enumerate(rows, 1):
        if row["epoch"] != at:
            raise Unreadable(
                f"{path}: row {at} is of epoch {row['epoch']:g}; one row is asked for each, from 1 on"
            )
    if len(rows) < 2:
        raise Unreadable(f"{path} has {len(rows)} epoch: no curve")
    return rows


def result(setting: str, files: Files) -> Row:
    """Return the row of a setting in the table of results.

    Raises:
        Unreadable: it is not there, or is not complete.
    """
    path, rows = _table(TABLE, files, COLUMNS, named=setting)
    if len(rows) != 1:
        raise Unreadable(f"{path} has {len(rows)} rows whose setting is {setting}, not 1", "missing")
    return rows[0]


def curve(setting: str, files: Files) -> Judged:
    """Judge whether the numbers of a convergence graph are complete, and whether its picture is one."""
    try:
        metrics(setting, files)
        name = picture_of(setting)
        if name not in files:
            raise Unreadable(f"there is no {name} in this hand-in", "missing")
        hold_picture(*files[name])
    except Unreadable as why:
        return why.judged
    return Judged(True)


def readme(files: Files) -> Judged:
    """Leave the readme to a person, with where it is."""
    if README not in files:
        return Judged(
            None, "a person looks for how each setting is trained and tested; there is no README.md"
        )
    return Judged(None, f"a person reads how each setting is trained and tested, in {files[README][0]}")


def hold_picture(path: str, data: bytes) -> None:
    """Hold bytes to what a PNG is made of: signature, chunks with checksums, sizes. Nothing is unpacked.

    Raises:
        Unreadable: they are none.
    """
    if not data.startswith(SIGNATURE):
        raise Unreadable(f"{path} is no PNG: its first bytes are others")
    if len(data) > MOST_PICTURE:
        raise Unreadable(f"{path} has more than {MOST_PICTURE >> 20} MiB")
    kinds: list[bytes] = []
    at = len(SIGNATURE)
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise Unreadable(f"{path} is cut off: its last chunk is not whole")
        if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise Unreadable(f"{path} is damaged: the checksum of a chunk is wrong")
        if not kinds:
            _hold_header(path, kind, data[at + 8 : end - 4])
        kinds.append(kind)
        at = end
    if not kinds or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise Unreadable(f"{path} is cut off: it has no picture, or no end")


def _hold_header(path: str, kind: bytes, header: bytes) -> None:
    if kind != b"IHDR" or len(header) != 13 or header[8] not in BITS.get(header[9], ()):
        raise Unreadable(f"{path} is no PNG: its header is none")
    sides = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in sides):
        wanted = f"from {LEAST_SIDE} to {MOST_SIDE} pixels a side are read well"
        raise Unreadable(f"{path} is {sides[0]} x {sides[1]} pixels; {wanted}")


def _table(
    name: str, files: Files, columns: Sequence[str], named: str | None = None
) -> tuple[str, list[Row]]:
    """Return a file's path, and these columns of its rows as numbers; if asked, of one setting's alone."""
    if name not in files:
        raise Unreadable(f"there is no {name} in this hand-in", "missing")
    path, data = files[name]
    if len(data) > MOST_TEXT:
        raise Unreadable(f"{path} has more than {MOST_TEXT >> 10} KiB and was not read")
    wanted = (*columns, "setting") if named else columns
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        there = reader.fieldnames or ()
        if lacking := [one for one in wanted if one not in there]:
            raise Unreadable(f"{path} has no column {', '.join(lacking)}; {','.join(wanted)} are asked")
        rows = [row for row in reader if named is None or row["setting"] == named]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{path} cannot be read as CSV: {error}") from None
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"{path} has more than {MOST_ROWS} rows")
    return path, [
        {one: _number(path, at, one, row[one]) for one in columns} for at, row in enumerate(rows, 1)
    ]


def _number(path: str, at: int, column: str, text: str | None) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        said = "nothing" if not text else repr(text[:20])
        raise Unreadable(f"{path}: row {at} has {said} as {column}, not a number above 0", "finite")
    return number
