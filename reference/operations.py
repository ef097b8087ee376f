"""The operations of a cell's equations on torch's tensors, so that autograd can go back through them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class ByTorch:
    """Of matrices with samples in columns: beside +, -, *, @ and .T, what libraries call differently."""

    def applied(self, function: str, array: Tensor) -> Tensor:
        """σ, tanh or softmax (over the rows of each column) of a tensor."""
        if function == "softmax":
            return torch.softmax(array, dim=0)
        return {"σ": torch.sigmoid, "tanh": torch.tanh}[function](array)

    def stacked(self, parts: Sequence[Tensor]) -> Tensor:
        """Return the parts on top of one another."""
        return torch.cat(tuple(parts))

    def summed(self, array: Tensor, axis: int) -> Tensor:
        """Return the sum along an axis, which stays with length 1."""
        return array.sum(dim=axis, keepdim=True)

    def zeros(self, like: Tensor, shape: tuple[int, int]) -> Tensor:
        """Zeros of the same type."""
        return like.new_zeros(shape)


TORCH = ByTorch()
