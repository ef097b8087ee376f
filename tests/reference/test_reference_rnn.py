"""The truth for plain RNNs is proven from outside: back-propagation through time by hand, torch's own module.

See also test_reference_keras.py and test_reference_onnx.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from unrolled import (
    EVERY_RNN,
    Array,
    Arrays,
    Rows,
    Sizes,
    Unrolled,
    assert_same,
    by_name,
    by_rows,
    drawn,
    each,
    few,
    sizes,
)

from reference.dialects import NBACK_RNN, STEP_RNN, TEXT_RNN, Activation, RNNDialect
from reference.rnn import forward_and_gradients, step, written_out


def sigmoid(a: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-a)))


def by_hand(call: Unrolled) -> Arrays:
    """States, and all gradients by the chain rule, in NumPy, back from the last step."""
    assert isinstance(call.dialect, RNNDialect)
    tanh = call.dialect.activation is Activation.TANH
    (w,) = by_rows(call.dialect, call.weights).values()
    h = [call.start["h"]]
    for x_t in call.x:
        a = x_t @ w.W_x.T + w.b_x + h[-1] @ w.W_h.T + w.b_h  # (batch, hidden)
        h.append(np.tanh(a) if tanh else sigmoid(a))

    dx, dh, dW_x, dW_h, db = (np.zeros_like(a) for a in (call.x, h[0], w.W_x, w.W_h, w.b_x))
    for t in reversed(range(len(call.x))):
        dh = dh + call.deltas["h"][t]
        da = dh * (1 - h[t + 1] ** 2) if tanh else dh * h[t + 1] * (1 - h[t + 1])
        dW_x += da.T @ call.x[t]
        dW_h += da.T @ h[t]
        db += da.sum(axis=0)
        dx[t], dh = da @ w.W_x, da @ w.W_h
    return {"h": np.stack(h[1:]), "dx": dx, "dh": dh} | by_name(call.dialect, {"": Rows(dW_x, dW_h, db, db)})


@each(EVERY_RNN)
@few
@given(size=sizes(most=5))
def test_every_dialect_equals_the_equation_derived_by_hand(dialect: RNNDialect, size: Sizes) -> None:
    """Every state and gradient is what the chain rule gives on paper, over up to five steps."""
    call = drawn(dialect, size)
    expected = by_hand(call)
    assert_same(call.answer(), expected)
    assert_same(call.answer(by="letters"), expected)


@each(EVERY_RNN)
@few
@given(size=sizes(most=4, steps=1))
def test_one_step_from_numpy_to_numpy_is_the_same(dialect: RNNDialect, size: Sizes) -> None:
    """`forward_and_gradients` answers one step as the chain rule does, in both formulations."""
    call = drawn(dialect, size)
    h, delta, expected = call.start["h"], call.deltas["h"][0], by_hand(call)
    expected |= {name: expected[name][0] for name in ("h", "dx")}
    for formulation in (step, written_out):
        answer = forward_and_gradients(dialect, call.weights, call.x[0], h, delta, formulation)
        assert_same(dict(answer), expected)


@each(EVERY_RNN)
def test_gradients_pass_gradcheck(dialect: RNNDialect) -> None:
    """torch.autograd.gradcheck agrees on every argument of one step."""
    call = drawn(dialect, Sizes(steps=1, batch=2, input=3, hidden=2, seed=5))
    given_arrays = {**call.weights, "x": call.x[0], "h": call.start["h"]}

    def new_state(*tensors: torch.Tensor) -> torch.Tensor:
        named = dict(zip(given_arrays, tensors, strict=True))
        return step(dialect, named, named["x"], named["h"])

    assert torch.autograd.gradcheck(
        new_state, [torch.tensor(a, requires_grad=True) for a in given_arrays.values()]
    )


@few
@given(size=sizes(most=4))
def test_the_sigmoid_cell_is_bridged_without_loss_up_to_the_bounds(size: Sizes) -> None:
    """With pre-activations up to 12 both formulations agree on every state and gradient to 1e-9."""
    call = drawn(TEXT_RNN, replace(size, steps=1))
    (w,) = by_rows(TEXT_RNN, call.weights).values()
    largest = np.abs(call.x[0] @ w.W_x.T + w.b_x + call.start["h"] @ w.W_h.T).max()
    call = replace(call, weights={name: 12 / largest * array for name, array in call.weights.items()})
    assert_same(call.answer(), call.answer(by="letters"), within=1e-9)


# --- the homeworks' own words


def test_the_text_homeworks_rnn_is_the_one_in_the_statement() -> None:
    """Homework 001, question 1: s = xU + hW + b, h = sigma(s), and the gradient by W that it asks to show."""
    call = drawn(TEXT_RNN, Sizes(steps=4, batch=1, input=3, hidden=2, seed=1))
    call = replace(call, start={"h": np.zeros((1, 2))})
    U, W, b = (call.weights[name] for name in ("W_x", "W_h", "b"))
    s: list[Array] = []
    h = [np.zeros((1, 2))]  # h[i] is the statement's h^i
    for x in call.x:
        s.append(x @ U + h[-1] @ W + b)
        h.append(sigmoid(s[-1]))
    by_s = [sigmoid(a) * (1 - sigmoid(a)) for a in s]  # sigma'(s^1), sigma'(s^2), ...
    by_h = [call.deltas["h"][-1]]  # the gradient by h^tau, then by those before
    for i in (2, 1, 0):
        by_h.insert(0, call.deltas["h"][i] + (by_h[0] * by_s[i + 1]) @ W.T)
    by_W = sum(h[i].T @ (by_h[i] * by_s[i]) for i in (1, 2, 3))
    answer = call.answer()
    assert_same({name: answer[name] for name in ("h", "dW_h")}, {"h": np.stack(h[1:]), "dW_h": by_W})


def test_the_n_back_homeworks_rnn_is_the_one_in_the_statement() -> None:
    """Homework 002, transcribed: z_t = U h_{t-1} + V x_t, h_t = tanh(z_t)."""
    call = drawn(NBACK_RNN, Sizes(steps=1, batch=1, input=1, hidden=6, seed=2))
    U, V = call.weights["W_h"], call.weights["W_x"]
    h_t = np.tanh(np.block([[U, V]]) @ np.concatenate((call.start["h"][0], call.x[0, 0])))
    assert_same({"h": call.answer()["h"][0, 0]}, {"h": h_t})


def test_the_step_by_step_homeworks_rnn_is_the_one_in_the_statement() -> None:
    """Homework 004, transcribed: samples are columns, a_next = tanh(Waa a + Wax x + ba)."""
    call = drawn(STEP_RNN, Sizes(steps=1, batch=4, input=3, hidden=5, seed=3))
    Wax, Waa, ba = call.weights["W_x"], call.weights["W_h"], call.weights["b"][:, None]
    a_next = np.tanh(Waa @ call.start["h"].T + Wax @ call.x[0].T + ba)
    assert_same({"h": call.answer()["h"][0].T}, {"h": a_next})


# --- errors


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"b": None}, r"an RNN with 1 biases per gate also needs b$"),
        ({"b_x": np.ones(2)}, r"an RNN with 1 biases per gate has no b_x$"),
        ({"W_x": np.ones((2, 3))}, r"W_x has shape \(2, 3\); .* 'x W' it must be \(3, 2\)"),
        ({"delta": np.ones((1, 2))}, r"delta has shape \(1, 2\); .* it must be \(4, 2\)"),
    ],
    ids=["missing", "unknown", "transposed", "batch of delta"],
)
def test_what_does_not_fit_is_named(change: dict[str, Array | None], sentence: str) -> None:
    """A sentence says which array does not fit, and what it should be."""
    call = drawn(TEXT_RNN, Sizes(steps=1, batch=4, input=3, hidden=2, seed=6))
    arrays = {**call.weights, "delta": call.deltas["h"][0], **change}
    delta = arrays.pop("delta")
    weights = {name: array for name, array in arrays.items() if array is not None}
    assert delta is not None
    with pytest.raises(ValueError, match=sentence):
        forward_and_gradients(TEXT_RNN, weights, call.x[0], call.start["h"], delta)
