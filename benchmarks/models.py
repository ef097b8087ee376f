"""The model hand-ins beside torch's own cells: one step forward and back, by size, one thread each.

For torch_lstm_cell and rnn_step_by_step a batch has 32 samples; a GRU cell of the homeworks takes one at a
time. All are in float64. torch's cells have biases and, for gru_cell, another place for the reset: the work
is alike, not the same.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import rounds, timings
from grader import discovery

TITLE = "The model hand-ins"
SOURCES = discovery.BUILT_IN.parent.parent / "src"
SIZES = 8, 64, 256, 1_024  # of the hidden state and of the input
BATCH = 32
STEPS = 20

Do = Callable[[], object]


@cache
def module(path: str) -> types.ModuleType:
    """Return a model hand-in as a module, from its path in src/."""
    spec = importlib.util.spec_from_file_location(f"model_{Path(path).stem}", SOURCES / path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def one_sample(path: str, cell: str, size: int) -> tuple[Do, Do]:
    """Return a step and back by a GRU cell of ours, and by torch's."""
    rng = np.random.default_rng(0)
    ours = getattr(module(path), cell)(size, size)
    for value in vars(ours).values():
        if isinstance(value, np.ndarray):
            value /= np.sqrt(size)
    x, h, delta = (rng.standard_normal(size) for _ in range(3))

    def both_ways() -> None:
        ours.forward(x, h)
        ours.backward(delta.reshape(1, -1))

    theirs = torch.nn.GRUCell(size, size, dtype=torch.float64)
    return both_ways, partial(by_torch, theirs, size, 1)


def lstm(size: int) -> tuple[Do, Do]:
    """Return the same of an LSTM cell and a batch."""
    rng = np.random.default_rng(0)
    ours = module("torch_lstm_cell/hw3/lstm_cell.py").LSTMCell(size, size)
    for value in vars(ours).values():
        if isinstance(value, np.ndarray):
            value /= np.sqrt(size)
    x, h, c, dh, dc = (rng.standard_normal((BATCH, size)) for _ in range(5))

    def both_ways() -> None:
        ours.forward(x, (h, c))
        ours.backward(dh, dc)

    theirs = torch.nn.LSTMCell(size, size, dtype=torch.float64)
    return both_ways, partial(by_torch, theirs, size, BATCH)


def by_torch(cell: torch.nn.Module, size: int, batch: int) -> None:
    """Take one step with torch's cell and go back through it, for weights, input and states."""
    x = torch.ones(batch, size, dtype=torch.float64, requires_grad=True)
    states = [
        torch.ones(batch, size, dtype=torch.float64, requires_grad=True)
        for _ in range(2 if isinstance(cell, torch.nn.LSTMCell) else 1)
    ]
    out = cell(x, tuple(states) if len(states) > 1 else states[0])
    total = sum(one.sum() for one in out) if isinstance(out, tuple) else out.sum()
    torch.autograd.grad(total, [x, *states, *cell.parameters()])


def sequence(kind: str, size: int) -> tuple[Do, Do]:
    """Return the same of 20 steps of rnn_step_by_step's RNN or LSTM, and a batch."""
    rng = np.random.default_rng(0)
    provided = discovery.BUILT_IN / "rnn_step_by_step" / "provided"
    if str(provided) not in sys.path:
        sys.path.append(str(provided))
    ours = module("rnn_step_by_step/rnn_step_by_step.py")
    wide = {"rnn": {"Wax": size, "Waa": size}, "lstm": dict.fromkeys(("Wf", "Wi", "Wc", "Wo"), 2 * size)}[
        kind
    ]
    biases = {"rnn": ("ba",), "lstm": ("bf", "bi", "bc", "bo")}[kind]
    head = {"rnn": ("Wya", "by"), "lstm": ("Wy", "by")}[kind]
    parameters = {
        name: rng.standard_normal((size, columns)) / np.sqrt(columns) for name, columns in wide.items()
    }
    parameters |= {name: np.zeros((size, 1)) for name in biases}
    parameters |= {head[0]: np.zeros((1, size)), head[1]: np.zeros((1, 1))}
    x, a0 = rng.standard_normal((size, BATCH, STEPS)), np.zeros((size, BATCH))
    da = rng.standard_normal((size, BATCH, STEPS))
    forward, backward = getattr(ours, f"{kind}_forward"), getattr(ours, f"{kind}_backward")

    def both_ways() -> None:
        *_, caches = forward(x, a0, parameters)
        backward(da, caches)

    theirs = getattr(torch.nn, kind.upper())(size, size, dtype=torch.float64)

    def all_steps() -> None:
        given = torch.ones(STEPS, BATCH, size, dtype=torch.float64, requires_grad=True)
        out, _ = theirs(given)
        torch.autograd.grad(out.sum(), [given, *theirs.parameters()])

    return both_ways, all_steps


MODELS: Mapping[str, tuple[str, Callable[[int], tuple[Do, Do]]]] = {
    "gru_cell": ("GRUCell", partial(one_sample, "gru_cell/hw3/gru.py", "GRU_Cell")),
    "torch_gru_cell": ("GRUCell", partial(one_sample, "torch_gru_cell/hw3/gru_cell.py", "GRUCell")),
    "torch_lstm_cell": ("LSTMCell", lstm),
    "rnn_step_by_step, RNN": ("RNN", partial(sequence, "rnn")),
    "rnn_step_by_step, LSTM": ("LSTM", partial(sequence, "lstm")),
}


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure so many `model_rounds` of sizes up to `largest`, and return a row for each model.

    Returns:
        rows: model -> size -> milliseconds of ours and torch's, and their ratio.
    """
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    for name, (theirs, make) in MODELS.items():
        found[name] = {"torch": theirs, "sizes": {}}
        for size in (one for one in SIZES if one <= settings["largest"]):
            ours, others = make(size)
            taken = timings.in_turn({"ours": ours, "torch": others}, settings["model_rounds"])
            found[name]["sizes"][str(size)] = {
                **{who: rounds.spread([1e3 * one for one in its]) for who, its in taken.items()},
                "beside": rounds.spread(rounds.ratios(taken["ours"], taken["torch"])),
            }
    return {"rows": found}
