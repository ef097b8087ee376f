"""Tests as a course writes them with Hypothesis: it draws shapes and seeds, NumPy fills the arrays.

64 cases of its own for each problem, and all nine arrays of each compared. HANDIN is the folder of the
hand-in.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
from hypothesis import given, seed, settings
from hypothesis import strategies as st

sys.path.append(os.environ["BENCHMARKS"])
sys.path.insert(0, os.environ["HANDIN"])
import usual_runner
from hw3.gru import GRU_Cell

SIZES = st.integers(1, 8)


@st.composite
def cases(draw: Any) -> usual_runner.Arrays:
    """Weights, input, state and delta of a cell of some size."""
    hidden, inputs, number = draw(SIZES), draw(SIZES), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(number)
    shapes = {"x": (inputs,), "h": (hidden,), "delta": (hidden,)}
    shapes |= {name: (hidden, inputs if name.endswith("x") else hidden) for name in usual_runner.WEIGHTS}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def holds(call: usual_runner.Call, case: usual_runner.Arrays) -> None:
    """Fail if an array is wrong."""
    true = usual_runner.expected(case)
    answers = call(GRU_Cell, case)
    assert not [name for name, answer in answers.items() if not usual_runner.matches(answer, true[name])]


@seed(0)
@settings(max_examples=64, deadline=None, database=None)
@given(cases())
def test_forward(case: usual_runner.Arrays) -> None:
    """GRU Cell Forward."""
    holds(usual_runner.forward, case)


@seed(0)
@settings(max_examples=64, deadline=None, database=None)
@given(cases())
def test_backward(case: usual_runner.Arrays) -> None:
    """GRU Cell Backward."""
    holds(usual_runner.backward, case)
