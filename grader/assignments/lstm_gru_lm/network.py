"""The network that a hand-in's weights make, by the equations of torch's LSTM and GRU, in NumPy.

What a model answers must be what these give. Then it is this network that was measured: nothing that looks
ahead, no text that is written down elsewhere, dropout off, the state handed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from grader.records import Array

from .texts import UNITS

LAYERS = 2
GATES = {"lstm": 4, "gru": 3}
PIECE = 140  # words of each row whose inputs are multiplied at once
ROLE = re.compile(r"(?:^|[._])(weight|bias)_(ih|hh)(?:_l(\d))?$")
SHOWN = 3

Tensors = Mapping[str, Array]


class NoSuchNetwork(Exception):
    """The weights are not those that were asked: a sentence without its full stop."""


class UnknownForm(Exception):
    """It cannot be told what the weights are: a sentence without its full stop."""


@dataclass(frozen=True)
class Layer:
    """One layer's weights: (gates * 200, 200) each, and two biases."""

    w_ih: Array
    w_hh: Array
    b_ih: Array
    b_hh: Array


@dataclass(frozen=True)
class Network:
    """What weights make.

    Attributes:
        cell: "lstm" or "gru".
        embedding: what a word is read by, (words, 200).
        layers: from the bottom.
        output: what a word is scored by, (words, 200).
        bias: of the scores, (words,).
    """

    cell: str
    embedding: Array
    layers: tuple[Layer, ...]
    output: Array
    bias: Array

    def read(self, text: Array) -> Array:
        """Text (length, rows) -> what the last layer gives after each word, (length, rows, 200)."""
        x = self.embedding[text]
        for layer in self.layers:
            x = _run(self.cell, layer, x)
        return x

    def log_p(self, hidden: Array) -> Array:
        """Output of the last layer (..., 200) -> log p of every word, (..., words)."""
        scores: Array = hidden @ self.output.T + self.bias
        scores -= scores.max(-1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(-1, keepdims=True))
        return scores


def of(cell: str, size: int, tensors: Tensors) -> Sequence[Network]:
    """Return what networks of two layers of 200 units these weights can make.

    There are two of them where a word is read and scored by different weights of the same shape.

    Raises:
        NoSuchNetwork: they are others than such a network has.
        UnknownForm: there are no layers of torch's among them.
    """
    if back := next((name for name in tensors if name.endswith("_reverse")), None):
        raise NoSuchNetwork(f"it reads backwards as well, from what it is to predict: it has {back}")
    layers = _layers(cell, tensors)
    rest = {name: one for name, one in tensors.items() if ROLE.search(name) is None}
    matrices = [one for one in rest.values() if one.shape == (size, UNITS)]
    vectors = [one for one in rest.values() if one.shape == (size,)]
    odd = [f"{name} {one.shape}" for name, one in rest.items() if one.shape not in ((size, UNITS), (size,))]
    odd += ["matrices for words"] * (len(matrices) > 2) + ["biases for words"] * (len(vectors) > 1)
    if odd:
        shown = ", ".join(odd[:SHOWN]) + (f" and {len(odd) - SHOWN} more" if len(odd) > SHOWN else "")
        raise NoSuchNetwork(
            f"it holds more than {_wanted(cell)}, read and scored by {UNITS} numbers a word: {shown}"
        )
    if not matrices:
        raise NoSuchNetwork(f"it holds no matrix of {size} words x {UNITS} numbers, by which words are read")
    bias = vectors[0] if vectors else np.zeros(size, np.float32)
    first, last = matrices[0], matrices[-1]
    if np.array_equal(first, last):
        return (Network(cell, first, layers, last, bias),)
    return tuple(Network(cell, a, layers, b, bias) for a, b in ((first, last), (last, first)))


