"""One step of whichever cell a dialect is of: by torch's own cell, or letter by letter."""

from __future__ import annotations

from torch import Tensor

from reference import gru, lstm, rnn
from reference.dialects import Dialect, GRUDialect, LSTMDialect, RNNDialect
from reference.gradients import Tensors


def step(dialect: Dialect, weights: Tensors, x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return the new states by torch's own cell.

    Args:
        dialect: how the homework writes the cell.
        weights: canonical name -> tensor, as `dialect.weight_shapes` says.
        x: input (batch, input).
        states: old states (batch, hidden): h, of an LSTM (h, c).

    Raises:
        ValueError: a tensor is missing, unknown, or of a shape that does not fit the others.
    """
    _hold(dialect, weights, x, states)
    match dialect:
        case RNNDialect():
            return (rnn.step(dialect, weights, x, *states),)
        case GRUDialect():
            return (gru.step(dialect, weights, x, *states),)
        case LSTMDialect():
            h, c = states
            return lstm.step(dialect, weights, x, (h, c))
    raise TypeError(dialect)


def letters(dialect: Dialect, weights: Tensors, x: Tensor, states: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Return what each of the dialect's printed equations defines, by its letter: gates, and the new h and c.

    Arguments and errors as for `step`.
    """
    _hold(dialect, weights, x, states)
    match dialect:
        case RNNDialect():
            return {"h": rnn.written_out(dialect, weights, x, *states)}
        case GRUDialect():
            return gru.letters(dialect, weights, x, *states)
        case LSTMDialect():
            h, c = states
            return lstm.letters(dialect, weights, x, (h, c))
    raise TypeError(dialect)


def _hold(dialect: Dialect, weights: Tensors, x: Tensor, states: tuple[Tensor, ...]) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    h, *others = (tuple(state.shape) for state in states)
    dialect.check_shapes(
        shapes, tuple(x.shape), h, **{f"state {i}": one for i, one in enumerate(others, start=2)}
    )
