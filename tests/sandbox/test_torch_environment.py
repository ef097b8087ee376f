"""Jobs that have torch and more, for homeworks that are written with it: the same layers hold there."""

from __future__ import annotations

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
    """Yield a zygote of the torch environment."""
    with started_zygote(Environment.TORCH) as started:
        yield started


@pytest.fixture(scope="module")
def notebooks() -> Iterator[Zygote]:
    """Yield a zygote of the environment in which notebooks are run."""
    with started_zygote(Environment.NOTEBOOK) as started:
        yield started


@pytest.fixture(scope="module")
def keras() -> Iterator[Zygote]:
    """Yield a zygote of the environment with Keras."""
    with started_zygote(Environment.KERAS) as started:
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
            "but only NumPy, PyTorch, safetensors and Python's own modules are installed"
        )


def test_other_packages_are_still_missing(zygote: Zygote) -> None:
    """The grader and its other packages cannot be imported, even from an interpreter that has them."""
    for package in ("grader", "reference", "hypothesis", "pytest", "matplotlib", "keras"):
        text = f"def f(x):\n  try:\n    import {package}\n  except ImportError:\n    return 0\n  return 1\n"
        with handed_in(zygote, text, limits=LIMITS) as hand_in:
            assert int(hand_in.value()) == 0, package


RECURRENT = """
import safetensors.torch
import torch
from torch import nn

def f(x):
  layer = nn.{kind}(3, 4, 2, dropout=0.5)
  layer(torch.ones(5, 2, 3))[0].sum().backward()
  layer.load_state_dict(safetensors.torch.load(safetensors.torch.save(layer.state_dict())))
  with torch.no_grad():
    return layer.eval()(torch.ones(5, 2, 3))[0].numpy()
"""


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_layers_that_torch_would_compile_run(zygote: Zygote, kind: str) -> None:
    """A recurrent layer runs, for which torch writes machine code elsewhere, and its weights are saved."""
    with handed_in(zygote, RECURRENT.format(kind=kind), limits=LIMITS) as hand_in:
        assert hand_in.value().shape == (5, 2, 4)


def test_what_torch_draws_is_the_same_each_time(zygote: Zygote) -> None:
    """A case's seed sets torch's random numbers as well."""
    with handed_in(zygote, "import torch\ndef f(x): return torch.randn(3).numpy()", limits=LIMITS) as one:
        assert one.value().tolist() == one.value().tolist()
        assert one.value(seed=8).tolist() != one.value().tolist()


DRAWN = """
import io
import matplotlib.pyplot as plt
from tqdm import tqdm

def f(x):
  for _ in tqdm(range(3)):
    figure, axes = plt.subplots()
  axes.plot([1, 2], label="$h_t$")
  axes.set_xlabel("Länge $x^2$")
  axes.legend()
  buffer = io.BytesIO()
  figure.savefig(buffer)
  assert buffer.getvalue().startswith(bytes([137]) + b"PNG")
  return len(buffer.getvalue())
"""


def test_a_notebook_draws(notebooks: Zygote) -> None:
    """Matplotlib draws letters and formulas, though its fonts lie in files, and tqdm shows its bar."""
    with handed_in(notebooks, DRAWN, limits=LIMITS) as hand_in:
        assert hand_in.value() > 5_000


TRAINED = """
import keras
import numpy as np

def f(x):
  model = keras.Sequential([keras.layers.Embedding(10, 4), keras.layers.{kind}(3), keras.layers.Dense(1)])
  model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
  model.fit(np.ones((4, 5)), np.ones(4), epochs=2, validation_split=0.5)
  again = keras.models.clone_model(model)
  again.set_weights(model.get_weights())
  return model.predict(np.ones((2, 5))) - again.predict(np.ones((2, 5)))
"""


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_a_model_of_keras_is_trained(keras: Zygote, kind: str) -> None:
    """Keras needs neither a thread nor a file for it."""
    with handed_in(keras, TRAINED.format(kind=kind), limits=LIMITS, lent={}) as hand_in:
        assert hand_in.value().tolist() == [[0], [0]]


@pytest.mark.parametrize("attack", [READ_A_FILE, LIST_A_FOLDER, FORK, THREAD, MAKE_A_SOCKET])
@pytest.mark.parametrize("kind", ["notebooks", "keras"])
def test_the_layers_hold_there_too(kind: str, attack: str, request: pytest.FixtureRequest) -> None:
    """What a job with NumPy alone cannot do, one with Matplotlib, IPython or Keras cannot do either."""
    zygote: Zygote = request.getfixturevalue(kind)
    with handed_in(zygote, HAND_IN.format(attack=attack), limits=LIMITS) as hand_in:
        assert int(hand_in.value()) == 0
