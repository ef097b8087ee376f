"""How a GRU_Cell is called. Runs in the student's process: NumPy, the standard library and `inside` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from inside.asking import Absent, Given, attribute

WEIGHTS = ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx")

# The forms that assignment.py declares in words: how x, h and delta are handed over.
VECTORS, DELTA_ROW, DELTA_VECTOR, ROWS, COLUMNS = "vectors", "delta row", "delta vector", "rows", "columns"
FORWARD_FORMS = (VECTORS, ROWS, COLUMNS)
BACKWARD_FORMS = (DELTA_ROW, DELTA_VECTOR, ROWS, COLUMNS)


def forward(module: Any, given: Given) -> Mapping[str, object]:
    """h_t of a fresh cell."""
    cell = _cell(module, given)
    return {"h": _step(module, cell, given, FORWARD_FORMS[given.form])}


def backward(module: Any, given: Given) -> Mapping[str, object]:
    """All eight gradients of a fresh cell, after its own forward."""
    form = BACKWARD_FORMS[given.form]
    cell = _cell(module, given)
    _step(module, cell, given, form)
    delta = given.arrays["delta"]
    returned = cell.backward(_shaped(delta, ROWS if form == DELTA_ROW else form))
    gradients = {f"d{name}": attribute(cell, f"d{name}") for name in WEIGHTS}
    return {**gradients, **_inputs_gradients(returned)}


def _cell(module: Any, given: Given) -> Any:
    hidden, inputs = given.arrays["Wzx"].shape
    cell = module.GRU_Cell(inputs, hidden)
    for name in WEIGHTS:
        # By attribute, since many hand-ins have lost init_weights.
        setattr(cell, name, given.arrays[name].copy())
    return cell


def _step(module: Any, cell: Any, given: Given, form: str) -> object:
    """The cell's forward; in company, another cell runs right after it, and must not disturb it."""
    h = cell.forward(_shaped(given.arrays["x"], form), _shaped(given.arrays["h"], form))
    if given.company:
        answer = np.array(h) if isinstance(h, np.ndarray) else h
        other = Given({name: array[::-1] for name, array in given.arrays.items()}, given.form, company=False)
        _step(module, _cell(module, other), other, form)
        return answer
    return h


def _shaped(vector: np.ndarray[Any, Any], form: str) -> np.ndarray[Any, Any]:
    if form == ROWS:
        return vector[None, :]
    if form == COLUMNS:
        return vector[:, None]
    return vector


def _inputs_gradients(returned: object) -> Mapping[str, object]:
    if returned is None:
        absent = Absent("is missing: backward returned None, not dx, dh")
        return {"dx": absent, "dh": absent}
    if isinstance(returned, tuple | list) and len(returned) == 2:
        return {"dx": returned[0], "dh": returned[1]}
    return {"dx": returned, "dh": Absent("is missing: backward must return two arrays, dx and dh")}
