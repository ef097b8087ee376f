"""A source as its lines, for what does not parse: where statements may begin, and what they may define."""

from __future__ import annotations

import re
from collections.abc import Iterator

TABS = (8, 4)  # columns to a tab: as Python 2 read it, and as most editors show it

_NAMED = re.compile(r"[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w{1,100})")
_GOES_ON = re.compile(r"(?:else|elif|except|finally)\b")  # the statement above
_PRINT = "Missing parentheses in call to 'print'"


def pieces(lines: list[str]) -> Iterator[int]:
    """Where statements may begin: what is not indented, and neither ends nor goes on with another."""
    decorated = False
    for at, line in enumerate(lines):
        begins = line[:1] not in ("", " ", "\t", "\f", "#", ")", "]", "}") and not _GOES_ON.match(line)
        if begins and not decorated and not (at and lines[at - 1].endswith("\\")):
            yield at
        decorated = line.startswith("@") or (decorated and not begins)


def members(lines: list[str], header: int) -> list[tuple[int, int]]:
    """Return the lines of each member of a class, from and up to, by the first one's indentation."""
    indents = [(at, _indent(line)) for at, line in enumerate(lines) if at > header and _is_code(line)]
    if not indents:
        return []
    starts, decorated = [], False
    for at, indent in indents:
        begins = indent <= indents[0][1] and lines[at].strip()[:1] not in (")", "]", "}")
        if begins and not decorated and not _GOES_ON.match(lines[at].strip()):
            starts.append(at)
        decorated = lines[at].lstrip().startswith("@") or (decorated and not begins)
    return list(zip(starts, [*starts[1:], len(lines)], strict=True))


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    spaced = line.expandtabs(TABS[0])
    return len(spaced) - len(spaced.lstrip())


def spaced(line: str, width: int) -> str:
    """Return the line with the tabs before its first letter as spaces."""
    code = line.lstrip(" \t")
    return line[: len(line) - len(code)].expandtabs(width) + code


def without_print(lines: list[str], error: SyntaxError, first: int) -> int | None:
    """Put `pass` in place of the print statement that the error is about; gives its line, None if none is."""
    if not error.msg.startswith(_PRINT) or error.lineno is None or error.end_lineno is None:
        return None
    at, last = error.lineno - 1 - first, error.end_lineno - 1 - first
    if not 0 <= at <= last < len(lines):
        return None
    before, behind = lines[at][: (error.offset or 1) - 1], lines[last][(error.end_offset or 1) - 1 :]
    lines[at : last + 1] = [f"{before}pass{behind}", *[""] * (last - at)]
    return error.lineno


def names(lines: list[str], within: str | None) -> Iterator[str]:
    """Yield what these lines define: functions, classes and their methods. `within` is the line of their
    class.
    """
    outer = _NAMED.match(within) if within else None
    around = outer[1] if outer else None
    for line in lines:
        named = _NAMED.match(line)
        if named is None:
            continue
        if outer is not None or line[0] in " \t":
            if around is not None:
                yield f"{around}.{named[1]}"
        else:
            around = named[1] if line.startswith("class") else None
            yield named[1]
