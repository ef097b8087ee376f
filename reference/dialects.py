"""How homeworks write a cell: the choices that textbooks and libraries make differently, as data.

A dialect says what must be known to copy a homework's weights into torch's cell, and nothing else. Its
weights carry canonical names; a homework's own names (Wx for W_nx) are the assignment's affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Shape = tuple[int, ...]

GRU_GATES = ("z", "r", "n")
"""Update gate, reset gate, candidate: in the order in which the homeworks' equations introduce them."""


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


@dataclass(frozen=True)
class GRUDialect:
    """How one homework writes a GRU. The equations, for one sample, with a bias wherever there is one:

        z  = sigmoid(W_zx x + W_zh h)                                                   Eq. (1)
        r  = sigmoid(W_rx x + W_rh h)                                                   Eq. (2)
        n  = tanh(W_nx x + W_nh (r*h))   or   tanh(W_nx x + r*(W_nh h))                 Eq. (3)
        h' = (1 - z)*h + z*n             or   z*h + (1 - z)*n                           Eq. (4)

    Attributes:
        keeps: the factor of the old state in Eq. (4).
        reset: the form of Eq. (3).
        biases: bias vectors per gate. 0: none. 1: b_z, b_r, b_n, which stand beside the input's product, so
            that no reset gate touches b_n. 2: b_zx beside W_zx x and b_zh beside W_zh h, and so on; with the
            reset after the product, Eq. (3) is then tanh(W_nx x + b_nx + r*(W_nh h + b_nh)), as in torch.
        orientation: which way round all weight matrices are kept.
    """

    keeps: Keeps
    reset: Reset
    biases: Literal[0, 1, 2]
    orientation: Orientation

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, Shape]:
        """Canonical name -> shape of every weight: W_zx, W_zh, W_rx, ..., then the biases."""
        shapes: dict[str, Shape] = {}
        for gate in GRU_GATES:
            for source, size in (("x", input_size), ("h", hidden_size)):
                by_rows = self.orientation is Orientation.OUTPUT_BY_INPUT
                shapes[f"W_{gate}{source}"] = (hidden_size, size) if by_rows else (size, hidden_size)
        for gate in GRU_GATES:
            shapes |= dict.fromkeys(self.bias_names(gate), (hidden_size,))
        return shapes

    def bias_names(self, gate: str) -> tuple[str, ...]:
        """Canonical names of one gate's bias vectors, as many as the dialect has."""
        return ((), (f"b_{gate}",), (f"b_{gate}x", f"b_{gate}h"))[self.biases]

    def check_shapes(
        self, weights: Mapping[str, Shape], x: Shape, h: Shape, delta: Shape | None = None
    ) -> None:
        """Hold the shapes of one call to the dialect.

        Args:
            weights: canonical name -> shape.
            x, h: shapes of the input, (batch, input), and of the old state, (batch, hidden).
            delta: shape of the derivative by the new state, (batch, hidden), where there is one.

        Raises:
            ValueError: a sentence that names the first array that does not fit, its shape and the right one.
        """
        if len(x) != 2 or len(h) != 2:
            raise ValueError(f"x and h must be (batch, input) and (batch, hidden), got shapes {x} and {h}")
        (batch, input_size), hidden_size = x, h[1]
        right = self.weight_shapes(input_size, hidden_size)
        if missing := [name for name in right if name not in weights]:
            raise ValueError(f"a GRU with {self.biases} biases per gate also needs {', '.join(missing)}")
        if unknown := [name for name in weights if name not in right]:
            raise ValueError(f"a GRU with {self.biases} biases per gate has no {', '.join(unknown)}")
        given = {**weights, "h": h} if delta is None else {**weights, "h": h, "delta": delta}
        right |= {"h": (batch, hidden_size), "delta": (batch, hidden_size)}
        for name, shape in given.items():
            if shape != right[name]:
                raise ValueError(
                    f"{name} has shape {shape}; with {batch} samples, input size {input_size}, hidden size "
                    f"{hidden_size} and weights kept for '{self.orientation}' it must be {right[name]}"
                )


TORCH_GRU = GRUDialect(Keeps.Z, Reset.AFTER_PRODUCT, biases=2, orientation=Orientation.OUTPUT_BY_INPUT)
"""torch.nn.GRUCell itself: W_rx, W_zx and W_nx are the thirds of its weight_ih, in the order r, z, n."""

CMU_GRU = GRUDialect(Keeps.ONE_MINUS_Z, Reset.BEFORE_PRODUCT, 0, Orientation.OUTPUT_BY_INPUT)
"""GRU_Cell, CMU 11-785, Spring 2019, homework 3 (000_36e2cbd6cebbd15e), Eq. (1) to (4).

Its W_x and W_h are W_nx and W_nh.
"""

TEXT_GRU = GRUDialect(Keeps.ONE_MINUS_Z, Reset.BEFORE_PRODUCT, 1, Orientation.INPUT_BY_OUTPUT)
"""The GRU of 001_178d4342a9ff63b3, question 2, for row vectors.

Its U_z, U_r, U_h are W_zx, W_rx, W_nx; its W_z, W_r, W_h are W_zh, W_rh, W_nh; its b_h is b_n.
"""

THEORY_GRU = GRUDialect(Keeps.Z, Reset.BEFORE_PRODUCT, 1, Orientation.INPUT_BY_OUTPUT)
"""The GRU of 003_b2f01e967216680e, theory question 4, as printed.

Its W_xg, W_hg, b_g are W_nx, W_nh, b_n. The question says "you may ignore the bias": what is graded is
`dataclasses.replace(THEORY_GRU, biases=0)`.
"""
