"""A cell of any dialect, unrolled through time, and what the reference answers: shared by its tests.

What the cells of Keras and ONNX have in common is here too: their gates stand side by side, with two biases
or the sum of both, and their update gate keeps by z.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from reference import cells, gru, lstm, rnn
from reference.dialects import (
    Activation,
    Biases,
    Dialect,
    GRUDialect,
    Keeps,
    LSTMDialect,
    Orientation,
    Reset,
    RNNDialect,
)
from reference.gradients import outputs_and_gradients

Array = NDArray[Any]
Arrays = dict[str, Array]

BIASES: tuple[Biases, ...] = (0, 1, 2)
EVERY_RNN = [RNNDialect(*choices) for choices in product(Activation, BIASES, Orientation)]
EVERY_GRU = [GRUDialect(*choices) for choices in product(Keeps, Reset, BIASES, Orientation)]
EVERY_LSTM = [LSTMDialect(*choices) for choices in product(BIASES, Orientation)]
EVERY_DIALECT: list[Dialect] = [*EVERY_RNN, *EVERY_GRU, *EVERY_LSTM]

few = settings(deadline=None, database=None, derandomize=True, max_examples=10)
fewer = settings(few, max_examples=5)


def each(dialects: Iterable[Dialect]) -> pytest.MarkDecorator:
    """Return the test, once for each dialect, with its choices in the test's name."""
    return pytest.mark.parametrize("dialect", list(dialects), ids=in_words)


def in_words(dialect: Dialect) -> str:
    """For example: RNN, tanh, biases 2, x W."""
    choices = vars(dialect).items()
    said = [f"{name} {choice}" if isinstance(choice, int) else str(choice) for name, choice in choices]
    return ", ".join([dialect.cell.split()[1], *said])


@dataclass(frozen=True)
class Sizes:
    steps: int
    batch: int
    input: int
    hidden: int
    seed: int


def sizes(most: int, steps: int = 5) -> st.SearchStrategy[Sizes]:
    """Batch, input and hidden from 1 to `most`, up to `steps` steps."""
    size = st.integers(1, most)
    return st.builds(Sizes, st.integers(1, steps), size, size, size, seed=st.integers(0, 2**32 - 1))


@dataclass(frozen=True)
class Unrolled:
    """A cell's way through a sequence, and what is propagated back through it.

    Attributes:
        weights: by canonical name.
        x: (steps, batch, input).
        start: the first state, h and for an LSTM also c: (batch, hidden) each.
        deltas: derivatives of the loss by every h (steps, batch, hidden), and by the last c (batch, hidden).
    """

    dialect: Dialect
    weights: Arrays
    x: Array
    start: Arrays
    deltas: Arrays

    @property
    def arguments(self) -> Arrays:
        """Everything that has a gradient."""
        return {**self.weights, "x": self.x, **self.start}

    def answer(self, by: str = "step") -> Arrays:
        """Every h under "h", the last c under "c", and all gradients, by the reference's cells."""

        def function(given: Any) -> dict[str, Tensor]:
            state = tuple(given[name] for name in self.start)
            through = []
            for x_t in given["x"]:
                state = advance(by, self.dialect, given, x_t, state)
                through.append(state[0])
            return dict(zip(("h", "c"), (torch.stack(through), *state[1:]), strict=False))

        return dict(outputs_and_gradients(function, self.arguments, self.deltas))


def advance(
    by: str, dialect: Dialect, weights: Any, x: Tensor, state: tuple[Tensor, ...]
) -> tuple[Tensor, ...]:
    """Return the next state, (h,) or (h, c), by the reference's function of that name."""
    if by == "letters":
        own = {name: weights[name] for name in dialect.weight_shapes(1, 1)}
        found = cells.letters(dialect, own, x, state)
        return tuple(found[name] for name, _ in zip("hc", state, strict=False))
    if isinstance(dialect, LSTMDialect):
        return tuple(getattr(lstm, by)(dialect, weights, x, state))
    module = rnn if isinstance(dialect, RNNDialect) else gru
    return (getattr(module, by)(dialect, weights, x, *state),)


