"""Sources of ours: what a starter, or a model hand-in, has of Python in it, be it a notebook."""

from __future__ import annotations

import json


def python_of(path: str, content: bytes) -> bytes:
    """Return the Python of a file: its content, or that of a notebook's code cells, one below the other."""
    if not path.endswith(".ipynb"):
        return content
    cells = [cell for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]
    return "\n".join(_joined(cell["source"]) for cell in cells).encode()


def as_script(content: bytes) -> str:
    """Return a notebook as one text: above each cell a line that says of which kind it is.

    That is what substitutions are made in; `as_notebook` makes a notebook of it again.
    """
    cells = json.loads(content)["cells"]
    return "\n".join(f"{MARK}{cell['cell_type']}\n{_joined(cell['source'])}" for cell in cells)


def as_notebook(text: str) -> bytes:
    """Return a notebook of such a text, without outputs."""
    cells: list[dict[str, object]] = []
    for number, part in enumerate(f"\n{text}".split(f"\n{MARK}")[1:], 1):
        kind, _, source = part.partition("\n")
        more: dict[str, object] = {"execution_count": None, "outputs": []} if kind == "code" else {}
        cells.append({"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source, **more})
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return json.dumps(whole, indent=1).encode()


MARK = "# %% "


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
