"""How the class of a one-cell homework is called, whatever its cell: an adapter's calls, from its names.

Of the homework it knows names and the order of arguments; the equations stay with the grader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .adapter_api import Absent, Given, attribute, two

# What a form makes of a vector.
FORMS: Mapping[str, Any] = {"(hidden,)": ..., "(1, hidden)": np.s_[None, :], "(hidden, 1)": np.s_[:, None]}


class OneCell:
    """The calls of a homework's adapter: `forward`, `backward` and `second_step`.

    Args:
        name: of the class.
        sizes: what an instance is made of, "input" and "hidden" in the class's order.
        weights: names of the attributes that are set, and with d before them read.
        also: a weight's name -> another one that a class may have in its place.
        forward: the method, its arguments (names of arrays, or of several in a tuple), what it returns.
        backward: the same.
        forms: the shapes in which the derivatives are handed over, in the order of the check's forms.
    """

    def __init__(
        self,
        name: str,
        sizes: Sequence[str],
        weights: Sequence[str],
        also: Mapping[str, str],
        forward: tuple[str, tuple[Any, ...], tuple[str, ...]],
        backward: tuple[str, tuple[Any, ...], tuple[str, ...]],
        forms: Sequence[str],
    ) -> None:
        self.name, self.sizes, self.weights, self.also, self.forms = name, sizes, weights, also, forms
        self.forwards, self.inputs, self.new = forward
        self.backwards, self.deltas, self.by = backward

    def forward(self, module: Any, given: Given) -> Mapping[str, object]:
        """Return the new state of a fresh cell."""
        return self._states(self._step(module, self._cell(module, given), given))

    def backward(self, module: Any, given: Given) -> Mapping[str, object]:
        """All gradients of a fresh cell, after its own forward."""
        cell = self._cell(module, given)
        names = self._names(cell)
        self._step(module, cell, given)
        given.leaves(lambda: _gradients(cell, names))
        returned = self._back(cell, given)
        return {**_gradients(cell, names), **self._derivatives(returned)}

    def second_step(self, module: Any, given: Given) -> Mapping[str, object]:
        """Return what a second step on the same cell answers, other weights included."""
        cell, then = self._cell(module, given), given.next_step()
        names = self._names(cell)
        self._step(module, cell, given)
        self._back(cell, given)
        self._set(cell, then)
        states = self._states(self._step(module, cell, then))
        derivatives = self._derivatives(self._back(cell, then))
        # A name may stand for a state and for a derivative, such as dh; the derivative is asked for last.
        return {**states, **_gradients(cell, names), **derivatives}

    def _cell(self, module: Any, given: Given) -> Any:
        x, h = (given.arrays[name] for name in _flat(self.inputs)[:2])
        sizes = {"input": x.shape[-1], "hidden": h.shape[-1]}
        cell = getattr(module, self.name)(*(sizes[name] for name in self.sizes))
        self._set(cell, given)
        return cell

    def _set(self, cell: Any, given: Given) -> None:
        for name, own in self._names(cell).items():
            # By attribute, since many hand-ins have lost init_weights.
            setattr(cell, own, given.arrays[name])

    def _names(self, cell: Any) -> Mapping[str, str]:
        """Return the statement's name of each weight -> this class's own, told by what its __init__
        has set.
        """
        other = self.also if any(hasattr(cell, name) for name in self.also.values()) else {}
        return {name: other.get(name, name) for name in self.weights}

    def _step(self, module: Any, cell: Any, given: Given) -> object:
        """Run the cell's forward; interleaved, another cell runs right after it, and must not disturb it."""
        state = getattr(cell, self.forwards)(*(_filled(one, given) for one in self.inputs))
        if given.interleaved:
            state = _kept(state)
            reversed_ = {name: array[::-1].copy() for name, array in given.arrays.items()}
            other = Given(reversed_, given.form, interleaved=False)
            self._step(module, self._cell(module, other), other)
        return state

    def _back(self, cell: Any, given: Given) -> object:
        form = FORMS[self.forms[given.form]]
        formed = {name: given.arrays[name][form] for name in _flat(self.deltas)} if form is not ... else {}
        handed = Given({**given.arrays, **formed}, given.form, given.interleaved)
        return getattr(cell, self.backwards)(*(_filled(one, handed) for one in self.deltas))

    def _states(self, returned: object) -> Mapping[str, object]:
        if len(self.new) == 1:
            return {self.new[0]: returned}
        return several(self.new, returned, self.forwards)

    def _derivatives(self, returned: object) -> Mapping[str, object]:
        if len(self.by) == 2:
            return two(returned, *self.by)
        return several(self.by, returned, self.backwards)


def several(names: tuple[str, ...], returned: object, method: str) -> Mapping[str, object]:
    """Name what a method returned. Of too few arrays, those that are there count, in their order."""
    values = returned if isinstance(returned, tuple | list) else () if returned is None else (returned,)
    count = {0: "None", 1: "one value"}.get(len(values), f"{len(values)} values")
    absent = Absent(f"{method} must return {', '.join(names)}, and returned {count}")
    if len(values) > len(names):
        return dict.fromkeys(names, absent)
    return dict.fromkeys(names, absent) | dict(zip(names, values, strict=False))


def _gradients(cell: Any, names: Mapping[str, str]) -> Mapping[str, object]:
    return {f"d{name}": attribute(cell, f"d{own}") for name, own in names.items()}


def _kept(state: object) -> object:
    """Return a copy of the arrays that were returned, before another cell runs."""
    if isinstance(state, tuple | list):
        return [np.array(one) if isinstance(one, np.ndarray) else one for one in state]
    return np.array(state) if isinstance(state, np.ndarray) else state


def _flat(argument: Any) -> list[str]:
    return [argument] if isinstance(argument, str) else [name for one in argument for name in _flat(one)]


def _filled(argument: Any, given: Given) -> Any:
    """Return an argument with the arrays in place of their names."""
    if isinstance(argument, str):
        return given.arrays[argument]
    return tuple(_filled(one, given) for one in argument)
