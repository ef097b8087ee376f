"""What `image-check` has graded, to see that grading works: a product, by torch and by NumPy. No homework.

An image may do without torch. There NumPy says what is true as well, and a torch that cannot be imported for
another reason than that it is not there fails the check.
"""

from __future__ import annotations

import importlib.util

import numpy as np

from grader.declaration import Assignment, Check, Output, Problem, Wanted
from grader.records import Array, Case, Suite

W, X = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -1.5])


def _products(seed: int) -> Suite:
    """One case, the same for every seed, with torch's answer where it is installed."""
    case = Case("2 by 2", seed, {"W": W, "x": X})
    return Suite(seed, "0" * 64, (case,), ({"y": _true()},))


def _true() -> Array:
    """Return W x, (2,)."""
    if importlib.util.find_spec("torch") is None:
        return np.asarray(W @ X)
    import torch

    return np.asarray(torch.from_numpy(W) @ torch.from_numpy(X))


ASSIGNMENT = Assignment(
    name="image_check",
    title="A grading, to see that it works",
    wanted=(Wanted("product.py", defines=("product",)),),
    problems=(Problem("Product", 1, (Check("product", "products", (Output("y"),)),)),),
    suites={"products": _products},
)
