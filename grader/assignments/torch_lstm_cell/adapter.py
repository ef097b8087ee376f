"""How an LSTMCell is called. Runs in the student's process: NumPy, the standard library and `inside` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from inside.asking import Absent, Given, attribute

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def forward(module: Any, given: Given) -> Mapping[str, object]:
    """The new state (h', c') of a fresh cell."""
    return _named(("h", "c"), _step(module, _cell(module, given), given), "forward")


def backward(module: Any, given: Given) -> Mapping[str, object]:
    """All seven gradients of a fresh cell, after its own forward."""
    cell = _cell(module, given)
    _step(module, cell, given)
    given.leaves(lambda: _gradients(cell))
    returned = cell.backward(given.arrays["dh_next"], given.arrays["dc_next"])
    return {**_gradients(cell), **_named(("dx", "dh", "dc"), returned, "backward")}


def second_step(module: Any, given: Given) -> Mapping[str, object]:
    """What a second step on the same cell answers, other weights included."""
    cell, then = _cell(module, given), given.next_step()
    _step(module, cell, given)
    cell.backward(given.arrays["dh_next"], given.arrays["dc_next"])
    _set(cell, then)
    state = _named(("h", "c"), _step(module, cell, then), "forward")
    returned = cell.backward(then.arrays["dh_next"], then.arrays["dc_next"])
    # dh and dc are the derivatives by the state before it.
    return {**state, **_gradients(cell), **_named(("dx", "dh", "dc"), returned, "backward")}


def _gradients(cell: Any) -> Mapping[str, object]:
    return {f"d{name}": attribute(cell, f"d{name}") for name in WEIGHTS}


def _cell(module: Any, given: Given) -> Any:
    inputs, hidden = given.arrays["x"].shape[1], given.arrays["h"].shape[1]
    cell = module.LSTMCell(inputs, hidden)
    _set(cell, given)
    return cell


def _set(cell: Any, given: Given) -> None:
    for name in WEIGHTS:
        setattr(cell, name, given.arrays[name])


def _step(module: Any, cell: Any, given: Given) -> object:
    """The cell's forward; in company, another cell runs right after it, and must not disturb it."""
    state = cell.forward(given.arrays["x"], (given.arrays["h"], given.arrays["c"]))
    if given.company:
        if isinstance(state, tuple | list):
            state = [np.array(one) if isinstance(one, np.ndarray) else one for one in state]
        reversed_ = {name: array[::-1].copy() for name, array in given.arrays.items()}
        other = Given(reversed_, given.form, company=False)
        _step(module, _cell(module, other), other)
    return state


def _named(names: tuple[str, ...], returned: object, method: str) -> Mapping[str, object]:
    """What a method returned, by name. Of too few arrays, those that are there count, in their order."""
    values = returned if isinstance(returned, tuple | list) else () if returned is None else (returned,)
    count = {0: "None", 1: "one value"}.get(len(values), f"{len(values)} values")
    absent = Absent(f"{method} must return {', '.join(names)}, and returned {count}")
    if len(values) > len(names):
        return dict.fromkeys(names, absent)
    return dict.fromkeys(names, absent) | dict(zip(names, values, strict=False))
