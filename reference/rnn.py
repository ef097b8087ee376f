"""The truth about one step of a plain RNN: `torch.nn.RNNCell`, with the homework's weights copied across.

torch's cell, with W_x and W_h kept one row per output, is

    h' = tanh(W_x x + b_x + W_h h + b_h)

`centred` bridges the dialects that use a sigmoid to it. `written_out` is the same step a second time, as the
homework prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reference.dialects import Activation, RNNDialect
from reference.gates import Gate, read_gates, torch_cell
from reference.gradients import Float64Array, Tensors, outputs_and_gradients

Step = Callable[[RNNDialect, Tensors, Tensor, Tensor], Tensor]
"""(dialect, weights by canonical name, x (batch, input), h (batch, hidden)) -> new state (batch, hidden)."""


def step(dialect: RNNDialect, weights: Tensors, x: Tensor, h: Tensor) -> Tensor:
    """Return the new state, by `torch.nn.RNNCell`.

    Args:
        dialect: how the homework writes the cell.
        weights: canonical name -> tensor, as `dialect.weight_shapes` says.
        x, h: input (batch, input) and old state (batch, hidden).

    Returns:
        (batch, hidden), differentiable by every weight, x and h.
    """
    (gate,) = read_gates(dialect, weights)
    if dialect.activation is Activation.SIGMOID:
        u = torch_cell(nn.RNNCell, [centred(gate)], x, 2 * h - 1)  # (batch, hidden)
        return cast(Tensor, (1 + u) / 2)
    return cast(Tensor, torch_cell(nn.RNNCell, [gate], x, h))


def centred(gate: Gate) -> Gate:
    """Return the gate with which torch's tanh cell, on the state u = 2h - 1, is the sigmoid cell on h.

    For any real a, tanh(a/2) = (1 - e^-a)/(1 + e^-a) = 2/(1 + e^-a) - 1 = 2*sigmoid(a) - 1. So if

        h' = sigmoid(a)  with  a = W_x x + b_x + W_h h + b_h

    then u' = 2h' - 1 is tanh(a/2). Put h = (1 + u)/2 into half the sum, 1 being a vector of ones:

        a/2 = (W_x/2) x + b_x/2 + (W_h/4) u + (b_h/2 + (W_h/4) 1)

    This is a tanh cell's own form, in x and u; (W_h/4) 1 is a quarter of each row's sum (with row vectors,
    where W = W_h^T, of each column's: W.sum(0)/4). A state of zero, as before the first step, is u = -1.
    Both changes of state, h to u and u' to h', are linear, so the cells of a sequence can each be bridged
    alone, and autograd's gradients through the bridge are those by the homework's own weights and states.
    """
    return Gate(gate.W_x / 2, gate.W_h / 4, gate.b_x / 2, gate.b_h / 2 + gate.W_h.sum(dim=1) / 4)


def written_out(dialect: RNNDialect, weights: Tensors, x: Tensor, h: Tensor) -> Tensor:
    """Return the new state, by the equation as homeworks print it. Arguments and result as for `step`."""
    (gate,) = read_gates(dialect, weights)
    activation = torch.tanh if dialect.activation is Activation.TANH else torch.sigmoid
    return activation(gate.before_activation(x, h))  # Eq. (1)


def forward_and_gradients(
    dialect: RNNDialect,
    weights: Mapping[str, NDArray[Any]],
    x: NDArray[Any],
    h: NDArray[Any],
    delta: NDArray[Any],
    step: Step = step,
) -> dict[str, Float64Array]:
    """One step and back, from NumPy to NumPy.

    Args:
        dialect: how the homework writes the cell.
        weights: canonical name -> array, as `dialect.weight_shapes` says.
        x, h: input (batch, input) and old state (batch, hidden).
        delta: derivative of the loss by the new state (batch, hidden).
        step: the formulation, `step` or `written_out`.

    Returns:
        "h": the new state (batch, hidden); "dx", "dh" and "d" + name: the derivatives of the loss by x, by
        the old state and by each weight, each in its own shape. Arrays of their own, in float64.

    Raises:
        ValueError: an array is missing, unknown, or of a shape that does not fit the others.
    """
    shapes = {name: weight.shape for name, weight in weights.items()}
    dialect.check_shapes(shapes, x.shape, h.shape, delta=delta.shape)

    def cell(tensors: Tensors) -> Tensors:
        return {"h": step(dialect, {name: tensors[name] for name in weights}, tensors["x"], tensors["h"])}

    return outputs_and_gradients(cell, {**weights, "x": x, "h": h}, {"h": delta})
