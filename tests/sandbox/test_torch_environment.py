"""A job that has torch, for homeworks that are written in it: the same layers hold there."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from real_jobs import handed_in, started_zygote
from test_layers import (
    ALLOCATE,
    CONNECT,
    FORK,
    HAND_IN,
    LIST_A_FOLDER,
    MAKE_A_SOCKET,
    READ_A_FILE,
    SIGNAL_THE_PARENT,
    THREAD,
)

from grader.declaration import Environment, Limits
from grader.sandbox.zygote import Zygote

LIMITS = Limits(call_s=5.0, total_s=30.0, cpu_s=10, memory_bytes=4 << 30, output_bytes=1 << 20)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Yield a zygote of the torch environment; the grader's own interpreter, which has torch,
    serves as one.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLGRADE_STUDENT_TORCH_PYTHON", sys.executable)
        with started_zygote(Environment.TORCH) as started:
            yield started


def test_torch_computes_and_differentiates(zygote: Zygote) -> None:
    """A cell of torch.nn runs forward and backward, its results leave as plain arrays."""
    text = (
        "import torch\nfrom torch import nn\n"
        "def f(x):\n"
        "  cell = nn.GRUCell(3, 3).double()\n"
        "  h = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)\n"
        "  cell(torch.tensor(x)[None], h).sum().backward()\n"
        "  return h.grad[0].numpy()\n"
    )
    with handed_in(zygote, text, limits=LIMITS) as hand_in:
        assert np.abs(hand_in.value()).max() > 0
        assert hand_in.session.inspect()["hw3/gru.py"]["imports"] == []
        isolation = hand_in.session.isolation
    assert isolation is not None
    assert isolation.isolated, isolation.off


def test_torch_keeps_to_one_thread(zygote: Zygote) -> None:
    """A large product is computed although no thread can be started."""
    text = "import torch\ndef f(x):\n  a = torch.ones(600, 600)\n  return (a @ a)[0, :3].numpy()\n"
    with handed_in(zygote, text, limits=LIMITS) as hand_in:
        assert hand_in.value().tolist() == [600, 600, 600]


@pytest.mark.parametrize(
    "attack",
    [READ_A_FILE, LIST_A_FOLDER, FORK, THREAD, MAKE_A_SOCKET, CONNECT.format(port=9), SIGNAL_THE_PARENT],
)
def test_the_layers_hold_with_torch(zygote: Zygote, attack: str) -> None:
    """What a job with NumPy alone cannot do, one with torch cannot do either."""
    with handed_in(zygote, HAND_IN.format(attack=attack), limits=LIMITS) as hand_in:
        assert int(hand_in.value()) == 0


@pytest.mark.parametrize("attack", [ALLOCATE.replace("28", "30"), "__import__('torch').empty(2**31)"])
def test_memory_is_bounded_with_torch(zygote: Zygote, attack: str) -> None:
    """More memory than the assignment grants is refused, by NumPy and by torch."""
    with handed_in(zygote, HAND_IN.format(attack=attack), limits=LIMITS) as hand_in:
        assert int(hand_in.value()) == 0


def test_a_missing_package_is_told_from_what_is_there(zygote: Zygote) -> None:
    """What uses a package that is not there is told what is: here PyTorch as well."""
    with handed_in(zygote, "import pandas\ndef f(x): return pandas.DataFrame(x)", limits=LIMITS) as hand_in:
        assert hand_in.failure().message == (
            "f raised ModuleNotFoundError: pandas is used here, "
            "but only NumPy, PyTorch and Python's own modules are installed"
        )


def test_other_packages_are_still_missing(zygote: Zygote) -> None:
    """The grader and its other packages cannot be imported, even from an interpreter that has them."""
    for package in ("grader", "reference", "hypothesis", "pytest"):
        text = f"def f(x):\n  try:\n    import {package}\n  except ImportError:\n    return 0\n  return 1\n"
        with handed_in(zygote, text, limits=LIMITS) as hand_in:
            assert int(hand_in.value()) == 0, package
