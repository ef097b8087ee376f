"""The hand-in as a notebook, for the peers that grade notebooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import work

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
IMPORTS = "import os, sys\nsys.path.append({benchmarks!r})\nimport usual_runner\n"
ASKED = "assert not usual_runner.wrong_on(usual_runner.{call}, GRU_Cell, os.environ['CASES'])\n"

Notebook = Mapping[str, Any]


def written(file: Path, notebook: Notebook) -> Path:
    """Write a notebook, and return its file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(notebook))
    return file


def for_otter(source: str, benchmarks: Path) -> Notebook:
    """Return a notebook with the hand-in; otter brings the tests."""
    return _notebook(_cell("answer", source), _cell("imports", IMPORTS.format(benchmarks=str(benchmarks))))


def for_nbgrader(source: str, benchmarks: Path) -> Notebook:
    """Return a notebook with the hand-in and a cell of tests for each problem."""
    imports = IMPORTS.format(benchmarks=str(benchmarks))
    calls = zip(("forward", "backward"), work.MAX_POINTS.items(), strict=True)
    return _notebook(
        _cell("answer", source, nbgrader={"grade": False, "solution": True, "locked": False}),
        *(
            _cell(
                call,
                f"# {name}\n{imports}{ASKED.format(call=call)}",
                nbgrader={"grade": True, "solution": False, "locked": True, "points": points},
            )
            for call, (name, points) in calls
        ),
    )


def _notebook(*cells: Mapping[str, Any]) -> Notebook:
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(name: str, source: str, nbgrader: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    about = (
        {"nbgrader": {**nbgrader, "grade_id": name, "task": False, "schema_version": 3}} if nbgrader else {}
    )
    return {
        "cell_type": "code",
        "id": name,
        "metadata": about,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
