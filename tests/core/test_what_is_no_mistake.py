"""Of what is no mistake of the equations, none is named: noise, garbage, another architecture.

The model hand-ins of all assignments are changed, and graded as hand-ins are.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from printed_hand_in import hand_in
from shipped import ANYWHERE, answers, known

from grader.cell.derived import Derived, derived
from grader.cell.explaining import declared
from grader.engine import Grader, Options
from grader.equations import grammar
from grader.faults.collected import Collected, program
from grader.faults.fault import Fault
from grader.faults.lines import Ways
from grader.faults.matching import Matcher
from grader.faults.modes import Mode
from grader.faults.operations import Kind, Slip
from grader.faults.values import ProbeCase
from grader.mistakes import Files, laid
from grader.records import Report

pytestmark = pytest.mark.slow  # not for `make check`

# Wraps what students write: each array that is returned, or stored as a gradient, becomes another.
CHANGED = """

import numpy as _np


def _seed(given):
    arrays = [_np.asarray(one, float) for one in given if isinstance(one, (float, _np.ndarray))]
    return int(sum(abs(float(one.sum())) for one in arrays) * 1e6) % 2**32


def _other(value, rng):
    if isinstance(value, tuple):
        return tuple(_other(one, rng) for one in value)
    if isinstance(value, dict):
        return {{name: _other(one, rng) for name, one in value.items()}}
    if not isinstance(value, (float, _np.floating)) and getattr(value, "dtype", None) != float:
        return value
    noise = rng.standard_normal(_np.shape(value))
    return {how}


def _wrapped(function):
    def called(*given, **named):
        rng = _np.random.default_rng(_seed(given))
        found = _other(function(*given, **named), rng)
        for name, one in vars(given[0]).items() if hasattr(given[0], "__dict__") else ():
            if name.startswith("d") and function.__name__ == "backward":
                setattr(given[0], name, _other(one, rng))
        return found
    return called
"""
HOW = {
    "random": "noise",
    "a thousandth of noise": "value + 1e-3 * _np.abs(value).max() * noise",
    "squared": "_np.asarray(value) ** 2 + 1.0",
}


def report(name: str, files: Files, folder: Path) -> Report:
    with Grader([known(name)], Options(assignment=name, debug=True)) as grader:
        return grader.grade(laid(files, folder / "hand-in"))


def named(found: Report) -> list[str]:
    """Return what a report names."""
    return [one.cause.says for row in found.problems for one in row.criteria if one.cause is not None]


def count_wrong(found: Report) -> int:
    """Return how many criteria fail by their values."""
    return sum(
        one.passed is False and one.reason == "value" for row in found.problems for one in row.criteria
    )


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", ANYWHERE)
def test_of_noise_no_mistake_is_named(name: str, how: str, tmp_path: Path) -> None:
    model = answers(name).model
    assert model is not None
    written = {method for wanted in known(name).wanted for method in wanted.methods}
    files = dict(model)
    for path, content in model.items():
        mine = [one for one in sorted(written) if f"def {one.rpartition('.')[2]}(".encode() in content]
        if path.endswith(".py") and mine:
            wraps = "".join(f"\n{one} = _wrapped({one})" for one in mine)
            files[path] = content + (CHANGED.format(how=HOW[how]) + wraps + "\n").encode()
    assert files != model
    found = report(name, files, tmp_path)
    assert count_wrong(found) > 1
    assert named(found) == []


@pytest.mark.parametrize(
    "other", ["noise", "found + 1e-3 * found.abs().max() * noise", "found**2 + 1"], ids=list(HOW)
)
def test_of_noise_in_a_notebook_no_mistake_is_named(other: str, tmp_path: Path) -> None:
    """The same of a step that is written in PyTorch."""
    model = answers("gru_notebook").model
    assert model is not None
    lines = ("def step(self, x, h):", "    found = self._step(x, h)", "    noise = torch.randn_like(found)")
    written = ("\\n    ".join((*lines, f"    return {other}", "", "def _step(self, x, h):"))).encode()
    files = {path: content.replace(lines[0].encode(), written) for path, content in model.items()}
    assert files != model
    found = report("gru_notebook", files, tmp_path)
    assert count_wrong(found) > 1
    assert named(found) == []


# --- another architecture, with a backward that is exact

ANOTHER = {
    "gru_cell": {
        "a leaky RNN": ("a_n = Wh h + Wx x", "h′ = 0.5 h + 0.5 n"),
        "gates of an LSTM": ("a_n = Wh h + Wx x", "h′ = tanh(r ⊙ h + z ⊙ n)"),
    },
    "torch_gru_cell": {
        "a leaky RNN": ("a_n = Wnx x + bnx + Wnh h + bnh", "h′ = 0.5 h + 0.5 n"),
        "gates of an LSTM": ("a_n = Wnx x + bnx + Wnh h + bnh", "h′ = tanh(r ⊙ h + z ⊙ n)"),
    },
    "torch_lstm_cell": {
        "a leaky RNN": ("c′ = 0.5 c + 0.5 g", "h′ = c′"),
        "a GRU's blend": ("c′ = f ⊙ c + (1 − f) ⊙ g", "h′ = o ⊙ c′ + (1 − o) ⊙ h"),
    },
}


@cache
def cell(name: str) -> Derived:
    module: Any = importlib.import_module(f"grader.assignments.{name}.assignment")
    return derived(known(name).folder, module.CELL)


@pytest.mark.parametrize(
    ("name", "which"), [(name, which) for name, some in ANOTHER.items() for which in some]
)
def test_of_another_architecture_no_mistake_is_named(name: str, which: str, tmp_path: Path) -> None:
    model = answers(name).model
    assert model is not None
    one = declared(cell(name))
    suite = known(name).suites["cells"](0)
    probe = Matcher(one, suite).case(suite.cases[0])
    ways = Ways(one, Collected(one, ProbeCase(program(one), probe.given, _sizes(probe))))
    changes = {}
    for line in ANOTHER[name][which]:
        (letter,), node = grammar.equation(line)
        changes[letter] = node
    assert changes.keys() <= ways.forward.keys(), ways.forward.keys()
    made = ways.derived(changes)
    assert made is not None
    forward, back = made
    lines = {line.letter: line.node for line in back.lines}
    outputs = {out: grammar.equation(f"x = {letter}")[1] for out, letter in one.derivatives(back).items()}
    slip = Slip(Kind.MOVED)
    fault = Fault(slip, "h′", "", Mode.CONSISTENT, lines=forward, back=lines, outputs=outputs)
    found = report(name, hand_in(model, cell(name), one, fault), tmp_path)
    assert count_wrong(found) > 1
    assert named(found) == []


def _sizes(case: ProbeCase) -> dict[str, int]:
    return {name: size for name, size in case.sizes.items() if name != "1"}
