"""CSV: read as Python's own reader does, kept to the byte, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import csv_table
from grader.errors import UsageError

CELL = st.text(st.sampled_from(list("ab1=+-@,;\t\"' \n\r＝é")), max_size=8)
ROWS = st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=5)


def written(rows: list[list[str]], delimiter: str, ending: str, quoting: int) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue().encode()


@given(
    ROWS,
    st.sampled_from(",;\t"),
    st.sampled_from(["\r\n", "\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.booleans(),
)
def test_a_table_is_what_pythons_reader_reads(
    rows: list[list[str]], delimiter: str, ending: str, quoting: int, bom: bool
) -> None:
    """Every cell has the value that the csv module gives it, and the file comes back to the byte."""
    rows = [["first", "second"], *rows]
    data = (b"\xef\xbb\xbf" if bom else b"") + written(rows, delimiter, ending, quoting)
    table = csv_table.table(data, "x.csv")
    assert table.delimiter == delimiter
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    assert [[cell.value for cell in row.cells] for row in table.rows] == [row or [""] for row in reader]
    assert table.as_bytes() == data


@given(st.lists(CELL, min_size=1, max_size=5))
def test_a_line_of_ours_is_read_back_by_pythons_reader(values: list[str]) -> None:
    """Nothing breaks out of its cell: as many cells come back, each the safe text, on one line."""
    back = list(csv.reader(io.StringIO(csv_table.line(values), newline=""), strict=True))
    assert back == [[csv_table.safe(value) for value in values]]


def test_a_name_that_is_no_text_can_be_written() -> None:
    """A file name in another encoding, or with control characters, comes out as escapes."""
    name = os.fsdecode(b"M\xfcller\x1b[2J")
    assert csv_table.line([name, "\u202egpj.exe"]).encode() == b"M\\udcfcller\\x1b[2J,\\u202egpj.exe\r\n"


@given(CELL)
def test_nothing_of_ours_is_run_by_a_spreadsheet(text: str) -> None:
    """No cell begins with what is run, past blanks and quotes, full width or not, wherever it is split."""
    for piece in re.split(r"[;\t\r\n]", csv_table.defused(text)):
        start = unicodedata.normalize("NFKC", piece.lstrip(' "'))[:1]
        assert start not in set("=+-@") or re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", text)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-1+1",
        "@SUM(A1)",
        " =1",
        '"=1',
        "'=1",
        "\t=1",
        "\r=1",
        "＝1",
        "＠x",
        "\u200b=1",
        "−x",
    ],
)
def test_a_formula_is_text_afterwards(text: str) -> None:
    """An apostrophe stands in front."""
    assert csv_table.defused(text).lstrip("\t\r").startswith("'")


def test_a_formula_behind_a_semicolon_is_defused_too() -> None:
    """A spreadsheet that separates by semicolons would begin a cell there."""
    assert csv_table.defused("Ann;=1+1") == "Ann;'=1+1"


@pytest.mark.parametrize("text", ["-5", "+3", "7.5", "7,5", "100", "-0.25", "Ann-Lena", "a=b", "a@b.edu", ""])
def test_numbers_and_ordinary_text_are_left_alone(text: str) -> None:
    """What is a number stays a number, and an email an email."""
    assert csv_table.defused(text) == text


def test_a_cell_may_hold_lines() -> None:
    """The line number of a row counts the lines inside of cells before it."""
    table = csv_table.table(b'a,b\r\n"x\ny",1\nz,2\n', "x.csv")
    assert [row.line for row in table.rows] == [1, 2, 4]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"a,b\nM\xfcller,1\n", "line 2, is not UTF-8"),
        (b'a,b\n1,2\n"x,1\n', "line 3: a quote"),
        (b'a,b\n1,"x""\n', "line 2: a quote"),
    ],
)
def test_what_is_no_csv_is_said_with_its_line(data: bytes, says: str) -> None:
    """An empty file, another encoding, a quote without an end."""
    with pytest.raises(UsageError, match=says):
        csv_table.table(data, "x.csv")
