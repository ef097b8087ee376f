"""What a student pastes to try a failing case: what it imports, and how its arrays and calls are written.

That each runs as it stands, and prints the very array that fails, `cellgrade verify` proves of every mistake:
tests/assignments/test_assignments.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.declaration import Check, Output
from grader.records import Case
from grader.snippet import Source, snippet

pytestmark = pytest.mark.slow  # not for `make check`

CHECK = Check("f", "cases", (Output("y"),), paste=("y = Cell().f(x)",))


def lines(source: Source) -> tuple[str, ...]:
    """Return the snippet of a case with one number."""
    return snippet(Case("one", 0, {"x": np.array([1.5])}), CHECK, CHECK.outputs[0], 0, 4, source)


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        (Source("hw1/cell.py", "", ("Cell", "other")), ["from cell import Cell  # in hw1/"]),
        (Source("cell.py", "", ("Cell",), {"Cell": "MyCell"}), ["from cell import MyCell as Cell"]),
        (Source("a/b/cell.py", "from .x import y\n", ("Cell",)), ["from b.cell import Cell  # in a/"]),
        (
            Source("my cell-1.py", "", ("Cell",), imports=("import given",)),
            ["import given", "import importlib", "Cell = importlib.import_module('my cell-1').Cell"],
        ),
        (Source("cell.ipynb", "", ("Cell",), imports=("import given",)), ["import given"]),
    ],
)
def test_a_snippet_imports_what_it_uses(source: Source, imports: list[str]) -> None:
    """The names that it calls, from the module as it is called there; a notebook has them already."""
    rest = ["x = np.array([1.5])", "y = Cell().f(x)", "print(y)"]
    assert list(lines(source)) == ["import numpy as np", *imports, *rest]


def test_a_long_array_is_set_on_several_lines() -> None:
    """No line is so long that a report cuts it, and they give the array back."""
    array = np.random.default_rng(1).standard_normal(60)
    made = snippet(Case("one", 0, {"x": array}, strided=True), CHECK, CHECK.outputs[0], 0, 17, None)
    assert max(map(len, made)) <= 200
    names: dict[str, Any] = {}
    exec("\n".join(made[:-2]), names)
    assert (names["x"] == array).all()
    assert not names["x"].flags.contiguous


def test_a_form_is_spelt() -> None:
    """What is handed over is written as it was handed over in the form that worked."""
    check = Check(
        "f", "cases", (Output("y", show="y[0]"),), ("a", "b"), ("y = f(<form>)",), (), ("x", "x[None]")
    )
    made = snippet(Case("one", 0, {}), check, check.outputs[0], 1, 4, None)
    assert made == ("import numpy as np", "y = f(x[None])", "print(y[0])")
