"""Others' text is made harmless to print, and ordinary text is left alone."""

from __future__ import annotations

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
