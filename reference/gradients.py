"""NumPy in, NumPy out: what a function of tensors returns, and its gradients by autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from reference import precision
from reference.precision import in_float32

Float64Array = NDArray[np.float64]
Tensors = Mapping[str, Tensor]

__all__ = ["Float64Array", "Tensors", "in_float32", "outputs_and_gradients", "own_array", "tensor_of"]


def outputs_and_gradients(
    function: Callable[[Tensors], Tensors],
    arguments: Mapping[str, NDArray[Any]],
    deltas: Mapping[str, NDArray[Any]],
) -> dict[str, Float64Array]:
    """Evaluate a function in float64 (but see `in_float32`) and back-propagate through it.

    Args:
        function: named tensors -> named tensors; any cell, any number of steps.
        arguments: name -> array, of any shape, dtype and strides; copied, never changed.
        deltas: output name -> derivative of the loss by that output, of the output's shape. Outputs without
            one do not enter the loss.

    Returns:
        each output under its own name, and under "d" + name the derivative of the loss by each argument,
        zeros where the loss does not depend on it. Arrays of their own, C-contiguous, in float64.

    Raises:
        KeyError: a delta names no output.
        ValueError: a delta has another shape than its output.
    """
    leaves = {name: tensor_of(array).requires_grad_() for name, array in arguments.items()}
    outputs = function(leaves)
    for name, delta in deltas.items():
        if delta.shape != outputs[name].shape:
            raise ValueError(f"{name} has shape {tuple(outputs[name].shape)}, its delta has {delta.shape}")
    # One scalar and its gradient: handing delta to autograd instead imports sympy, for 0.4 s.
    terms = [(outputs[name] * tensor_of(delta)).sum() for name, delta in deltas.items()]
    gradients = torch.autograd.grad(torch.stack(terms).sum(), tuple(leaves.values()), materialize_grads=True)
    answer = {name: own_array(output) for name, output in outputs.items()}
    answer |= {f"d{name}": own_array(gradient) for name, gradient in zip(leaves, gradients, strict=True)}
    return answer


def own_array(tensor: Tensor) -> Float64Array:
    """Return a copy: autograd may answer with one tensor for two arguments whose gradients are equal."""
    return np.array(tensor.detach().numpy(), dtype=np.float64, order="C")


def tensor_of(array: ArrayLike) -> Tensor:
    """Return a copy of the array as a tensor of float64 (but see `in_float32`), whatever its strides and
    dtype.
    """
    return torch.from_numpy(np.array(array, dtype=np.float64, order="C")).to(
        torch.float32 if precision.current() is np.float32 else torch.float64
    )
