"""Markdown in which the words of others stay words: they are in code, and cannot leave it.

Within code nothing is a link, a picture, a mention, a heading, HTML or emphasis, in GitHub's Markdown as in
any other; so all that has to be made sure of is where the code ends.
"""

from __future__ import annotations

import re

from grader.report import escape

# Words as in "n-back problem": nothing of it means anything to Markdown, wherever it stands. (GH-12 would.)
_HARMLESS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+|-[A-Za-z]+)*")


def inline(text: str, limit: int = escape.LINE_CHARS) -> str:
    """Write a name as it is if Markdown has no meaning for it, else as code; fit for a cell of a table."""
    if len(text) <= limit and _HARMLESS.fullmatch(text):
        return text
    # Parsers differ on a bar that has backslashes before it.
    safe = escape.line(text, limit=limit).replace("|", r"\x7c")
    if not safe.strip():
        return "(no name)"  # an empty span would be no span
    ticks = "`" * (_longest_run(safe) + 1)
    pad = " " if safe[0] in "` " or safe[-1] in "` " else ""
    return f"{ticks}{pad}{safe}{pad}{ticks}"


def fence(text: str, language: str = "text") -> str:
    """Put lines into a block of code, whatever backticks are in them."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
