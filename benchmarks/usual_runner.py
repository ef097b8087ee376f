"""The usual way to grade this homework, for comparison: student and torch in one process.

    python benchmarks/usual_runner.py HANDIN CASES

Unpacks the hand-in, imports it, computes what is true by torch and autograd, compares with np.allclose and
prints Autolab's line. It is meant to be as good as a course's runner gets without a sandbox: no import, no
copy and no case more than needed. It knows nothing of cellgrade: CASES is what suite_inputs.py wrote, a
pickled list with one mapping of arrays per case.

What it does not do, and cellgrade does: keep the student from the expected values, survive its death, hand
over arrays that are not contiguous, use two cells at once, notice a wrong gradient that is smaller than 1e-8.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch

WEIGHTS = ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx")
GRADIENTS = ("dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh", "dx", "dh")
FORWARD_POINTS, BACKWARD_POINTS = 30, 70

Arrays = dict[str, Any]
Call = Callable[[Callable[[int, int], Any], Arrays], Arrays]
"""The student's class, a case -> its answers by name."""


def expected(case: Arrays) -> Arrays:
    """h_t and the eight gradients, each in the shape of what it is the gradient of.

    torch's nn.GRUCell resets after the product and the homework before it, so the equations are written out.
    """
    t = {name: torch.tensor(array, requires_grad=name != "delta") for name, array in case.items()}
    z = torch.sigmoid(t["Wzh"] @ t["h"] + t["Wzx"] @ t["x"])  # Eq. (1)
    r = torch.sigmoid(t["Wrh"] @ t["h"] + t["Wrx"] @ t["x"])  # Eq. (2)
    n = torch.tanh(t["Wh"] @ (r * t["h"]) + t["Wx"] @ t["x"])  # Eq. (3)
    h_t = (1 - z) * t["h"] + z * n  # Eq. (4)
    # Many write h_t.backward(delta), whose first call in a process imports sympy, for a third of a second.
    leaves = {name: tensor for name, tensor in t.items() if tensor.requires_grad}
    gradients = torch.autograd.grad(torch.dot(h_t, t["delta"]), tuple(leaves.values()))
    answers: Arrays = {f"d{name}": gradient.numpy() for name, gradient in zip(leaves, gradients, strict=True)}
    answers["h_t"] = h_t.detach().numpy()
    return answers


def cell_for(GRU_Cell: Callable[[int, int], Any], case: Arrays) -> Any:
    """Return a fresh cell of the student's with the case's weights."""
    hidden, inputs = case["Wzx"].shape
    cell = GRU_Cell(inputs, hidden)
    for name in WEIGHTS:
        setattr(cell, name, case[name].copy())
    return cell


def forward(GRU_Cell: Callable[[int, int], Any], case: Arrays) -> Arrays:
    """Return what the student's forward answers."""
    return {"h_t": cell_for(GRU_Cell, case).forward(case["x"], case["h"])}


def backward(GRU_Cell: Callable[[int, int], Any], case: Arrays) -> Arrays:
    """Return what the student's backward answers."""
    cell = cell_for(GRU_Cell, case)
    cell.forward(case["x"], case["h"])
    dx, dh = cell.backward(case["delta"].reshape(1, -1))
    return {"dx": dx, "dh": dh, **{f"d{name}": getattr(cell, f"d{name}", None) for name in WEIGHTS}}


def matches(actual: Any, true: Any) -> bool:
    """Whether an answer is right; (n,), (1, n) and (n, 1) are one vector."""
    try:
        actual, true = np.squeeze(actual), np.squeeze(true)
        return actual.shape == true.shape and np.allclose(actual, true)
    except (TypeError, ValueError):  # no array, or not one of numbers
        return False


def wrong(
    call: Call,
    GRU_Cell: Callable[[int, int], Any],
    cases: list[Arrays],
    truths: list[Arrays],
) -> set[str]:
    """Names of the arrays that are wrong in some case; of all, if the student's code raises."""
    names = set(truths[0])
    found: set[str] = set()
    for case, truth in zip(cases, truths, strict=True):
        try:
            answers = call(GRU_Cell, case)
        except Exception:
            traceback.print_exc()
            return names
        found |= {name for name, answer in answers.items() if not matches(answer, truth[name])}
    return found


def wrong_on(call: Call, GRU_Cell: Callable[[int, int], Any], drawn: str) -> set[str]:
    """Return the names of the arrays that are wrong in some case of a file; for the wrappers of the peers."""
    cases, truths = _with_truths(drawn)
    return wrong(call, GRU_Cell, cases, truths)


@cache
def _with_truths(drawn: str) -> tuple[list[Arrays], list[Arrays]]:
    """Return the cases of a file, and what is true on each; once for all problems of a process."""
    cases = read(drawn)
    return cases, [expected(case) for case in cases]


def read(drawn: str) -> list[Arrays]:
    """Return the cases that suite_inputs.py wrote."""
    with open(drawn, "rb") as file:
        cases: list[Arrays] = pickle.load(file)
    return cases


def grade(GRU_Cell: Callable[[int, int], Any], cases: list[Arrays]) -> dict[str, float]:
    """Points per problem."""
    truths = [expected(case) for case in cases]
    lost_forward = wrong(forward, GRU_Cell, cases, truths)
    lost_backward = wrong(backward, GRU_Cell, cases, truths)
    for name in [name for name in ("h_t", *GRADIENTS) if name in lost_forward | lost_backward]:
        print(f"{name} is wrong")
    right = sum(name not in lost_backward for name in GRADIENTS)
    return {
        "GRU Cell Forward": 0.0 if "h_t" in lost_forward else FORWARD_POINTS,
        "GRU Cell Backward": BACKWARD_POINTS * right / len(GRADIENTS),
    }


def main() -> None:
    """Grade one hand-in."""
    hand_in, drawn = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-xf", hand_in, "-C", folder], check=True)
        sys.path.insert(0, folder)
        from hw3.gru import GRU_Cell  # type: ignore[import-not-found, unused-ignore]

        print(json.dumps({"scores": grade(GRU_Cell, read(drawn))}))


if __name__ == "__main__":
    main()
