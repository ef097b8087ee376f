"""How a one-cell homework is asked for: what is judged, the lines that a student pastes, and the adapter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from grader.cell.declared import SPELT, Argument, Call
from grader.cell.derived import Derived, gradients
from grader.declaration import Check, GradientOf, Output, Shape, products

SUITE = "cells"
MOST_CHARACTERS = 100  # of a pasted line that sets several weights
SAMPLES = (0,)  # the axis along which samples stand in a batch: each is held to its own scale


def forward(cell: Derived) -> Check:
    """Return the step, judged by the new states."""
    names = cell.forward.returned
    states = _variable(cell)
    shows = (states,) if len(names) == 1 else tuple(f"{states}[{i}]" for i in range(len(names)))
    return Check(
        call="forward",
        method=f"{cell.name}.{cell.forward.method}",
        suite=SUITE,
        outputs=tuple(_sampled(cell, name, show) for name, show in zip(names, shows, strict=True)),
        paste=(*_made(cell, "cell"), f"{states} = {_called(cell.forward, 'cell')}"),
        meanwhile=_meanwhile(cell),
    )


def backward(cell: Derived) -> Check:
    """Return the way back, judged by what it stores and what it returns."""
    deltas, forms = ", ".join(cell.deltas), cell.cell.forms
    has_forms = forms != ("(hidden,)",)
    handed = "<form>" if has_forms else ", ".join(_written(one) for one in cell.backward.arguments)
    goes_back = f"returned = cell.{cell.backward.method}({handed})  # {', '.join(cell.backward.returned)}"
    return Check(
        call="backward",
        method=f"{cell.name}.{cell.backward.method}",
        suite=SUITE,
        outputs=tuple(_gradient(cell, name) for name in gradients(cell)),
        forms=tuple(f"{deltas} of shape {form}" for form in forms) if has_forms else ("",),
        spelt=tuple(", ".join(SPELT[form].format(name) for name in cell.deltas) for form in forms)
        if has_forms
        else (),
        paste=(*_made(cell, "cell"), _called(cell.forward, "cell"), goes_back),
        meanwhile=_meanwhile(cell),
        gradient_of=_gradient_of(cell),
    )


def _gradient_of(cell: Derived) -> GradientOf:
    """Return what the gradients are of: the new states, each times the derivative by it that is handed in."""
    returned = dict(zip(cell.backward.returned, (cell.input, *cell.states), strict=True))
    return GradientOf(
        forward=forward(cell),
        made_of=cell.forward.returned,
        loss=products(dict(zip(cell.forward.returned, cell.deltas, strict=True))),
        by={name: returned.get(name, name.removeprefix("d")) for name in gradients(cell)},
    )


def adapter(cell: Derived) -> str:
    """Return the source of the adapter: it tells `inside.one_cell` the names, and nothing of the
    equations.
    """

    def told(call: Call) -> tuple[str, tuple[Argument, ...], tuple[str, ...]]:
        return call.method, call.arguments, call.returned

    what = {
        "name": cell.name,
        "sizes": cell.sizes,
        "weights": cell.weights,
        "also": dict(cell.cell.also),
        "forward": told(cell.forward),
        "backward": told(cell.backward),
        "forms": cell.cell.forms,
    }
    arguments = "".join(f"    {key}={value!r},\n" for key, value in what.items())
    return (
        f"from inside.one_cell import OneCell\n\nCELL = OneCell(\n{arguments})\n"
        "forward, backward, second_step = CELL.forward, CELL.backward, CELL.second_step\n"
    )


# --- what is judged


def _gradient(cell: Derived, name: str) -> Output:
    if name in cell.backward.returned:
        return _sampled(cell, name, f"returned[{cell.backward.returned.index(name)}]")
    weight = name.removeprefix("d")
    shape = Shape.VECTOR if cell.shape(weight).is_vector else Shape.EXACT
    also = tuple(one for one in cell.weights if one in cell.cell.also)
    blocks = tuple(cell.roles[one].gate for one in cell.parts.get(weight, ()))
    if weight in also:
        shown = f'getattr(cell, "d" + names[{also.index(weight)}])'
        return Output(name, shape, show=shown, blocks=blocks)
    return Output(name, shape, show=f"cell.{name}", blocks=blocks)


def _sampled(cell: Derived, name: str, show: str) -> Output:
    """Return an array that each sample has its own of."""
    if cell.cell.batch is None:
        return Output(name, Shape.VECTOR, show=show)
    return Output(name, each=SAMPLES, show=show)


# --- lines to paste


def _made(cell: Derived, instance: str, end: str = "") -> tuple[str, ...]:
    """Lines that make an instance and set its weights; `end` is written behind each array."""
    axis = "size" if cell.cell.batch is None else "shape[1]"
    sizes = {"input": f"{cell.input}.{axis}", "hidden": f"{cell.states[0]}.{axis}"}
    made = f"{instance} = {cell.name}({', '.join(sizes[name] for name in cell.sizes)})"
    return made, *_set(cell, instance, end), *_set_by_names(cell, instance, end)


def _set(cell: Derived, instance: str, end: str) -> Iterator[str]:
    """Lines that set the weights: matrices in one, or, where it gets long, by what they multiply; biases."""
    plain = [name for name in cell.weights if name not in cell.cell.also]
    for _, same in groupby(plain, key=cell.is_bias):
        names = list(same)
        whole = _assigned(names, instance, end)
        if len(whole) <= MOST_CHARACTERS:
            yield whole
            continue
        for _, group in groupby(names, key=lambda name: cell.roles[cell.parts.get(name, (name,))[0]].does):
            yield _assigned(list(group), instance, end)


def _assigned(names: list[str], instance: str, end: str) -> str:
    own = ", ".join(f"{instance}.{name}" for name in names)
    return f"{own} = {', '.join(f'{name}{end}' for name in names)}"


def _set_by_names(cell: Derived, instance: str, end: str) -> Iterator[str]:
    """Lines that set the weights that a class may call otherwise."""
    also = [name for name in cell.weights if name in cell.cell.also]
    if not also:
        return
    theirs = [cell.cell.also[name] for name in also]
    what = "bias" if all(cell.is_bias(name) for name in also) else "weight"
    if instance == "cell":
        plural = {"bias": "biases", "weight": "weights"}[what]
        yield f"# the {plural}, as your class has them: {theirs[0]} is {also[0]}, and so on"
        own, other = " ".join(also), " ".join(theirs)
        yield f'names = ("{other}" if hasattr(cell, "{theirs[0]}") else "{own}").split()'
    values = ", ".join(also) if len(also) > 1 else f"{also[0]},"
    yield f"for name, {what} in zip(names, ({values})): setattr({instance}, name, {what}{end})"


def _meanwhile(cell: Derived) -> tuple[str, ...]:
    """Lines that use a second instance, with all arrays turned around."""
    return (*_made(cell, "other", "[::-1]"), _called(cell.forward, "other", "[::-1]"))


def _variable(cell: Derived) -> str:
    """Return what the new states are called in the lines to paste, where the old ones have their names."""
    names = cell.forward.returned
    if len(names) > 1:
        return "state"
    taken = {*cell.forward.names, *cell.deltas, *cell.weights}
    return names[0] if names[0] not in taken else f"{names[0]}_t"


def _called(call: Call, instance: str, end: str = "") -> str:
    return f"{instance}.{call.method}({', '.join(_written(one, end) for one in call.arguments)})"


def _written(argument: Argument, end: str = "") -> str:
    if isinstance(argument, str):
        return f"{argument}{end}"
    return f"({', '.join(_written(one, end) for one in argument)})"
