"""What meets a student's text takes as long as the text is: every pattern, and what else reads it.

Every `re.` call in `grader/` is found and tried on inputs made from the pattern's own letters, repeated. What
is compared is processor time, at two lengths: a busy machine delays both alike.
"""

from __future__ import annotations

import ast
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from grader.batch import csv_table
from grader.batch.gradebook import file_names
from grader.errors import UsageError
from grader.inside import source
from grader.intake import magics, paths
from grader.report import autolab_reading, escape, markdown
from grader.report.page import Page
from grader.sandbox import failures, objections

pytestmark = pytest.mark.slow  # not for `make check`

ROOT = Path(__file__).parents[2]
CALLS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "compile")
LONG = 8_000  # characters
SHORT = LONG // 8
HARMLESS_S = 0.03  # of processor time: a hundred times what a linear search of so many characters takes
GROWTH = 24.0  # eight times the length: a linear search takes 8 times as long, a quadratic one 64 times
ENDLESS_S = 2.0

# Patterns that are put together while the program runs, as they are for a pattern's own example.
EXAMPLES: dict[tuple[str, str], str | bytes] = {
    ("grader/sandbox/objections.py", "_VALUE"): objections._VALUE,
    (
        "grader/inside/masked.py",
        "('(?<![\\\\w-])' if old in shared else '') + re.escape(old) + '(?![\\\\w.-])'",
    ): r"(?<![\w-])/usr/lib/python3(?![\w.-])",
    ("grader/batch/csv_table.py", 'f\'("(?:[^"]|"")*")?([^{re.escape(delimiter)}\\\\r\\\\n]*)\''): (
        r'("(?:[^"]|"")*")?([^,\r\n]*)'
    ),
    ("grader/batch/gradebook/file_names.py", "f'~[0-9a-f]{{{_HASH_CHARS}}}$'"): r"~[0-9a-f]{8}$",
    ("grader/batch/collect/platforms/autolab.py", "_EMAIL"): r"[^@\s/]+@[A-Za-z0-9.\-]+",
    (
        "grader/batch/collect/platforms/autolab.py",
        "f'(?P<email>{_EMAIL})_(?P<version>[0-9]+)_(?P<file>[^_/]+)'",
    ): (r"([^@\s/]+@[A-Za-z0-9.\-]+)_([0-9]+)_([^_/]+)"),
    (
        "grader/batch/collect/platforms/autolab.py",
        "f'(?P<version>[0-9]+)_(?P<email>{_EMAIL})_(?P<file>[^_/]+_[^_/]+)'",
    ): r"([0-9]+)_([^@\s/]+@[A-Za-z0-9.\-]+)_([^_/]+_[^_/]+)",
    (
        "grader/intake/candidates.py",
        "b'^(?:class|def|async[ \\\\t]+def)[ \\\\t]+(%b)(?![A-Za-z0-9_])' % any_of",
    ): rb"(?mi)^(?:class|def|async[ \t]+def)[ \t]+(g_?r_?u|g_?r_?u_?c_?e_?l_?l)(?![A-Za-z0-9_])",
    (
        "grader/mistakes/writing.py",
        "f'\\\\s*\\\\[\\\\s*{mistake.problem}\\\\s*\\\\.\\\\s*{mistake.name}\\\\s*\\\\]'",
    ): r"\s*\[\s*backward\s*\.\s*carry_dropped\s*\]",
    ("grader/report/details.py", "f'(?<!\\\\w){re.escape(name)}(?!\\\\w)'"): r"(?<!\w)dWzh(?!\w)",
    ("grader/snippet.py", "f'\\\\b{re.escape(name)}\\\\b'"): r"\bdWzh\b",
    ("grader/sources.py", "f'^(?:class|def|async def)[ \\\\t]+(?:{any_of})\\\\b'"): (
        r"(?m)^(?:class|def|async def)[ \t]+(?:GRU|GRU_Cell)\b"
    ),
    ("grader/intake/tar_reader.py", "b'[0-7]{1,12}' if base == 8 else b'[0-9]{1,20}'"): rb"[0-9]{1,20}",
}


@dataclass(frozen=True)
class Pattern:
    """A regular expression of ours, and how it is used."""

    where: str
    pattern: str | bytes
    flags: int
    method: str

    def __str__(self) -> str:
        return f"{self.where} {self.method} {self.pattern!r}"

    def search(self, text: str) -> None:
        """Do to a text what we do."""
        compiled: re.Pattern[Any] = re.compile(self.pattern, self.flags)
        given = text.encode("latin-1", "replace") if isinstance(self.pattern, bytes) else text
        if self.method in ("sub", "subn"):
            compiled.sub(given[:0], given)
        elif self.method == "finditer":
            for _ in compiled.finditer(given):
                pass
        else:
            getattr(compiled, self.method)(given)


