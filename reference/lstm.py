"""The truth about one step of an LSTM: `torch.nn.LSTMCell`, with the homework's weights copied across.

torch's cell, with the weights of gate g, W_gx and W_gh, kept one row per output, is

    i  = sigmoid(W_ix x + b_ix + W_ih h + b_ih)
    f  = sigmoid(W_fx x + b_fx + W_fh h + b_fh)
    g  = tanh(W_gx x + b_gx + W_gh h + b_gh)
    o  = sigmoid(W_ox x + b_ox + W_oh h + b_oh)
    c' = f*c + i*g
    h' = o*tanh(c')

and every dialect of the homeworks is that, up to how the weights are kept. `letters` is the same step a
second time, as the homework prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reference.dialects import TORCH_LSTM_ORDER, LSTMDialect
from reference.gates import read_gates, torch_cell
from reference.gradients import Float64Array, Tensors, outputs_and_gradients

State = tuple[Tensor, Tensor]
"""(h, c), each (batch, hidden)."""

Step = Callable[[LSTMDialect, Tensors, Tensor, State], State]
"""(dialect, weights by canonical name, x (batch, input), (h, c)) -> (h', c')."""


def step(dialect: LSTMDialect, weights: Tensors, x: Tensor, state: State) -> State:
    """Return the new state, by `torch.nn.LSTMCell`.

    Args:
        dialect: how the homework writes the cell.
        weights: canonical name -> tensor, as `dialect.weight_shapes` says.
        x: input (batch, input).
        state: old state and old cell state, (h, c), (batch, hidden) each.

    Returns:
        (h', c'), (batch, hidden) each, differentiable by every weight, x, h and c.
    """
    gates = dict(zip(dialect.gates, read_gates(dialect, weights), strict=True))
    return cast(State, torch_cell(nn.LSTMCell, [gates[name] for name in TORCH_LSTM_ORDER], x, state))


def letters(dialect: LSTMDialect, weights: Tensors, x: Tensor, state: State) -> dict[str, Tensor]:
    """Return what the printed equations define, i, f, g, o and the new c and h, each (batch, hidden)."""
    h, c = state
    i, f, g, o = (gate.before_activation(x, h) for gate in read_gates(dialect, weights))
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)  # Eq. (1) to (4)
    c = f * c + i * g  # Eq. (5)
    return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": o * torch.tanh(c)}  # Eq. (6)


def forward_and_gradients(
    dialect: LSTMDialect,
    weights: Mapping[str, NDArray[Any]],
    x: NDArray[Any],
    state: tuple[NDArray[Any], NDArray[Any]],
    deltas: tuple[NDArray[Any], NDArray[Any]],
    step: Step = step,
) -> dict[str, Float64Array]:
    """One step and back, from NumPy to NumPy.

    Args:
        dialect: how the homework writes the cell.
        weights: canonical name -> array, as `dialect.weight_shapes` says.
        x: input (batch, input).
        state: old state and old cell state, (h, c), (batch, hidden) each.
        deltas: derivatives of the loss by h' and by c', as far as c' has an effect beside the one that it has
            through h', (batch, hidden) each.
        step: the formulation.

    Returns:
        "h" and "c": the new state (batch, hidden); "dx", "dh", "dc" and "d" + name: the derivatives of the
        loss by x, by the old state and by each weight, in its own shape. Arrays of their own, in float64.

    Raises:
        ValueError: an array is missing, unknown, or of a shape that does not fit the others.
    """
    (h, c), (delta_h, delta_c) = state, deltas
    shapes = {name: weight.shape for name, weight in weights.items()}
    like_h = {"c": c.shape, "delta_h": delta_h.shape, "delta_c": delta_c.shape}
    dialect.check_shapes(shapes, x.shape, h.shape, **like_h)

    def cell(tensors: Tensors) -> Tensors:
        own = {name: tensors[name] for name in weights}
        return dict(zip("hc", step(dialect, own, tensors["x"], (tensors["h"], tensors["c"])), strict=True))

    return outputs_and_gradients(cell, {**weights, "x": x, "h": h, "c": c}, {"h": delta_h, "c": delta_c})
