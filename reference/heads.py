"""The truth about what is read off a state: torch.nn.functional, with the homework's weights put in."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from reference.dialects import Head, Orientation, Output
from reference.gradients import Tensors


def answer(head: Head, weights: Tensors, h: Tensor) -> Tensor:
    """The network's answer at one step, or at many at once.

    Args:
        head: how the homework writes it.
        weights: W_y, (outputs, hidden) or the other way round, and b_y (outputs,) where there is one.
        h: states (..., hidden).

    Returns:
        (..., outputs), differentiable by W_y, b_y and h.
    """
    W_y = weights["W_y"] if head.orientation is Orientation.OUTPUT_BY_INPUT else weights["W_y"].T
    a = functional.linear(h, W_y, weights["b_y"] if head.biases else None)  # (..., outputs)
    match head.output:
        case Output.LINEAR:
            return a
        case Output.SIGMOID:
            return torch.sigmoid(a)
        case Output.SOFTMAX:
            return functional.softmax(a, dim=-1)
        case Output.LOG_SOFTMAX:
            return functional.log_softmax(a, dim=-1)
