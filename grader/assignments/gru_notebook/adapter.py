"""How a GRU in a notebook is called, and the notebook run. Runs in the student's process.

NumPy, the standard library, torch and `inside` only.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr
from types import ModuleType
from typing import Any

import numpy as np
import torch
from inside import doors, gru_wiring, notebook_shell
from inside.adapter_api import Absent, Content, Given

EPOCHS = 1  # of a training, where a notebook is run again
LIMIT_S = 100.0  # for all cells together; the call has some seconds more
MOST_TRIALS = 1_000  # entries of `trials` that are handed over
SIZES = (5, 7)  # at which it is told where the weights are
GATES = "zrh"
NOT_ALLOWED = "uses {}, and the statement does not allow torch's own GRU: write out Equations (1) to (4)"

_wirings: dict[tuple[int, int], gru_wiring.Wiring] = {}
_ran: list[notebook_shell.Ran] = []


def weights(module: Any, given: Given) -> Mapping[str, object]:
    """Return which weights there are, in words, a line each: what it is, a tab, where it is."""
    net = _network(module, *SIZES)
    x, h = torch.zeros(1, SIZES[0]), torch.zeros(1, SIZES[1])

    def answer() -> Mapping[str, object]:
        return {"weights": (net.step(x, h), net.output(h))}

    asked = _allowed(answer, ("weights",))["weights"]
    return {"weights": asked if isinstance(asked, Absent) else _described(net, *SIZES)}


def step(module: Any, given: Given) -> Mapping[str, object]:
    """Take one step of a network with the given weights."""

    x, h = (torch.as_tensor(given.arrays[name]) for name in ("x", "h"))
    net = _filled(module, given.arrays, x.shape[1], h.shape[1])
    if given.interleaved:
        arrays = {name: array[::-1].copy() for name, array in given.arrays.items()}
        other = _filled(module, arrays, x.shape[1], h.shape[1])
        other.step(torch.as_tensor(arrays["x"]), torch.as_tensor(arrays["h"]))

    def answer() -> Mapping[str, object]:
        return {"h_next": _array(net.step(x, h))}

    return _allowed(answer, ("h_next",))


def output(module: Any, given: Given) -> Mapping[str, object]:
    """Return what a network with the given weights makes of a state."""

    h = torch.as_tensor(given.arrays["h"])
    net = _filled(module, given.arrays, given.arrays["V"].shape[1], h.shape[1])

    def answer() -> Mapping[str, object]:
        return {"y": _array(net.output(h))}

    return _allowed(answer, ("y",))


def sequence(module: Any, given: Given) -> Mapping[str, object]:
    """Return the outputs for whole sequences, and their gradients: of each weight one row, then zeros."""

    x = torch.as_tensor(given.arrays["x"])
    net = _filled(module, given.arrays, x.shape[2], given.arrays["W_z"].shape[0])

    def answer() -> Mapping[str, object]:
        outputs = net(x)
        answered = {"sequence": _array(outputs)}
        given.leaves(lambda: answered)
        (outputs * torch.as_tensor(given.arrays["delta"])).sum().backward()
        wiring = _wired(module, x.shape[2], given.arrays["W_z"].shape[0])
        longest = max(given.arrays[name].size for name in gru_wiring.WEIGHTS)
        rows = np.zeros((len(gru_wiring.WEIGHTS), longest))
        for row, name in zip(rows, gru_wiring.WEIGHTS, strict=True):
            gradient = wiring.gradient(net, name).ravel()
            row[: gradient.size] = gradient
        return {**answered, "gradients": rows}

    return _allowed(answer, ("sequence", "gradients"))


def matching_length(module: Any, given: Given) -> Mapping[str, object]:
    """Return how long a prediction matches; texts travel as the numbers of their characters."""
    text, prime, prediction = (
        "".join(map(chr, given.arrays[name].astype(int))) for name in ("text", "prime", "prediction")
    )
    return {"matching_length": _array(module.matching_length(text, prime, prediction))}


def trials_at_least(module: Any, given: Given) -> Mapping[str, object]:
    """Return how many lengths are at least n."""
    lengths = [int(length) for length in given.arrays["lengths"]]
    return {"trials_at_least": _array(module.trials_at_least(lengths, int(given.arrays["n_max"][0])))}


def gradient_W(module: Any, given: Given) -> Mapping[str, object]:
    """Return the gradient of Question 1."""
    names = ("x", "t", "U", "W", "V", "b", "c")
    tensors = {name: torch.as_tensor(given.arrays[name].copy()) for name in names}
    _begin()
    return {"dW": _array(module.gradient_W(*(tensors[name] for name in names)))}


def experiment(module: Any, given: Given) -> Mapping[str, object]:
    """Return what the notebook leaves in `trials`, and what stands on the axes of its figures."""
    ran = _run(given)
    if "trials" not in ran.names:
        return {name: Absent("was not there when the notebook had run") for name in ("trials", "figure")}
    labels = [
        f"{figure.cell}\t{below}\t{left}\t{int(has_data)}"
        for figure in ran.figures
        for below, left, has_data in figure.labels
    ]
    trials = ran.names["trials"]
    if isinstance(trials, list | tuple):
        trials = trials[:MOST_TRIALS]
    return {"trials": _array(trials), "figure": Content("\n".join(labels).encode("utf-8", "replace"))}


def notebook(module: Any, given: Given) -> Mapping[str, object]:
    """Return what the cells of the notebook put out, as `inside.notebook_outputs` packs it."""
    return {"runs from top to bottom": Content(_run(given).outputs.packed())}


def _run(given: Given) -> notebook_shell.Ran:
    """Run the notebook, once."""
    if not _ran:
        homework = ModuleType("homework")
        homework.epochs = lambda wanted: min(int(wanted), EPOCHS)  # type: ignore[attr-defined]
        torch.set_default_dtype(torch.float32)
        torch.manual_seed(0)
        _ran.append(notebook_shell.run(given.cells, LIMIT_S, {"homework": homework}))
    return _ran[0]


def _begin() -> None:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)


def _network(module: Any, inputs: int, hidden: int) -> Any:
    _begin()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return module.GRU([inputs, hidden]).double()


def _wired(module: Any, inputs: int, hidden: int) -> gru_wiring.Wiring:
    if (inputs, hidden) not in _wirings:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            _wirings[inputs, hidden] = gru_wiring.wired(_network(module, inputs, hidden), inputs, hidden)
    return _wirings[inputs, hidden]


def _filled(module: Any, arrays: Mapping[str, Any], inputs: int, hidden: int) -> Any:
    """Return a fresh network with these weights; those that are not given are zero."""
    wiring = _wired(module, inputs, hidden)
    net = _network(module, inputs, hidden)
    wiring.set(net, {name: arrays[name] for name in gru_wiring.WEIGHTS if name in arrays})
    return net


def _described(net: Any, inputs: int, hidden: int) -> Content:
    wiring = gru_wiring.wired(net, inputs, hidden)
    lines = [f"{name}\t{wiring.said(name)}" for name in gru_wiring.WEIGHTS]
    lines += [f"\t{name}" for name in wiring.idle]
    return Content("\n".join(lines).encode("utf-8", "replace"))


def _allowed(answer: Callable[[], Mapping[str, object]], names: tuple[str, ...]) -> Mapping[str, object]:
    """Return an answer, unless torch's own GRU has a part in it."""
    with doors.watched() as found:
        answered = answer()
    if found:
        return {name: Absent(NOT_ALLOWED.format(found[0])) for name in names}
    return answered


def _array(value: Any) -> Any:
    """Return a tensor as an array, and whatever else it is as it is."""
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value
