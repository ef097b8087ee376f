"""How an RNN is called. Runs in the student's process: NumPy, the standard library and `inside` only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from inside.adapter_api import Absent, Given, attribute, pack

GRADIENTS = ("dU", "dV", "dw")
MOST_KEPT = 2000


def forward(module: Any, given: Given) -> Mapping[str, object]:
    """Yhat of a fresh network."""
    return {"yhat": _forward(module, _network(module, given), given)}


def gradients(module: Any, given: Given) -> Mapping[str, object]:
    """Return the gradients of a fresh network, after its own forward."""
    rnn = _network(module, given)
    _forward(module, rnn, given)
    given.leaves(lambda: _kept(rnn))
    return _by_name(rnn, rnn.backward(given.arrays["y"]))


def training(module: Any, given: Given) -> Mapping[str, object]:
    """In one array: U, V and w after train, row by row, 36 + 6 + 6 numbers; how often gradients were asked;
    the weights, likewise, each time that they were; and then all losses.
    """
    rnn = _network(module, given)
    with _asked(module.RNN) as asked:
        losses = rnn.train(given.arrays["x"], given.arrays["y"])
    parts = []
    for name in ("U", "V", "w"):
        part = pack(attribute(rnn, name))
        if isinstance(part, Absent):
            return {"training": Absent(f"self.{name} {part.reason}")}
        if part.size != given.arrays[name].size:
            wrong = f"self.{name} has shape {part.shape} after train, not {given.arrays[name].shape}"
            return {"training": Absent(wrong)}
        parts.append(part.ravel())
    said = pack(losses)  # without losses there is no curve, and nothing else is lost
    curve = np.empty(0) if isinstance(said, Absent) else said.ravel()
    return {"training": np.concatenate([*parts, [len(asked)], *asked, curve])}


@contextmanager
def _asked(network: Any) -> Iterator[list[Any]]:
    """Keep the weights at which `backward` is asked, of whatever network; of very many, every nth."""
    kept: list[Any] = []
    own, stride, calls = network.backward, 1, 0

    def backward(self: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal stride, calls
        if calls % stride == 0:
            packed = [pack(getattr(self, name, None)) for name in ("U", "V", "w")]
            weights = [one.ravel() for one in packed if not isinstance(one, Absent)]
            if len(weights) == len(packed):
                kept.append(np.concatenate(weights).astype(float))
            if len(kept) > MOST_KEPT:
                del kept[1::2]
                stride *= 2
        calls += 1
        return own(self, *arguments, **named)

    network.backward = backward
    try:
        yield kept
    finally:
        network.backward = own


def _network(module: Any, given: Given) -> Any:
    rnn = module.RNN(given.arrays["U"].shape[0], given.arrays["V"].shape[1], 1)
    for name in ("U", "V", "w"):
        setattr(rnn, name, given.arrays[name].copy())
    return rnn


def _forward(module: Any, rnn: Any, given: Given) -> object:
    """Its Yhat; interleaved, another network runs right after it, and must not disturb it."""
    yhat = rnn.forward(given.arrays["x"])
    if given.interleaved:
        yhat = np.array(yhat) if isinstance(yhat, np.ndarray) else yhat
        other = Given(
            {name: array[::-1] for name, array in given.arrays.items()}, given.form, interleaved=False
        )
        _network(module, other).forward(other.arrays["x"])
    return yhat


def _by_name(rnn: Any, returned: object) -> Mapping[str, object]:
    """Return the gradients, returned as (dU, dV, dw) or under their names, or else kept in the network."""
    if isinstance(returned, tuple | list) and len(returned) == len(GRADIENTS):
        return dict(zip(GRADIENTS, returned, strict=True))
    if isinstance(returned, Mapping):
        return {name: returned.get(name, Absent("is missing from what was returned")) for name in GRADIENTS}
    return _kept(rnn)


def _kept(rnn: Any) -> Mapping[str, object]:
    return {name: attribute(rnn, name) for name in GRADIENTS}
