"""Others' text is made harmless to print, and ordinary text is left alone."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report import escape

ANYTHING = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\u2066a\u2069\ufeff\u200b", "\\u2066a\\u2069\\ufeff\\u200b"),
        ("nul\0, surrogate \udc80", "nul\\x00, surrogate \\udc80"),
        ("over\rwritten\x08", "over\\rwritten\\x08"),
        ("\u2028line", "\\u2028line"),
        ("Wzh·h ≈ naïve 你好 \\n", "Wzh·h ≈ naïve 你好 \\n"),
    ],
)
def test_what_does_not_print_becomes_visible(text: str, expected: str) -> None:
    """Control characters, overrides and lone surrogates are written as Python writes them; letters stay."""
    assert escape.visible(text) == expected


@pytest.mark.parametrize(
    "name",
    [
        "Zoë",
        "Nguyễn Ánh",
        "한글",
        "张伟",
        "محمد",
        "שָׁלוֹם",
        "မြို့",
        "हिन्दी",
        "ไทยน้ำ",
        "བསྒྲུབས",
        "Ω̃",
        "👍🏽 😀",
        "⠓⠊",
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_of_people_stay_readable(name: str, form: Literal["NFC", "NFD"]) -> None:
    """Accents, composed or not, vowel signs, syllables and pictures are no attack."""
    written = unicodedata.normalize(form, name)
    assert escape.visible(written) == written


# DerivedCoreProperties.txt: Default_Ignorable_Code_Point; and what has a picture in which nothing is.
NOTHING_SEEN = [
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE0FFF),
    *(0xA0, 0x1680, 0x2003, 0x2800, 0x3000, 0x16FE4, 0x1D159),
]


def test_what_shows_nothing_is_shown_as_an_escape() -> None:
    """Fillers, selectors, tags, wide spaces and blank patterns cannot hide in a name, nor be one."""
    for char in map(chr, NOTHING_SEEN):
        assert escape.visible(f"a{char}b") == f"a{char.encode('unicode_escape').decode()}b"


def test_marks_do_not_stack() -> None:
    """More marks than any letter bears would cover the lines around them, and without one what is before."""
    acute = "\\u0301"
    assert escape.visible("a\u0301") == "a\u0301"
    assert escape.visible("a" + "\u0301" * 9 + "b") == f"a{acute * 9}b"
    assert escape.visible("\u0301a \u0301b") == f"{acute}a {acute}b"
    assert escape.visible("a\n\u0301b", keep="\n") == f"a\n{acute}b"
    assert escape.visible("\u3164\u0301") == f"\\u3164{acute}"
    assert escape.visible("1\u20dd\u0489\u0336\u0336\u0336") == "1\\u20dd\\u0489" + "\\u0336" * 3


@given(ANYTHING)
def test_everything_visible_prints(text: str) -> None:
    """Whatever comes in, what comes out is printable, and escaping it again changes nothing."""
    safe = escape.visible(text)
    assert safe.isprintable()
    assert escape.visible(safe) == safe
    assert escape.visible(text, ascii_only=True).isascii()


@given(ANYTHING, st.integers(10, 50))
def test_a_name_stays_on_one_line(text: str, limit: int) -> None:
    """A name is printable and never longer than its limit."""
    name = escape.line(text, limit=limit)
    assert name.isprintable()
    assert len(name) <= limit


@given(st.lists(ANYTHING), st.integers(1, 5), st.integers(0, 5))
def test_a_block_keeps_its_ends(lines: list[str], head: int, tail: int) -> None:
    """A block has at most its head, its tail and the line that says what was left out."""
    kept = escape.block("\n".join(lines), head=head, tail=tail)
    assert len(kept) <= head + tail + 1
    assert all(line.replace("\t", "").isprintable() for line in kept)


def test_a_block_says_what_it_leaves_out() -> None:
    """The middle goes, and the number of its lines is told."""
    text = "".join(f"{number}\n" for number in range(100_000))
    assert escape.block(text, head=2, tail=1) == ["0", "1", "[... 99,997 lines left out here ...]", "99999"]


def test_windows_newlines_are_newlines() -> None:
    """CR LF ends a line; tabs stay, for a TabError to be seen."""
    assert escape.block("a\r\n\tb\r\n", head=5, tail=0) == ["a", "\tb"]


def test_a_long_line_is_cut() -> None:
    """A line of a megabyte ends in a mark."""
    (line,) = escape.block("x" * 1_000_000, head=5, tail=0)
    assert len(line) == escape.LINE_CHARS
    assert line.endswith("x...[cut]")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("::error::hello", "\\x3a:error::hello"),
        ("  ::add-mask::x", "  \\x3a:add-mask::x"),
        ("log ##[error]x", "log \\x23#[error]x"),
        ("###[set-env name=X]y", "#\\x23#[set-env name=X]y"),
        ("##vso[task.complete]", "\\x23#vso[task.complete]"),
        ("x = a[::2]  # every second", "x = a[::2]  # every second"),
        (": ::", ": ::"),
    ],
)
def test_no_line_is_a_command(line: str, expected: str) -> None:
    """What a CI would obey is broken up; slices and comments stay as they are."""
    assert escape.no_command(line) == expected
