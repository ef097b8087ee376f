"""What `image-check` has graded, to see that grading works: a product, by torch and by NumPy. No homework."""

from __future__ import annotations

import numpy as np

from grader.declaration import Assignment, Check, Output, Problem, Wanted
from grader.records import Case, Suite

W, X = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -1.5])


def _products(seed: int) -> Suite:
    """One case, the same for every seed, with torch's answer."""
    import torch

    case = Case("2 by 2", seed, {"W": W, "x": X})
    y = torch.from_numpy(W) @ torch.from_numpy(X)  # (2,)
    return Suite(seed, "0" * 64, (case,), ({"y": y.numpy()},))


ASSIGNMENT = Assignment(
    name="image_check",
    title="A grading, to see that it works",
    wanted=(Wanted("product.py", defines=("product",)),),
    problems=(Problem("Product", 1, (Check("product", "products", (Output("y"),)),)),),
    suites={"products": _products},
)
