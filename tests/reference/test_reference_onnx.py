"""The truth is what ONNX's operators say, as ONNX itself evaluates them: in every dialect, through time.

`onnx.reference` computes in float64 and knows no gradients: those are slopes, by central differences.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import numpy as np
from hypothesis import given
from onnx import parser
from onnx.reference import ReferenceEvaluator
from unrolled import (
    EVERY_DIALECT,
    Arrays,
    Sizes,
    Unrolled,
    assert_same,
    drawn,
    each,
    few,
    fewer,
    kept_by_z,
    sizes,
    slopes,
)

from reference.dialects import Activation, Dialect, GRUDialect, LSTMDialect, Reset, RNNDialect

ROWS = {RNNDialect: ("",), GRUDialect: ("z", "r", "n"), LSTMDialect: ("i", "o", "f", "g")}
"""ONNX's order of the gates, from the top: its c is our g, its h our n."""

# T steps, N samples; G is the number of gates times H. B holds the gates' input biases, then the hidden ones.
MODEL = """
<ir_version: 10, opset_import: ["" : 22]>
sequence (double[T,N,I] X, double[1,G,I] W, double[1,G,H] R, double[1,GG] B, double[1,N,H] h, double[1,N,H] c)
      => (double[T,1,N,H] Y, double[1,N,H] Y_c)
"""

TANH_RNN = '{ Y = RNN <hidden_size = HIDDEN, activations = ["Tanh"]> (X, W, R, B, "", h) Y_c = Identity (c) }'
GRU = (
    '{ Y = GRU <hidden_size = HIDDEN, linear_before_reset = LINEAR> (X, W, R, B, "", h) Y_c = Identity (c) }'
)
LSTM = '{ Y, Y_h, Y_c = LSTM <hidden_size = HIDDEN> (X, W, R, B, "", h, c) }'

# The equation of the RNN operator with f = Sigmoid, which onnx.reference's own RNN does not offer:
# Ht = f(Xt*(Wi^T) + Ht-1*(Ri^T) + Wbi + Rbi)
SIGMOID_RNN = """{
    W_t = Transpose <perm = [0, 2, 1]> (W)
    R_t = Transpose <perm = [0, 2, 1]> (R)
    b_x, b_h = Split <axis = 1, num_outputs = 2> (B)
    last, Y = Scan <
        num_scan_inputs = 1,
        body = step (double[1,N,H] h, double[N,I] x) => (double[1,N,H] new, double[1,N,H] y) {
        from_x = MatMul (x, W_t)
        from_h = MatMul (h, R_t)
        a = Sum (from_x, from_h, b_x, b_h)
        new = Sigmoid (a)
        y = Identity (new)
    }> (h, X)
    Y_c = Identity (c)
}"""


@cache
def operator(dialect: Dialect, hidden: int) -> ReferenceEvaluator:
    match dialect:
        case RNNDialect(activation=Activation.TANH):
            body = TANH_RNN
        case RNNDialect():
            body = SIGMOID_RNN
        case GRUDialect():
            body = GRU.replace("LINEAR", str(int(dialect.reset is Reset.AFTER_PRODUCT)))
        case _:
            body = LSTM
    return ReferenceEvaluator(parser.parse_model(MODEL + body.replace("HIDDEN", str(hidden))))


def states(call: Unrolled, given: Arrays) -> Arrays:
    """Every h and the last c, from these arguments, by the operator: axis 1 of its Y is for directions."""
    rows = kept_by_z(call.dialect, given)
    gates = [rows[gate] for gate in ROWS[type(call.dialect)]]
    W, R, b_x, b_h = (np.concatenate(parts) for parts in zip(*gates, strict=True))
    h, c = given["h"], given.get("c", given["h"])
    inputs = {"W": W, "R": R, "B": np.concatenate((b_x, b_h)), "h": h, "c": c}
    batched = {"X": given["x"], **{name: array[None] for name, array in inputs.items()}}
    Y, Y_c = cast(tuple[Any, Any], operator(call.dialect, h.shape[1]).run(None, batched))
    return dict(zip(call.start, (Y[:, 0], Y_c[0]), strict=False))


def loss(call: Unrolled, given: Arrays) -> float:
    through = states(call, given)
    return sum(float((delta * through[name]).sum()) for name, delta in call.deltas.items())


@each(EVERY_DIALECT)
@few
@given(size=sizes(most=4))
def test_every_dialect_is_onnxs_operator_through_time(dialect: Dialect, size: Sizes) -> None:
    """Every state is that of ONNX's operator, over up to five steps."""
    call = drawn(dialect, size)
    answer = call.answer()
    assert_same({name: answer[name] for name in call.start}, states(call, call.arguments))


@each(EVERY_DIALECT)
@fewer
@given(size=sizes(most=3, steps=3))
def test_every_gradient_is_the_slope_of_onnxs_operator(dialect: Dialect, size: Sizes) -> None:
    """Every gradient is what central differences through ONNX's operator find, over up to three steps."""
    call = drawn(dialect, size)
    answer = call.answer()
    found = slopes(lambda given: loss(call, given), call.arguments)
    assert_same({name: answer[name] for name in found}, found, within=1e-6)
