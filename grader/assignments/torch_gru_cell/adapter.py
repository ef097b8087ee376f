"""How a GRUCell is called. Runs in the student's process: NumPy, the standard library and `inside` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from inside.asking import Given, attribute, two

WEIGHTS = ("Wrx", "Wzx", "Wnx", "Wrh", "Wzh", "Wnh")
BIASES = ("brx", "bzx", "bnx", "brh", "bzh", "bnh")
# What some terms call the biases: the same letters in another order, i for input where others write x.
OTHER_NAMES = {"brx": "bir", "bzx": "biz", "bnx": "bin", "brh": "bhr", "bzh": "bhz", "bnh": "bhn"}


def forward(module: Any, given: Given) -> Mapping[str, object]:
    """h_t of a fresh cell."""
    cell = _cell(module, given)
    return {"h_t": _step(module, cell, given)}


def backward(module: Any, given: Given) -> Mapping[str, object]:
    """All fourteen gradients of a fresh cell, after its own forward."""
    cell = _cell(module, given)
    names = _names(cell)
    _step(module, cell, given)
    given.leaves(lambda: _gradients(cell, names))
    returned = cell.backward(_delta(given))
    return {**_gradients(cell, names), **two(returned, "dx", "dh")}


def second_step(module: Any, given: Given) -> Mapping[str, object]:
    """What a second step on the same cell answers, other weights included."""
    cell, then = _cell(module, given), given.next_step()
    names = _names(cell)
    _step(module, cell, given)
    cell.backward(_delta(given))
    _set(cell, then)
    h_t = _step(module, cell, then)
    return {"h_t": h_t, **two(cell.backward(_delta(then)), "dx", "dh"), **_gradients(cell, names)}


def _delta(given: Given) -> Any:
    """The forms that assignment.py declares in words: (hidden,), then (1, hidden)."""
    delta = given.arrays["delta"]
    return delta if given.form == 0 else delta[None, :]


def _gradients(cell: Any, names: Mapping[str, str]) -> Mapping[str, object]:
    return {f"d{name}": attribute(cell, f"d{theirs}") for name, theirs in names.items()}


def _cell(module: Any, given: Given) -> Any:
    hidden, inputs = given.arrays["Wrx"].shape
    cell = module.GRUCell(inputs, hidden)
    _set(cell, given)
    return cell


def _set(cell: Any, given: Given) -> None:
    for name, theirs in _names(cell).items():
        # By attribute, since many hand-ins have lost init_weights.
        setattr(cell, theirs, given.arrays[name])


def _names(cell: Any) -> Mapping[str, str]:
    """The statement's name of each weight and bias -> this class's own, told by what its __init__ has set."""
    other = any(hasattr(cell, name) for name in OTHER_NAMES.values())
    biases = OTHER_NAMES if other else dict(zip(BIASES, BIASES, strict=True))
    return {**dict(zip(WEIGHTS, WEIGHTS, strict=True)), **biases}


def _step(module: Any, cell: Any, given: Given) -> object:
    """The cell's forward; in company, another cell runs right after it, and must not disturb it."""
    h_t = cell.forward(given.arrays["x"], given.arrays["h_prev_t"])
    if given.company:
        h_t = np.array(h_t) if isinstance(h_t, np.ndarray) else h_t
        reversed_ = {name: array[::-1].copy() for name, array in given.arrays.items()}
        other = Given(reversed_, given.form, company=False)
        _step(module, _cell(module, other), other)
    return h_t
