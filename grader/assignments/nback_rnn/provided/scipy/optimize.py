"""Stands in for scipy.optimize: the two functions that check a gradient, by forward differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

EPSILON = float(np.sqrt(np.finfo(float).eps))


def approx_fprime(
    xk: ArrayLike, f: Callable[..., Any], epsilon: float = EPSILON, *args: Any
) -> NDArray[np.float64]:
    """Return the gradient of the scalar function f at xk (n,), by differences of step epsilon: (n,)."""
    point = np.array(xk, dtype=float).ravel()
    here = float(np.squeeze(f(point.copy(), *args)))
    gradient = np.empty_like(point)
    for index in range(point.size):
        beside = point.copy()
        beside[index] += epsilon
        gradient[index] = (float(np.squeeze(f(beside, *args))) - here) / epsilon
    return gradient


def check_grad(
    func: Callable[..., Any], grad: Callable[..., Any], x0: ArrayLike, *args: Any, epsilon: float = EPSILON
) -> float:
    """Return the length of the difference between grad and the differences of func at x0 (n,)."""
    difference = np.ravel(grad(x0, *args)) - approx_fprime(x0, func, epsilon, *args)
    return float(np.sqrt(np.sum(difference**2)))
