"""A gate's weights in torch's orientation, and torch's own cells made of such gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from reference.dialects import Dialect, Orientation
from reference.gradients import Tensors

Kind = Callable[..., nn.RNNCellBase]
"""nn.RNNCell, nn.GRUCell or nn.LSTMCell."""


class Gate(NamedTuple):
    """What one gate multiplies and adds before its activation, in torch's orientation.

    W_x is (hidden, input), W_h is (hidden, hidden), b_x and b_h are (hidden,): zeros where there is no bias.
    """

    W_x: Tensor
    W_h: Tensor
    b_x: Tensor
    b_h: Tensor

    def before_activation(self, x: Tensor, h: Tensor) -> Tensor:
        """W_x x + b_x + W_h h + b_h for every sample: (batch, hidden)."""
        return x @ self.W_x.T + self.b_x + h @ self.W_h.T + self.b_h


def read_gates(dialect: Dialect, weights: Tensors) -> list[Gate]:
    """Return a homework's weights, by canonical name, gate by gate in the order of `dialect.gates`."""

    def gate(name: str) -> Gate:
        W_x, W_h = weights[f"W_{name}x"], weights[f"W_{name}h"]
        if dialect.orientation is Orientation.INPUT_BY_OUTPUT:
            W_x, W_h = W_x.T, W_h.T
        nothing = W_h.new_zeros(W_h.shape[0])
        b_x, b_h, *_ = (*(weights[bias] for bias in dialect.bias_names(name)), nothing, nothing)
        return Gate(W_x, W_h, b_x, b_h)

    return [gate(name) for name in dialect.gates]


def torch_cell(kind: Kind, gates: Iterable[Gate], x: Tensor, state: Any) -> Any:
    """Return what a cell of torch's answers when these gates, from the top, are its parameters.

    Args:
        kind: the cell's class.
        gates: in torch's own order.
        x: (batch, input).
        state: h (batch, hidden), for an LSTMCell (h, c).

    Returns:
        the new state, in the same form, differentiable by all that the gates were made from.
    """
    stacked = [torch.cat(parameters) for parameters in zip(*gates, strict=True)]
    parameters = dict(zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), stacked, strict=True))
    cell = _empty_cell(kind, x.shape[1], parameters["weight_hh"].shape[1])
    return torch.func.functional_call(cell, parameters, (x, state), strict=True)


@lru_cache(maxsize=256)
def _empty_cell(kind: Kind, input_size: int, hidden_size: int) -> nn.RNNCellBase:
    """Return a cell without parameters of its own: quick to make, and torch's random state stays as
    it was.
    """
    return kind(input_size, hidden_size, device="meta", dtype=torch.float64)
