"""How an ElmanCell is called. It runs in the student's process, beside the hand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from inside.adapter_api import Absent, Given, attribute

WEIGHTS = ("W_x", "W_h", "b")


def forward(module: Any, given: Given) -> Mapping[str, object]:
    """h' of a fresh cell."""
    return {"h": _step(module, _cell(module, given), given)}


def backward(module: Any, given: Given) -> Mapping[str, object]:
    """All five gradients of a fresh cell, after its own forward."""
    cell = _cell(module, given)
    _step(module, cell, given)
    returned = cell.backward(given.arrays["dh_next"])
    gradients = {f"d{name}": attribute(cell, f"d{name}") for name in WEIGHTS}
    if isinstance(returned, tuple | list) and len(returned) == 2:
        return {"dx": returned[0], "dh": returned[1], **gradients}
    absent = Absent("backward must return two arrays, dx and dh")
    return {"dx": absent, "dh": absent, **gradients}


def _cell(module: Any, given: Given) -> Any:
    hidden, inputs = given.arrays["W_x"].shape
    cell = module.ElmanCell(inputs, hidden)
    for name in WEIGHTS:
        setattr(cell, name, given.arrays[name])
    return cell


def _step(module: Any, cell: Any, given: Given) -> object:
    """Run the cell's forward; interleaved, another cell runs right after it, and must not disturb it."""
    h = cell.forward(given.arrays["x"], given.arrays["h"])
    if given.interleaved:
        h = np.array(h) if isinstance(h, np.ndarray) else h
        turned = {name: array[::-1].copy() for name, array in given.arrays.items()}
        other = Given(turned, given.form, interleaved=False)
        _step(module, _cell(module, other), other)
    return h
