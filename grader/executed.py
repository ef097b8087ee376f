"""A notebook that was run, as a file: the cells that were handed in, with what a job says they put out.

It is put together here, of the grader's own copy of the cells and of bounded outputs: texts and pictures that
are PNGs. There is no HTML in it and no script, and nothing of it is drawn here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader import pictures
from grader.inside import notebook_outputs as outputs
from grader.inside.notebook_outputs import Record
from grader.records import Notebook

STREAMS = {outputs.STDOUT: "stdout", outputs.STDERR: "stderr"}
HARMLESS = ("%matplotlib", "%%time", "%time", "%autoreload", "%load_ext", "%config")  # of what is left out
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")  # differs from run to run
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Failed:
    """The cell that ended a run.

    Attributes:
        cell: its number.
        kind, message: of the exception.
        line: in the cell; None if that is not known.
        shown: what Jupyter shows of it.
    """

    cell: int
    kind: str
    message: str
    line: int | None
    shown: str


@dataclass(frozen=True)
class Executed:
    """What came of running a notebook.

    Attributes:
        begun: numbers of the cells that began to run, in order.
        ended: of those that went through.
        failed: the one that did not, if it said why.
        by_cell: number of a cell -> its outputs, as nbformat has them.
        pictures: number of the cell, and content, of each PNG.
        no_pictures: how many records were said to be pictures, and are no PNG.
    """

    begun: tuple[int, ...]
    ended: tuple[int, ...]
    failed: Failed | None
    by_cell: Mapping[int, Sequence[Mapping[str, Any]]] = field(repr=False)
    pictures: tuple[tuple[int, bytes], ...] = field(repr=False)
    no_pictures: int


def executed(content: bytes, cells: Sequence[int]) -> Executed:
    """Return what a job says of a run.

    Args:
        content: as `inside.notebook_outputs` packs it.
        cells: the numbers of the notebook's code cells.

    Raises:
        ValueError: it says something else.
    """
    by_cell: dict[int, list[dict[str, Any]]] = {}
    begun, ended, drawn, errors = [], [], [], {}
    bad = 0
    for record in outputs.unpacked(content):
        if record.cell not in cells:
            raise ValueError("an output of a cell that is not there")
        if record.kind == outputs.BEGUN:
            begun.append(record.cell)
        elif record.kind == outputs.ENDED:
            ended.append(record.cell)
        elif record.kind in (outputs.ERROR, outputs.TRACEBACK, outputs.AT_LINE):
            errors[record.kind] = record
        elif record.kind == outputs.PICTURE and pictures.png(record.content) is None:
            bad += 1
        else:
            if record.kind == outputs.PICTURE:
                drawn.append((record.cell, record.content))
            by_cell.setdefault(record.cell, []).append(_output(record, begun))
    if begun != list(cells[: len(begun)]) or ended != begun[: len(ended)]:
        raise ValueError("cells in another order than they stand in")
    failed = _failed(errors)
    if failed is not None:
        by_cell.setdefault(failed.cell, []).append(_error(failed))
    return Executed(tuple(begun), tuple(ended), failed, by_cell, tuple(drawn), bad)


def as_notebook(notebook: Notebook, run: Executed) -> bytes:
    """Return the notebook with these outputs, as nbformat 4.5 has it.

    Lines that were refused have a sentence among the outputs of their cell.
    """
    refused: dict[int, list[str]] = {}
    for what, cell, line in notebook.left_out:
        source = notebook.whole[cell - 1][1].split("\n")
        text = source[line - 1].strip() if line <= len(source) else ""
        if not text.startswith(HARMLESS):
            refused.setdefault(cell, []).append(
                f"line {line}: {what} is not run where notebooks are graded\n"
            )
    cells = []
    for number, (kind, source_text) in enumerate(notebook.whole, 1):
        one: dict[str, Any] = {
            "cell_type": kind if kind in ("code", "raw") else "markdown",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source_text,
        }
        if kind == "code":
            said = refused.get(number, []) if number in run.begun else []
            stream = [{"output_type": "stream", "name": "stderr", "text": "".join(said)}] if said else []
            count = run.begun.index(number) + 1 if number in run.begun else None
            one |= {"execution_count": count, "outputs": [*stream, *run.by_cell.get(number, ())]}
        cells.append(one)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return json.dumps(whole, indent=1, ensure_ascii=True).encode()


def refused(notebook: Notebook) -> Iterator[tuple[str, int, int]]:
    """Yield what of a notebook is refused when it is run: what it is, its cell and its line."""
    for what, cell, line in notebook.left_out:
        source = notebook.whole[cell - 1][1].split("\n") if cell <= len(notebook.whole) else []
        text = source[line - 1].strip() if line <= len(source) else ""
        if not text.startswith(HARMLESS):
            yield what, cell, line


def _output(record: Record, begun: Sequence[int]) -> dict[str, Any]:
    if record.kind in STREAMS:
        return {"output_type": "stream", "name": STREAMS[record.kind], "text": plain(record.text)}
    if record.kind == outputs.PICTURE:
        data = {"image/png": base64.b64encode(record.content).decode()}
        return {"output_type": "display_data", "data": data, "metadata": {}}
    text = {"data": {"text/plain": plain(record.text)}, "metadata": {}}
    if record.kind == outputs.RESULT:
        return {"output_type": "execute_result", "execution_count": len(begun), **text}
    return {"output_type": "display_data", **text}


def _failed(errors: Mapping[bytes, Record]) -> Failed | None:
    if outputs.ERROR not in errors:
        return None
    error = errors[outputs.ERROR]
    kind, _, message = plain(error.text).partition("\n")
    line = errors[outputs.AT_LINE].text if outputs.AT_LINE in errors else ""
    shown = errors[outputs.TRACEBACK].text if outputs.TRACEBACK in errors else ""
    number = int(line) if line.isascii() and line.isdigit() and len(line) < 8 else None
    return Failed(error.cell, kind[:100], message[:500], number, plain(shown))


def _error(failed: Failed) -> dict[str, Any]:
    lines = failed.shown.split("\n")
    return {"output_type": "error", "ename": failed.kind, "evalue": failed.message, "traceback": lines}


def plain(text: str) -> str:
    """Return a text without control characters, and without addresses in memory, which differ each time."""
    return _CONTROL.sub("", _ADDRESS.sub("0x…", text))
