"""Text that others wrote, made harmless to print: messages, tracebacks, file names, what a student printed.

A terminal obeys control characters, a reader is misled by bidirectional overrides, by letters that show
nothing and by marks stacked over the lines around them, a CI log obeys lines of a certain look, and an
encoder stumbles over lone surrogates. All of them become visible escapes, written in Python's way: `\\x1b`,
`\\u202e`, `\\udc80`. Backslashes that were there stay as they are: this is for reading, not for reading back.
"""

from __future__ import annotations

import re
import unicodedata

LINE_CHARS = 300
"""How long a line, a name or a path may be before its end is cut."""

PROSE_CHARS = 2_000
PROSE_LINES = 20
"""How long a message or a hint may be before its end is cut."""

CUT = "...[cut]"

OWN_LINE = "| "
"""Stands before each line of a message but the first, so that none is taken for a line of ours."""

MARKS = 4
"""How many marks one letter may bear: Burmese and pointed Hebrew need as many, and no more."""

# What Python calls printable although nothing is seen of it: the characters of Unicode's property
# Default_Ignorable_Code_Point that are letters or marks, and those whose picture is empty: the blank Braille
# pattern, a note without a head, the fillers of Khitan and of hieroglyphs.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U00013441\U00013442\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)

# A GitHub runner takes `::name::` for a command where a line starts with it, spaces before it aside, and
# `##[name]` anywhere in a line (ActionCommand.cs: TryParseV2 and TryParse); Azure and TeamCity have `##vso[`
# and `##teamcity[`.
_COMMAND_AT_START = re.compile(r"^(\s*):(?=:)")
_COMMAND_ANYWHERE = re.compile(r"#(?=#[A-Za-z]*\[)")


def visible(text: str, *, keep: str = "", ascii_only: bool = False) -> str:
    """Write each character of which nothing, or too much, would be seen as an escape.

    Args:
        text: anything, lone surrogates included.
        keep: control characters that stay, such as newline and tab.
        ascii_only: escape whatever is not ASCII too.
    """
    if text.isascii() and text.isprintable():
        return text
    if not ascii_only:
        text = _without_stacks(text)
    return "".join(
        char
        if char in keep or (_is_seen(char) and (char.isascii() or not ascii_only))
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _is_seen(char: str) -> bool:
    return char.isprintable() and (char.isascii() or not _BLANK.match(char))


def _without_stacks(text: str) -> str:
    """Write each mark as an escape that has no letter below it, or too many beside it."""
    parts: list[str] = []
    marks: list[str] = []
    bears = False  # whether the character before the marks may bear some
    for char in text:
        category = unicodedata.category(char)
        if category in ("Mn", "Me") and _is_seen(char):
            marks.append(char)
            continue
        parts += _marks(marks, bears)
        marks.clear()
        parts.append(char)
        bears = not char.isspace() and _is_seen(char)
    return "".join([*parts, *_marks(marks, bears)])


def _marks(marks: list[str], bears: bool) -> list[str]:
    if bears and len(marks) <= MARKS:
        return marks.copy()
    return [mark.encode("unicode_escape").decode("ascii") for mark in marks]


def line(text: str, *, limit: int = LINE_CHARS, ascii_only: bool = False) -> str:
    """Put the text on one line of at most `limit` characters: newlines and tabs become escapes too."""
    return cut(visible(text[: limit + 1], ascii_only=ascii_only), limit)


def prose(text: str, *, ascii_only: bool = False) -> list[str]:
    """Give the lines of a message that are not empty, escaped, however long: for whoever wraps them."""
    safe = visible(_newlines(text[: PROSE_CHARS + 1]), keep="\n", ascii_only=ascii_only)
    lines = [one for one in cut(safe, PROSE_CHARS).split("\n") if one.strip()]
    return lines if len(lines) <= PROSE_LINES else [*lines[:PROSE_LINES], CUT]


def marked(text: str) -> list[str]:
    """Give the lines of a message as `prose` gives them, all but the first marked as its own."""
    return [f"{OWN_LINE if number else ''}{line}" for number, line in enumerate(prose(text))]


def block(text: str, *, head: int, tail: int, ascii_only: bool = False) -> list[str]:
    """Give the lines of a text, escaped and cut, tabs kept; what a long text lacks in its middle is said.

    Args:
        text: anything.
        head: how many lines are kept from its start.
        tail: how many from its end.
        ascii_only: escape whatever is not ASCII too.
    """
    lines = _newlines(text).rstrip("\n").split("\n")
    left_out = len(lines) - head - tail
    kept = [
        cut(visible(one[: LINE_CHARS + 1], keep="\t", ascii_only=ascii_only), LINE_CHARS)
        for one in (lines if left_out <= 1 else lines[:head] + lines[len(lines) - tail :])
    ]
    if left_out > 1:
        kept.insert(head, f"[... {left_out:,} lines left out here ...]")
    return kept


def cut(text: str, limit: int) -> str:
    """Replace the end of the text by a mark if it has more than `limit` characters."""
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def no_command(output_line: str) -> str:
    """Make a finished line of output one that no CI takes for a command; an ordinary line stays as it is."""
    return _COMMAND_ANYWHERE.sub(r"\\x23", _COMMAND_AT_START.sub(r"\1\\x3a", output_line))


def no_command_in_json(letters: str) -> str:
    """Return JSON that says the same and in which no log finds a command: a # can be written as an escape."""
    return _COMMAND_ANYWHERE.sub(r"\\u0023", letters)


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n")