def _layers(cell: str, tensors: Tensors) -> tuple[Layer, ...]:
    roles: dict[tuple[str, str], list[tuple[str, Array]]] = {}
    for name, one in tensors.items():
        if (found := ROLE.search(name)) is not None:
            roles.setdefault((found[1], found[2]), []).append((name, one))
    if not roles:
        raise UnknownForm("it has no weights that are called as those of nn.LSTM, nn.GRU or their cells are")
    ih, hh = (roles.get(("weight", end), []) for end in ("ih", "hh"))
    if len(ih) != len(hh) or any(one.ndim != 2 for _, one in (*ih, *hh)):
        raise NoSuchNetwork("its layers have not one weight_ih and one weight_hh each")
    if len(ih) != LAYERS:
        raise NoSuchNetwork(f"it has {len(ih)} layer{'s' * (len(ih) != 1)}, not {LAYERS}")
    rows = GATES[cell] * UNITS
    for name, one in (*hh, *ih):
        gates, units = one.shape
        if name == hh[0][0] and units != UNITS:
            raise NoSuchNetwork(f"its layers have {units} units, not {UNITS}")
        other = next((kind for kind, count in GATES.items() if kind != cell and gates == count * UNITS), None)
        if other is not None:
            raise NoSuchNetwork(
                f"its layers are those of {_a(other)}, not of {_a(cell)}: {name} is {one.shape}"
            )
        if one.shape != (rows, UNITS):
            raise NoSuchNetwork(f"{name} is {one.shape}, not {(rows, UNITS)}")
    zeros = [("", np.zeros(rows, np.float32))] * LAYERS
    b_ih, b_hh = (roles.get(("bias", end), zeros) for end in ("ih", "hh"))
    for name, one in (*b_ih, *b_hh):
        if one.shape != (rows,):
            raise NoSuchNetwork(f"{name} is {one.shape}, not {(rows,)}")
    if len(b_ih) != LAYERS or len(b_hh) != LAYERS:
        raise NoSuchNetwork("some of its layers have a bias, and some have none")
    return tuple(Layer(*(one for _, one in parts)) for parts in zip(ih, hh, b_ih, b_hh, strict=True))


def _wanted(cell: str) -> str:
    return f"{LAYERS} layers of {_a(cell)} with {UNITS} units"


def _a(cell: str) -> str:
    return "an LSTM" if cell == "lstm" else "a GRU"


def _run(cell: str, layer: Layer, x: Array) -> Array:
    """Go through a layer: inputs (length, rows, 200) -> outputs, likewise."""
    length, rows, units = x.shape
    h, c = np.zeros((2, rows, units), np.float32)
    out = np.empty((length, rows, units), np.float32)
    step = _lstm_step if cell == "lstm" else _gru_step
    w_hh = np.ascontiguousarray(layer.w_hh.T)
    for start, end in _pieces(length):
        gates = x[start:end].reshape(-1, units) @ layer.w_ih.T + layer.b_ih
        for at, gate in enumerate(gates.reshape(end - start, rows, -1), start):
            h, c = step(gate, h @ w_hh + layer.b_hh, h, c)
            out[at] = h
    return out


def _pieces(length: int) -> Iterator[tuple[int, int]]:
    return pairwise([*range(0, length, PIECE), length])


def _lstm_step(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """c' = f*c + i*g, h' = o*tanh(c'), with i, f, g, o stacked as torch has them."""
    i, f, g, o = np.split(x + r, 4, axis=1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def _gru_step(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """n = tanh(x_n + reset*r_n), h' = (1 - z)*n + z*h, with reset, z, n stacked as torch has them."""
    units = h.shape[1]
    reset, z = np.split(_sigmoid(x[:, : 2 * units] + r[:, : 2 * units]), 2, axis=1)
    n = np.tanh(x[:, 2 * units :] + reset * r[:, 2 * units :])
    return n + z * (h - n), c


def _sigmoid(a: Array) -> Array:
    return 0.5 * np.tanh(0.5 * a) + 0.5  # which overflows nowhere
