"""How homeworks write a cell: the choices that textbooks and libraries make differently, as data.

A dialect says what must be known to copy a homework's weights into torch's cell, and nothing else. Its
weights carry canonical names; a homework's own names (Wx for W_nx) are the assignment's affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import ClassVar, Literal

Shape = tuple[int, ...]
Biases = Literal[0, 1, 2]


class Orientation(StrEnum):
    """Which way round a weight matrix is kept."""

    OUTPUT_BY_INPUT = "W x"  # one row per output, as in torch
    INPUT_BY_OUTPUT = "x W"  # one column per output, as with row vectors, or with W^T in the equations


class Keeps(StrEnum):
    """Which factor multiplies the old state in the blend of old state and candidate."""

    Z = "z"  # h' = z*h + (1 - z)*n
    ONE_MINUS_Z = "1-z"  # h' = (1 - z)*h + z*n


class Reset(StrEnum):
    """Where the reset gate meets the old state on its way into the candidate."""

    BEFORE_PRODUCT = "W_nh (r*h)"
    AFTER_PRODUCT = "r*(W_nh h)"


class Activation(StrEnum):
    """What a plain RNN makes of its sum."""

    TANH = "tanh"
    SIGMOID = "sigmoid"


class Dialect:
    """What the dialects of all cells share: gates, and what each of them multiplies and adds.

    The canonical names of gate z are W_zx, W_zh and its biases, as many as the dialect has: none; b_z; or
    b_zx and b_zh, one beside each product. A plain RNN has one gate without a letter: W_x, W_h and b, or b_x
    and b_h.
    """

    cell: ClassVar[str]  # with its article
    gates: ClassVar[tuple[str, ...]]  # in the order in which the homeworks' equations introduce them

    biases: Biases
    orientation: Orientation

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, Shape]:
        """Canonical name -> shape of every weight: W_zx, W_zh, W_rx, ..., then the biases."""
        shapes: dict[str, Shape] = {}
        for gate in self.gates:
            for source, size in (("x", input_size), ("h", hidden_size)):
                by_rows = self.orientation is Orientation.OUTPUT_BY_INPUT
                shapes[f"W_{gate}{source}"] = (hidden_size, size) if by_rows else (size, hidden_size)
        for gate in self.gates:
            shapes |= dict.fromkeys(self.bias_names(gate), (hidden_size,))
        return shapes

    def bias_names(self, gate: str) -> tuple[str, ...]:
        """Canonical names of one gate's bias vectors, as many as the dialect has."""
        only = f"b_{gate}" if gate else "b"
        return ((), (only,), (f"b_{gate}x", f"b_{gate}h"))[self.biases]

    def check_shapes(self, weights: Mapping[str, Shape], x: Shape, h: Shape, **like_h: Shape) -> None:
        """Hold the shapes of one call to the dialect.

        Args:
            weights: canonical name -> shape.
            x, h: shapes of the input, (batch, input), and of the old state, (batch, hidden).
            like_h: shapes of what else must be (batch, hidden), by name.

        Raises:
            ValueError: a sentence that names the first array that does not fit, its shape and the right one.
        """
        if len(x) != 2 or len(h) != 2:
            raise ValueError(f"x and h must be (batch, input) and (batch, hidden), got shapes {x} and {h}")
        (batch, input_size), hidden_size = x, h[1]
        right = self.weight_shapes(input_size, hidden_size)
        if missing := [name for name in right if name not in weights]:
            raise ValueError(
                f"{self.cell} with {self.biases} biases per gate also needs {', '.join(missing)}"
            )
        if unknown := [name for name in weights if name not in right]:
            raise ValueError(f"{self.cell} with {self.biases} biases per gate has no {', '.join(unknown)}")
        states = {"h": h, **like_h}
        right |= dict.fromkeys(states, (batch, hidden_size))
        for name, shape in {**weights, **states}.items():
            if shape != right[name]:
                raise ValueError(
                    f"{name} has shape {shape}; with {batch} samples, input size {input_size}, hidden size "
                    f"{hidden_size} and weights kept for '{self.orientation}' it must be {right[name]}"
                )


@dataclass(frozen=True)
class RNNDialect(Dialect):
    """How one homework writes a plain RNN. The equation, for one sample, with a bias wherever there is one:

        h' = tanh(W_x x + W_h h)   or   sigmoid(W_x x + W_h h)                          Eq. (1)

    Attributes:
        activation: the form of Eq. (1).
        biases: 0: none. 1: b. 2: b_x beside W_x x and b_h beside W_h h.
        orientation: which way round both weight matrices are kept.
    """

    cell = "an RNN"
    gates = ("",)

    activation: Activation
    biases: Biases
    orientation: Orientation


@dataclass(frozen=True)
class GRUDialect(Dialect):
    """How one homework writes a GRU. The equations, for one sample, with a bias wherever there is one:

        z  = sigmoid(W_zx x + W_zh h)                                                   Eq. (1)
        r  = sigmoid(W_rx x + W_rh h)                                                   Eq. (2)
        n  = tanh(W_nx x + W_nh (r*h))   or   tanh(W_nx x + r*(W_nh h))                 Eq. (3)
        h' = (1 - z)*h + z*n             or   z*h + (1 - z)*n                           Eq. (4)

    z is the update gate, r the reset gate, n the candidate.

    Attributes:
        keeps: the factor of the old state in Eq. (4).
        reset: the form of Eq. (3).
        biases: bias vectors per gate. 0: none. 1: b_z, b_r, b_n, which stand beside the input's product, so
            that no reset gate touches b_n. 2: b_zx beside W_zx x and b_zh beside W_zh h, and so on; with the
            reset after the product, Eq. (3) is then tanh(W_nx x + b_nx + r*(W_nh h + b_nh)), as in torch.
        orientation: which way round all weight matrices are kept.
    """

    cell = "a GRU"
    gates = ("z", "r", "n")

    keeps: Keeps
    reset: Reset
    biases: Biases
    orientation: Orientation


