"""Reads a Jupyter notebook, whatever its file is called: its code cells as Python, and nothing else of it.

A notebook is JSON that a student chose, up to the size of an archive, and most of it is pictures. Nothing is
built before the number of its values is bounded, and outputs and attachments are dropped while it is parsed.
What is left goes through nbformat, which knows the older forms and brings them to today's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from grader.intake.bounds import CELLS, MIB, NOTEBOOK_BYTES, NOTEBOOK_CODE_BYTES, NOTEBOOK_VALUES
from grader.intake.paths import printable
from grader.records import Notebook

# The keys that a notebook's first object may begin with: nbformat sorts them, other tools do not.
_BEGINNING = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:cells|metadata|nbformat|nbformat_minor|worksheets|orig_nbformat)"\s*:'
)
_CODE = re.compile(rb'"(?:cell_type"\s*:\s*"|nbformat"\s*:)')
_LOOK_BYTES = 4096

# What a grading needs of a notebook, of today's form and of those before; of its metadata, the language.
_KEPT = frozenset(
    """
    nbformat metadata kernelspec language_info name cells worksheets cell_type source input language
    """.split()
)
SHEETS = 20  # of version 3: all that is known of is one
_LANGUAGES = ("python", "python2", "python3", "ipython", "ipython2", "ipython3")
_FORMS = (2, 3, 4)  # of nbformat; version 1 is older than any homework


def looks_like_one(content: bytes) -> bool:
    """Whether the content begins as the JSON of a notebook does, and speaks of cells."""
    head = content[:_LOOK_BYTES]
    return _BEGINNING.match(head) is not None and _CODE.search(content) is not None


def read(content: bytes) -> Notebook:
    """Return the code cells of a notebook as Python, in the order in which they are stored; or its
    problem.
    """
    try:
        return _read(content)
    except _UnreadableError as why:
        return Notebook(problem=str(why))


class _UnreadableError(Exception):
    """The notebook has no Python that could be graded. The message stands behind its name."""


def _read(content: bytes) -> Notebook:
    whole = _slim(content)
    _refuse_other_languages(whole)
    from grader.intake.magics import as_python  # most hand-ins are no notebooks

    everything = [(str(cell.get("cell_type")), _text(cell)) for cell in _cells(whole)]
    cells = [(number, text) for number, (kind, text) in enumerate(everything, 1) if kind == "code"]
    texts: list[tuple[int, str]] = []
    left_out: list[tuple[str, int, int]] = []
    for number, source in cells:
        text, said = as_python(source)
        texts.append((number, text))
        left_out += [(what, number, line) for what, line in said]
    if not any(source.strip() for _, source in cells):
        raise _UnreadableError("is a notebook without any code in it")
    if len("\n".join(text for _, text in texts).encode()) > NOTEBOOK_CODE_BYTES:
        raise _UnreadableError(f"is a notebook with more than {NOTEBOOK_CODE_BYTES // MIB} MiB of code")
    return Notebook(tuple(texts), tuple(left_out), whole=tuple(everything))


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    text = source if isinstance(source, str) else ""
    text = text.encode(errors="replace").decode()  # JSON can hold half a character
    return re.sub(r"\r\n?", "\n", text)


def _slim(content: bytes) -> dict[str, Any]:
    """Return the notebook's JSON without outputs, pictures and whatever else is no code."""
    if len(content) > NOTEBOOK_BYTES:
        raise _UnreadableError(f"is a notebook of more than {NOTEBOOK_BYTES // MIB} MiB")
    if not content.strip():
        raise _UnreadableError("is empty")
    # Each value takes some 70 bytes or more once it is built; nothing that people write has so many.
    if sum(map(content.count, (b",", b"[", b"{"))) > NOTEBOOK_VALUES:
        raise _UnreadableError(f"is a notebook with more than {NOTEBOOK_VALUES:,} values in its JSON")
    try:
        found = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_kept, parse_int=_small)
    except UnicodeDecodeError:
        raise _UnreadableError("is a notebook that is not UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _UnreadableError(
            f"is a notebook that is damaged or cut off: its JSON breaks at {where}"
        ) from None
    except (RecursionError, ValueError):
        raise _UnreadableError("is no notebook: its JSON is nested deeper than any") from None
    if not isinstance(found, dict) or not isinstance(found.get("nbformat"), int):
        raise _UnreadableError("is no Jupyter notebook: it does not say which nbformat it has")
    return found


def _kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in pairs if key in _KEPT}


def _small(digits: str) -> int:
    return int(digits) if len(digits) < 10 else 0


def _refuse_other_languages(whole: dict[str, Any]) -> None:
    metadata = _object(whole.get("metadata"))
    told = [_object(metadata.get(key)).get(name) for key, name in _TELLING]
    worksheets = whole.get("worksheets")
    for sheet in _list(worksheets)[:SHEETS]:
        told += [_object(cell).get("language") for cell in _few(_object(sheet).get("cells"))]
    for language in told:
        if isinstance(language, str) and language.lower() not in _LANGUAGES:
            raise _UnreadableError(f"is a notebook in {printable(language)}, not in Python")


_TELLING = (("kernelspec", "language"), ("language_info", "name"))


def _cells(whole: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """All cells in nbformat's version 4, whatever the notebook's own is."""
    import nbformat  # takes a tenth of a second, and most hand-ins are no notebooks

    major = whole["nbformat"]
    if major not in _FORMS:
        raise _UnreadableError(f"is a notebook of format {major}; those of 3 and 4 are read")
    bare = _bare(whole)
    import logging  # which nothing else of a grading imports

    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # it would print what it thinks of a student's
    try:
        notebook = nbformat.reads(json.dumps(bare), as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:
        # nbformat on odd JSON raises far more than its own errors (KeyError, AttributeError, TypeError, ...).
        kind = type(error).__name__
        raise _UnreadableError(f"is a notebook that nbformat cannot read ({kind})") from None
    return notebook.cells  # type: ignore[no-any-return]


def _bare(whole: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook of the same version with the sources of its cells, valid by its schema."""
    major = whole["nbformat"]
    if major == 4:
        cells = [_bare_cell(_object(cell), "source") for cell in _list(whole.get("cells"))]
        return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": _few(cells)}
    sheets = [
        {
            "metadata": {},
            "cells": _few([_bare_cell(_object(c), "input") for c in _list(_object(s).get("cells"))]),
        }
        for s in _list(whole.get("worksheets"))
    ]
    return {"nbformat": major, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}


def _bare_cell(cell: dict[str, Any], code: str) -> dict[str, Any]:
    kind = cell.get("cell_type")
    source = cell.get(code if kind == "code" else "source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    if kind != "code":
        return {"cell_type": "raw" if kind == "raw" else "markdown", "metadata": {}, "source": text}
    found = {"cell_type": "code", "metadata": {}, "outputs": [], code: text}
    count = {"execution_count": None} if code == "source" else {"collapsed": False, "language": "python"}
    return {**found, **count}


def _few(cells: object) -> list[Any]:
    found = _list(cells)
    if len(found) > CELLS:
        raise _UnreadableError(f"is a notebook of more than {CELLS:,} cells")
    return found


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
