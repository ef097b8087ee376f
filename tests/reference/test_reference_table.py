"""The table of dialects: complete, held to what the cells' tests prove, and its heads proven here."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from unrolled import EVERY_DIALECT, Array, Arrays, assert_same, slopes

import reference
from reference import dialects
from reference.dialects import Dialect, Head, Orientation, Output, side_by_side
from reference.gradients import outputs_and_gradients
from reference.heads import answer
from reference.table import TABLE

EVERY_HEAD = [Head(output, biases, way) for output in Output for biases in (0, 1) for way in Orientation]


def test_the_table_has_every_named_dialect() -> None:
    """No constant of `dialects` is missing from the table."""
    named = [value for value in vars(dialects).values() if isinstance(value, Dialect)]
    assert len(named) == len(TABLE)
    assert all(any(row.cell is dialect for row in TABLE.values()) for dialect in named)


@pytest.mark.parametrize("name", TABLE)
def test_every_row_is_proven(name: str) -> None:
    """Its cell, also without biases, and its head are among those that are held to other systems."""
    row = TABLE[name]
    assert row.cell in EVERY_DIALECT
    assert replace(row.cell, biases=0) in EVERY_DIALECT  # type: ignore[type-var]
    assert row.head is None or row.head in EVERY_HEAD


@pytest.mark.parametrize("name", TABLE)
def test_what_is_stacked_is_every_gate_once(name: str) -> None:
    """A stacked array holds each gate of its cell, a concatenated one the input and the old state."""
    row = TABLE[name]
    assert not row.stacked or sorted(row.stacked) == sorted(row.cell.gates)
    assert not row.concatenated or sorted(row.concatenated) == ["h", "x"]


def test_parts_stand_side_by_side_in_their_order() -> None:
    """Each part starts where the one before it ends."""
    assert side_by_side({"h": 5, "x": 3}) == {"h": slice(0, 5), "x": slice(5, 8)}
    stacked = np.arange(8)
    parts = side_by_side(dict.fromkeys(dialects.TORCH_LSTM_ORDER, 2))
    assert [list(stacked[parts[gate]]) for gate in "ifgo"] == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_the_table_needs_no_torch() -> None:
    """Whoever only looks something up waits for no import of torch."""
    code = "import sys, reference.table; sys.exit('torch' in sys.modules)"
    root = Path(reference.__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env={**os.environ}, timeout=60)


# --- heads


def drawn(head: Head) -> Arrays:
    rng = np.random.default_rng(1)
    shape = (4, 3) if head.orientation is Orientation.OUTPUT_BY_INPUT else (3, 4)
    biases = {"b_y": rng.normal(size=4)} if head.biases else {}
    return {"W_y": rng.normal(size=shape), **biases, "h": rng.normal(size=(5, 2, 3))}


def by_hand(head: Head, given: Arrays) -> Array:
    """The equation, state by state."""
    W_y = given["W_y"] if head.orientation is Orientation.OUTPUT_BY_INPUT else given["W_y"].T
    answers = np.empty((*given["h"].shape[:-1], 4))
    for index in np.ndindex(answers.shape[:-1]):
        a = W_y @ given["h"][index] + given.get("b_y", 0)
        softmax = np.exp(a) / np.exp(a).sum()
        made = {
            "linear": a,
            "sigmoid": 1 / (1 + np.exp(-a)),
            "softmax": softmax,
            "log softmax": np.log(softmax),
        }
        answers[index] = made[head.output]
    return answers


@pytest.mark.parametrize(
    "head", EVERY_HEAD, ids=lambda head: f"{head.output}, {head.biases}, {head.orientation}"
)
def test_every_head_is_its_equation(head: Head) -> None:
    """Answers are the equation's, and gradients its slopes, for a sequence of batches."""
    given, delta = drawn(head), np.random.default_rng(2).normal(size=(5, 2, 4))

    def function(tensors: Any) -> dict[str, torch.Tensor]:
        return {"y": answer(head, tensors, tensors["h"])}

    found = dict(outputs_and_gradients(function, given, {"y": delta}))
    assert_same({"y": found.pop("y")}, {"y": by_hand(head, given)})
    assert_same(
        found, slopes(lambda arrays: float((delta * by_hand(head, arrays)).sum()), given), within=1e-6
    )