@dataclass(frozen=True)
class LSTMDialect(Dialect):
    """How one homework writes an LSTM. The equations, for one sample, with a bias wherever there is one:

        i  = sigmoid(W_ix x + W_ih h)                                                   Eq. (1)
        f  = sigmoid(W_fx x + W_fh h)                                                   Eq. (2)
        g  = tanh(W_gx x + W_gh h)                                                      Eq. (3)
        o  = sigmoid(W_ox x + W_oh h)                                                   Eq. (4)
        c' = f*c + i*g                                                                  Eq. (5)
        h' = o*tanh(c')                                                                 Eq. (6)

    i, f and o are the input, forget and output gates, g is the candidate.

    Attributes:
        biases: bias vectors per gate. 0: none. 1: b_i and so on. 2: b_ix beside W_ix x, b_ih beside W_ih h.
        orientation: which way round all weight matrices are kept.
    """

    cell = "an LSTM"
    gates = ("i", "f", "g", "o")

    biases: Biases
    orientation: Orientation


def side_by_side(sizes: Mapping[str, int]) -> dict[str, slice]:
    """Where each part of a stacked or concatenated array is, given the parts' sizes in their order.

    torch's weight_ih stacks four gates, so with hidden size 5 its W_fx is `weight_ih[parts["f"]]` for
    `parts = side_by_side(dict.fromkeys(TORCH_LSTM_ORDER, 5))`, {"i": slice(0, 5), "f": slice(5, 10), ...}.
    A weight for [a, x] has the columns `side_by_side({"h": n_a, "x": n_x})`. Slices of a tensor let gradients
    through, to the homework's own array.
    """
    edges = accumulate(sizes.values(), initial=0)
    return {name: slice(*edge) for name, edge in zip(sizes, pairwise(edges), strict=True)}


# --- torch's own

TORCH_RNN = RNNDialect(Activation.TANH, biases=2, orientation=Orientation.OUTPUT_BY_INPUT)
"""torch.nn.RNNCell itself."""

TORCH_GRU = GRUDialect(Keeps.Z, Reset.AFTER_PRODUCT, biases=2, orientation=Orientation.OUTPUT_BY_INPUT)
"""torch.nn.GRUCell itself: W_rx, W_zx and W_nx are the thirds of its weight_ih."""

TORCH_LSTM = LSTMDialect(biases=2, orientation=Orientation.OUTPUT_BY_INPUT)
"""torch.nn.LSTMCell itself: W_ix, W_fx, W_gx and W_ox are the quarters of its weight_ih."""

TORCH_GRU_ORDER = ("r", "z", "n")
TORCH_LSTM_ORDER = ("i", "f", "g", "o")
"""The gates in torch's stacked weights and biases, from the top."""

# --- the homeworks'

CMU_GRU = GRUDialect(Keeps.ONE_MINUS_Z, Reset.BEFORE_PRODUCT, 0, Orientation.OUTPUT_BY_INPUT)
"""GRU_Cell, CMU 11-785, Spring 2019, homework 3 (000_36e2cbd6cebbd15e), Eq. (1) to (4).

Its W_x and W_h are W_nx and W_nh.
"""

TEXT_RNN = RNNDialect(Activation.SIGMOID, 1, Orientation.INPUT_BY_OUTPUT)
"""The RNN of 001_178d4342a9ff63b3, question 1, for row vectors: its U, W, b are W_x, W_h, b."""

TEXT_GRU = GRUDialect(Keeps.ONE_MINUS_Z, Reset.BEFORE_PRODUCT, 1, Orientation.INPUT_BY_OUTPUT)
"""The GRU of 001_178d4342a9ff63b3, question 2, for row vectors.

Its U_z, U_r, U_h are W_zx, W_rx, W_nx; its W_z, W_r, W_h are W_zh, W_rh, W_nh; its b_h is b_n.
"""

NBACK_RNN = RNNDialect(Activation.TANH, 0, Orientation.OUTPUT_BY_INPUT)
"""The RNN of 002_0a8aac7b8a10d6c1: its V is W_x, its U is W_h."""

THEORY_GRU = GRUDialect(Keeps.Z, Reset.BEFORE_PRODUCT, 1, Orientation.INPUT_BY_OUTPUT)
"""The GRU of 003_b2f01e967216680e, theory question 4, as printed.

Its W_xg, W_hg, b_g are W_nx, W_nh, b_n. The question says "you may ignore the bias": what is graded is
`dataclasses.replace(THEORY_GRU, biases=0)`.
"""

STEP_RNN = RNNDialect(Activation.TANH, 1, Orientation.OUTPUT_BY_INPUT)
"""The RNN of 004_f9b0b648d3458246: its Wax, Waa, ba are W_x, W_h, b.

Its samples are columns, (n_x, m), and so is ba, (n_a, 1).
"""

STEP_LSTM = LSTMDialect(1, Orientation.OUTPUT_BY_INPUT)
"""The LSTM of 004_f9b0b648d3458246: its gates u and c are i and g, and its samples are columns.

Each gate has one matrix for [a, x]: W_fh and W_fx are the columns of its Wf, in STEP_LSTM_ORDER.
"""

STEP_LSTM_ORDER = ("h", "x")
"""What the columns of a matrix for [a, x] multiply, from the left."""