def patterns() -> list[Pattern]:
    """Every regular expression in `grader/`; where it is only compiled, with each of its uses."""
    found = []
    for path in sorted((ROOT / "grader").rglob("*.py")):
        # Of equations/ only an assignment's own statement is read.
        if {"right", "wrong", "starter", "provided", "equations"} & set(path.parts):
            continue
        where = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_bytes())
        uses: dict[str, set[str]] = {}
        called: set[str] = set()
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and node.attr in CALLS):
                continue
            if not isinstance(node.value, ast.Name):
                called.add(node.attr)
            elif node.value.id != "re":
                uses.setdefault(node.value.id, set()).add(node.attr)
                called.add(node.attr)
        assigned = {
            id(node.value): target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and _is_re(node.func)):
                continue
            assert isinstance(node.func, ast.Attribute)
            flags = [eval(ast.unparse(one), {"re": re}) for one in _flags(node)]
            methods = {node.func.attr}
            if node.func.attr == "compile":
                # Where it is used by another name, any method of the module may be the one.
                methods = uses.get(assigned.get(id(node), "")) or called or {"search"}
            pattern = _pattern(where, node.args[0])
            found += [Pattern(where, pattern, sum(flags), method) for method in sorted(methods)]
    return found


def _is_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in CALLS
    )


def _flags(call: ast.Call) -> Iterator[ast.expr]:
    for one in (*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "flags")):
        if ast.unparse(one).startswith("re."):
            yield one


def _pattern(where: str, node: ast.expr) -> str | bytes:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value
    key = (where, ast.unparse(node))
    assert key in EXAMPLES, f"put an example of this pattern into EXAMPLES, so that it is tried: {key}"
    return EXAMPLES[key]


def tokens(pattern: str | bytes, flags: int) -> list[str]:
    """Return the words and letters that lead an engine through a pattern."""
    parser = __import__("re._parser", fromlist=["parse"])
    found: list[str] = []
    word: list[str] = []

    def end_word() -> None:
        if len(word) > 1:
            found.append("".join(word))
        word.clear()

    def walk(items: Any) -> None:
        for operation, argument in items:
            kind = str(operation)
            if kind == "LITERAL":
                word.append(chr(argument))
                found.append(chr(argument))
                continue
            end_word()
            if kind == "IN":
                found.extend(_of_class(argument))
            elif kind in ("ANY", "NOT_LITERAL"):
                found.extend("x ")
            for part in argument if isinstance(argument, tuple | list) else (argument,):
                for piece in part if isinstance(part, list) else (part,):
                    if isinstance(piece, parser.SubPattern):
                        walk(piece)
            end_word()
        end_word()

    walk(parser.parse(pattern, flags))
    distinct = sorted(dict.fromkeys(found), key=lambda token: (-len(token), token))
    letters = [token for token in distinct if len(token) == 1][:9]
    return [*[token for token in distinct if len(token) > 1][:5], *dict.fromkeys([*letters, "x", "1"])]


def _of_class(items: Any) -> Iterator[str]:
    for operation, argument in items:
        kind = str(operation)
        if kind == "LITERAL":
            yield chr(argument)
        elif kind == "RANGE":
            yield chr(argument[0])
        elif kind == "CATEGORY":
            yield from {"DIGIT": "1", "SPACE": " ", "WORD": "x1"}.get(str(argument).rpartition("_")[2], "-")
        elif kind == "NEGATE":
            yield from "x -"


def inputs(known: list[str], length: int) -> Iterator[str]:
    """Texts of about this length: one or two of the tokens, repeated, behind each of some beginnings."""
    units = [*known, *map("".join, product(known[:12], repeat=2))]
    for unit in units:
        yield (unit * length)[:length]
    for first, unit in product(known[:6], known):
        yield f"{first}{(unit * length)[:length]}\0"


def cpu_s(function: Callable[[str], object], text: str) -> float:
    """Processor seconds that it takes, at most ENDLESS_S: `re` looks for signals while it searches."""

    def give_up(_: int, __: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, give_up)
    began = time.thread_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS_S)
    try:
        function(text)
    except TimeoutError:
        return ENDLESS_S
    except (ValueError, LookupError, UsageError):  # a text that is refused was read as well
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.thread_time() - began


