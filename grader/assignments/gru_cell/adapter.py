"""How a GRU_Cell is called. Runs in the student's process: NumPy, the standard library and `inside` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from inside.asking import Given, attribute, two

WEIGHTS = ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx")


def forward(module: Any, given: Given) -> Mapping[str, object]:
    """h_t of a fresh cell."""
    cell = _cell(module, given)
    return {"h": _step(module, cell, given)}


def backward(module: Any, given: Given) -> Mapping[str, object]:
    """All eight gradients of a fresh cell, after its own forward."""
    cell = _cell(module, given)
    _step(module, cell, given)
    given.leaves(lambda: _gradients(cell))
    returned = cell.backward(_delta(given))
    return {**_gradients(cell), **two(returned, "dx", "dh")}


def second_step(module: Any, given: Given) -> Mapping[str, object]:
    """What a second step on the same cell answers, other weights included."""
    cell, then = _cell(module, given), given.next_step()
    _step(module, cell, given)
    cell.backward(_delta(given))
    _set(cell, then)
    h = _step(module, cell, then)
    return {"h": h, **two(cell.backward(_delta(then)), "dx", "dh"), **_gradients(cell)}


def _delta(given: Given) -> Any:
    """The forms that assignment.py declares in words: (1, hidden), then (hidden,)."""
    delta = given.arrays["delta"]
    return delta[None, :] if given.form == 0 else delta


def _gradients(cell: Any) -> Mapping[str, object]:
    return {f"d{name}": attribute(cell, f"d{name}") for name in WEIGHTS}


def _cell(module: Any, given: Given) -> Any:
    hidden, inputs = given.arrays["Wzx"].shape
    cell = module.GRU_Cell(inputs, hidden)
    _set(cell, given)
    return cell


def _set(cell: Any, given: Given) -> None:
    for name in WEIGHTS:
        # By attribute, since many hand-ins have lost init_weights.
        setattr(cell, name, given.arrays[name])


def _step(module: Any, cell: Any, given: Given) -> object:
    """The cell's forward; in company, another cell runs right after it, and must not disturb it."""
    h = cell.forward(given.arrays["x"], given.arrays["h"])
    if given.company:
        h = np.array(h) if isinstance(h, np.ndarray) else h
        reversed_ = {name: array[::-1].copy() for name, array in given.arrays.items()}
        other = Given(reversed_, given.form, company=False)
        _step(module, _cell(module, other), other)
    return h
