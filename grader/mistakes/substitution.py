"""Puts lines in the place of others, which must be there exactly once."""

from __future__ import annotations

import ast
import difflib
import itertools
from collections.abc import Iterator, Mapping, Sequence

from grader.declaration import as_notebook, as_script
from grader.mistakes.answers import Files


def substituted(files: Files, pairs: Sequence[tuple[str, str]], called: str) -> Files:
    """Return the files with each pair's right side, lines that stand there once, replaced by its wrong side.

    Args:
        files: path -> content; what is no UTF-8 is left alone.
        pairs: (right, wrong), each one or more lines; an empty `wrong` takes the lines out. They are found by
            their indentation among themselves, and what replaces them is indented as they were.
        called: what the files are called, for messages.

    A notebook is one text, its cells below one another, each below a line "# %% code" or "# %% markdown".

    Raises:
        ValueError: a right side is not there exactly once, or two of them overlap.
    """
    texts = {path: text.split("\n") for path, text in _texts(files)}
    spots: list[tuple[str, int, int, list[str]]] = []
    for number, (right, wrong) in enumerate(pairs, start=1):
        if right == wrong:
            raise ValueError(f"substitution {number} changes nothing: both sides are {_first(right)}")
        path, at, margin = _place(texts, right, number, called)
        written = _margin(right.split("\n"))
        put = [_moved(line, written, margin) for line in wrong.split("\n")] if wrong else []
        spots.append((path, at, at + right.count("\n") + 1, put))
    spots.sort(key=lambda spot: spot[:3])
    for (path, _, end, _), (other, begin, _, _) in itertools.pairwise(spots):
        if path == other and begin < end:
            raise ValueError(f"two substitutions change line {begin + 1} of {path}: make them one")
    for path, at, end, put in reversed(spots):
        texts[path][at:end] = put
    changed = {path for path, *_ in spots}
    return {
        path: _written(path, "\n".join(texts[path])) if path in changed else content
        for path, content in files.items()
    }


def without(files: Files, left_out: Sequence[str], called: str) -> Files:
    """Return the files without some of them, or without some functions and classes of them.

    Args:
        files: path -> content.
        left_out: each a path, or "path::name" of what a Python file defines at its top level.
        called: what the files are called, for messages.

    Raises:
        ValueError: one of them is not there.
    """
    kept = dict(files)
    for one in left_out:
        path, _, name = one.partition("::")
        if path not in kept:
            raise ValueError(f"leaves out {one!r}, and {called} has no {path}")
        if name:
            kept[path] = _undefined(kept[path].decode("utf-8"), name, f"{path} of {called}").encode()
        else:
            del kept[path]
    return kept


def _undefined(text: str, name: str, called: str) -> str:
    """Return the source without the definition of that name, and without the empty lines below it."""
    lines = text.splitlines(keepends=True)
    body = ast.parse(text).body
    for index, one in enumerate(body):
        if isinstance(one, ast.FunctionDef | ast.ClassDef) and one.name == name:
            first = min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)]) - 1
            end = one.end_lineno or one.lineno
            while end < len(lines) and not lines[end].strip():
                end += 1
            rest = lines[:first] + lines[end:]
            return "".join(rest).rstrip("\n") + "\n" if index == len(body) - 1 else "".join(rest)
    raise ValueError(f"leaves out {name!r}, which {called} does not define")


def _texts(files: Files) -> Iterator[tuple[str, str]]:
    for path, content in files.items():
        try:
            yield path, as_script(content) if path.endswith(".ipynb") else content.decode("utf-8")
        except UnicodeDecodeError:
            continue


def _written(path: str, text: str) -> bytes:
    return as_notebook(text) if path.endswith(".ipynb") else text.encode()


def _place(texts: Mapping[str, Sequence[str]], right: str, number: int, called: str) -> tuple[str, int, int]:
    """Where the lines stand: file, index of the first, columns by which they are indented."""
    wanted = right.split("\n")
    plain, count = _dedented(wanted), len(wanted)
    found = [
        (path, at, _margin(lines[at : at + count]))
        for path, lines in texts.items()
        for at in range(len(lines) - count + 1)
        if _dedented(lines[at : at + count]) == plain
    ]
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(f"{path}:{at + 1}" for path, at, _ in found)
        raise ValueError(
            f"substitution {number}: {_first(right)} stands {len(found)} times in {called} ({places}), "
            "and must stand there once: add a line above or below to both sides"
        )
    there = {
        line.strip(): f"{path}:{at + 1}" for path, lines in texts.items() for at, line in enumerate(lines)
    }
    near = [
        one
        for line in plain
        if line.strip() not in there
        for one in difflib.get_close_matches(line.strip(), there, 1)
    ]
    hint = f"; did you mean {near[0]!r} ({there[near[0]]})?" if near else ""
    raise ValueError(
        f"substitution {number}: {_first(right)} does not stand in {called}, "
        f"where whole lines are looked for{hint}"
    )


def _first(text: str) -> str:
    first, *more = text.split("\n")
    return repr(first.strip()) + (f" with the {len(more)} lines below it" if more else "")


def _margin(lines: Sequence[str]) -> int:
    return min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)


def _dedented(lines: Sequence[str]) -> list[str]:
    margin = _margin(lines)
    return [line[margin:] if line.strip() else line.strip(" ") for line in lines]


def _moved(line: str, written: int, margin: int) -> str:
    return " " * margin + line[min(written, _margin([line])) :] if line.strip() else line