def slow(function: Callable[[str], object], known: list[str], harmless_s: float = HARMLESS_S) -> str | None:
    """Return an input on which time grows faster than length, or None."""
    for short, long in zip(inputs(known, SHORT), inputs(known, LONG), strict=True):
        if cpu_s(function, short) >= ENDLESS_S:
            return short[:60]
        if (once := cpu_s(function, long)) < harmless_s:
            continue
        if once >= ENDLESS_S:
            return long[:60]
        first = min(cpu_s(function, short) for _ in range(5))
        second = min(cpu_s(function, long) for _ in range(3))
        if second >= harmless_s and second > GROWTH * first:
            return f"{long[:60]!r}...: {first:.4f} s for {SHORT} characters, {second:.4f} s for {LONG}"
    return None


@pytest.mark.parametrize("pattern", patterns(), ids=str)
def test_no_pattern_takes_longer_than_its_text_is_long(pattern: Pattern) -> None:
    """Whatever a student writes, prints, raises or calls a file: a search of it ends."""
    assert slow(pattern.search, tokens(pattern.pattern, pattern.flags)) is None


# What students' texts are handed to as they are, and may read them in other ways than by a pattern.
READERS: dict[str, Callable[[str], object]] = {
    "failures.without_places": failures.without_places,
    "failures.raised": lambda text: failures.raised(
        "forward",
        {"type": text, "message": text, "frames": [[text, 1, text, text]], "memory": False},
    ),
    "escape.visible": escape.visible,
    "escape.line": escape.line,
    "escape.prose": escape.prose,
    "escape.block": partial(escape.block, head=20, tail=20),
    "escape.no_command": escape.no_command,
    "page.prose": lambda text: Page(ascii_only=True).prose(text),
    "markdown.inline": markdown.inline,
    "markdown.fence": markdown.fence,
    "autolab_reading.read": lambda text: autolab_reading.read(text, ["a"]),
    "autolab_reading.read_feedback": autolab_reading.read_feedback,
    "magics.as_python": magics.as_python,
    "paths.printable": paths.printable,
    "source.decode": lambda text: source.decode(text.encode("utf-8", "replace")),
    "file_names.folded": file_names.folded,
    "cells.table": lambda text: csv_table.table(text.encode("utf-8", "replace"), "students.csv"),
}
UNITS = (
    *(
        "/site-packages/",
        "/inside/",
        "/python3.",
        "/python3.1/",
        "at 0x",
        "C:\\",
        "\\Lib\\",
        "import ",
        "from ",
    ),
    *(
        "::",
        "##[",
        "# coding:",
        "a:",
        "`",
        "/",
        "\\",
        "'",
        '"',
        "a",
        "1",
        " ",
        "\n",
        "\r",
        "-",
        "\x1b",
        "\u202e",
    ),
)


@pytest.mark.parametrize("reader", READERS)
def test_no_reader_of_a_text_takes_longer_than_the_text_is_long(reader: str) -> None:
    """Beside the patterns: what wraps, escapes, cuts and decodes."""
    assert slow(READERS[reader], [*UNITS], harmless_s=0.3) is None


@pytest.mark.parametrize(
    ("method", "pattern"),
    [
        ("sub", r"/[^\s:'\"]*/(?=site-packages/|inside/|python3\.\d+/)"),  # what hung for 20 minutes
        ("search", r"([a-zA-Z0-9]+):"),
        ("fullmatch", r"(a|aa)+b"),
        ("search", r"\s+$"),
        ("match", r"\w*\d*!"),
    ],
)
def test_a_slow_pattern_is_found(method: str, pattern: str) -> None:
    """The test above would see what it is for."""
    assert slow(Pattern("here", pattern, 0, method).search, tokens(pattern, 0)) is not None


def test_folders_are_taken_out_as_the_pattern_says() -> None:
    """What is written out for speed replaces what the pattern would, on a hundred thousand texts."""
    parts = [
        "/",
        "site-packages/",
        "inside/",
        "python3.11/",
        "python3.",
        "1",
        "a",
        " ",
        ":",
        "'",
        "\n",
        "/usr",
    ]
    draw = random.Random(9)
    for _ in range(100_000):
        text = "".join(draw.choices(parts, k=draw.randint(0, 12)))
        true = re.sub(r"/[^\s:'\"]*/(?=site-packages/|inside/|python3\.\d+/)", ".../", text)
        assert failures.without_places(text) == true
