"""A notebook's cell as Python: what only a notebook understands is taken out, line by line.

The lines stay where they are. A cell that is Python as it stands is not looked at further than that its
first letters say so: whether it parses is found out where that is safe, in a job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# `%%time` and the like run the rest of the cell as Python; what stands below any other is no Python.
_PYTHON_BELOW = {"time", "timeit", "capture", "prun", "memit", "mprun", "px", "python", "python3", "pypy"}
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_MAGIC = re.compile(r"%[A-Za-z_]\w*\b")
_HELP = re.compile(r"\?{1,2}[\w.]+\s*$|[A-Za-z_][\w.]*\?{1,2}\s*$")
_ASSIGNED = re.compile(r"[A-Za-z_][\w, ]*=\s*(?:!|%[A-Za-z])")
# IPython's automagic: a bare word that a shell knows, and behind it something that no Python has there.
_BARE = re.compile(
    r"(?:cd|ls|mkdir|rmdir|rm|cp|mv|cat|less|man|ll|pip|pip3|conda|apt|apt-get|wget|curl|unzip|tar|git|echo)"
    r"(?:[ \t]+(?![=.(\[+*/%&|<>!@^:,-]?=)(?!(?:in|is|and|or|not|if|else|for)\b)[-\w'\"~./$*{].*|[ \t]*)$"
)
_ALONE = re.compile(r"(?:ls|pwd|cd|ll)[ \t]*$")


def as_python(text: str) -> tuple[str, list[tuple[str, int]]]:
    """Return the cell with nothing in place of what is no Python, and what that was, with its line from 1."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[first]) if lines else None
    if magic is not None and magic[1] not in _PYTHON_BELOW:
        return "\n" * (len(lines) - 1), [(f"a cell of %%{magic[1][:40]}", first + 1)]
    left_out: list[tuple[str, int]] = []
    going_on = False
    for at, line, is_code in _outside_of_texts(lines):
        what = _no_python(line.strip()) if is_code and not going_on else None
        if going_on:
            lines[at] = ""
        elif what is not None:
            indent = line[: len(line) - len(line.lstrip())]
            lines[at] = f"{indent}pass" if indent else ""  # it may be all that a block holds
            left_out.append((what, at + 1))
        going_on = (going_on or what is not None) and line.endswith("\\")
    return "\n".join(lines), left_out


def _no_python(line: str) -> str | None:
    """Return what a line is that only a notebook understands; None for what may be Python."""
    if line.startswith("%%"):
        return "a magic command"
    if _MAGIC.match(line):
        return "a magic command"
    if line.startswith("!"):
        return "a shell command"
    if _ASSIGNED.match(line):
        return "a shell command" if "!" in line.partition("=")[2][:3] else "a magic command"
    if _BARE.match(line) or _ALONE.match(line):
        return "a shell command"
    return "a question to the notebook" if _HELP.match(line) else None


# A text that does not end in its line takes the rest of it: looked for from each quote anew, an end would
# take time that grows with the square of the line.
_TEXTS = re.compile(r"""\"\"\"|'''|"(?:\\.|[^"\\])*("|\\?$)|'(?:\\.|[^'\\])*('|\\?$)|\#.*|[(\[{]|[)\]}]""")


def _outside_of_texts(lines: list[str]) -> Iterator[tuple[int, str, bool]]:
    """Each line with its place, and whether a statement may begin there: in no text, in no bracket."""
    quotes: str | None = None
    depth = 0
    for at, line in enumerate(lines):
        goes_on = at > 0 and lines[at - 1].endswith("\\")
        yield at, line, quotes is None and depth == 0 and not goes_on
        if quotes is None and depth == 0 and not goes_on and _no_python(line.strip()):
            continue
        column = 0
        while column < len(line):
            if quotes is not None:
                end = line.find(quotes, column)
                if end < 0:
                    break
                column, quotes = end + len(quotes), None
                continue
            found = _TEXTS.search(line, column)
            if found is None:
                break
            column = found.end()
            if found[0] in ('"""', "'''"):
                quotes = found[0]
            elif found.lastindex and found[found.lastindex] == "\\":  # the next line goes on with it
                quotes = found[0][0]
            elif found[0] in "([{":
                depth += 1
            elif found[0] in ")]}":
                depth = max(0, depth - 1)