def drawn(dialect: Dialect, size: Sizes) -> Unrolled:
    """Pre-activations stay of order 1: where they saturate, right formulations round differently."""
    rng = np.random.default_rng(size.seed)
    shapes = dialect.weight_shapes(size.input, size.hidden)
    weights = {name: 0.5 * rng.normal(size=shape) for name, shape in shapes.items()}
    state = (size.batch, size.hidden)
    cell_state = ("c",) if isinstance(dialect, LSTMDialect) else ()
    return Unrolled(
        dialect,
        weights,
        x=rng.normal(size=(size.steps, size.batch, size.input)),
        start={name: np.tanh(rng.normal(size=state)) for name in ("h", *cell_state)},
        deltas={"h": rng.normal(size=(size.steps, *state))}
        | {name: rng.normal(size=state) for name in cell_state},
    )


def assert_same(actual: Arrays, expected: Arrays, within: float = 1e-12) -> None:
    """Each array has the same shape, and its largest error is within that part of its largest entry."""
    assert actual.keys() == expected.keys()
    for name, true in expected.items():
        assert actual[name].shape == true.shape, name
        error, scale = np.abs(actual[name] - true).max(), np.abs(true).max()
        assert error <= within * scale, f"{name}: {error:.1e} of {scale:.1e}"


class Rows(NamedTuple):
    """One gate's weights, one row per output, and its two biases; arrays or tensors."""

    W_x: Any  # (hidden, input)
    W_h: Any  # (hidden, hidden)
    b_x: Any  # (hidden,)
    b_h: Any  # (hidden,)


def by_rows(dialect: Dialect, weights: Any) -> dict[str, Rows]:
    """Gate -> its rows, with zeros where there is no bias; without any help of the reference."""
    found = {}
    for gate in dialect.gates:
        W_x, W_h = weights[f"W_{gate}x"], weights[f"W_{gate}h"]
        if dialect.orientation is Orientation.INPUT_BY_OUTPUT:
            W_x, W_h = W_x.T, W_h.T
        no_bias = 0 * W_h[0]
        only = weights.get(f"b_{gate}" if gate else "b", no_bias)
        found[gate] = Rows(W_x, W_h, weights.get(f"b_{gate}x", only), weights.get(f"b_{gate}h", no_bias))
    return found


def kept_by_z(dialect: Dialect, weights: Any) -> dict[str, Rows]:
    """Return the same for a cell that keeps by z: where the homework keeps by 1 - z, the update gate is
    negated.

    sigmoid(-a) = 1 - sigmoid(a).
    """
    found = by_rows(dialect, weights)
    if isinstance(dialect, GRUDialect) and dialect.keeps is Keeps.ONE_MINUS_Z:
        found["z"] = Rows(*(-part for part in found["z"]))
    return found


def by_name(dialect: Dialect, gradients: dict[str, Rows]) -> Arrays:
    """Gate -> gradients, shaped like its rows, under the dialect's own names and the dialect's way round."""
    named = {}
    for gate, rows in gradients.items():
        turned = dialect.orientation is Orientation.INPUT_BY_OUTPUT
        named[f"dW_{gate}x"], named[f"dW_{gate}h"] = (dW.T if turned else dW for dW in rows[:2])
        both = {f"b_{gate}x": rows.b_x, f"b_{gate}h": rows.b_h, f"b_{gate}": rows.b_x, "b": rows.b_x}
        named |= {f"d{name}": both[name] for name in dialect.bias_names(gate)}
    return named


def slopes(loss: Callable[[Arrays], float], arguments: Arrays, h: float = 1e-5) -> Arrays:
    """d + name -> the derivative of the loss by each entry of each argument, by central differences."""
    found = {}
    for name, array in arguments.items():
        gradient = np.empty_like(array)
        for index in np.ndindex(array.shape):
            up, down = array.copy(), array.copy()
            up[index] += h
            down[index] -= h
            gradient[index] = (loss({**arguments, name: up}) - loss({**arguments, name: down})) / (2 * h)
        found[f"d{name}"] = gradient
    return found
