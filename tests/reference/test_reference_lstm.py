"""The truth for LSTMs is proven from outside: back-propagation through time by hand, central differences.

See also test_reference_keras.py and test_reference_onnx.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from unrolled import (
    EVERY_DIALECT,
    EVERY_LSTM,
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

from reference import dialects
from reference.dialects import STEP_LSTM, STEP_LSTM_ORDER, Dialect, LSTMDialect, Orientation, side_by_side
from reference.gradients import outputs_and_gradients
from reference.lstm import forward_and_gradients, step


def sigmoid(a: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-a)))


def by_hand(call: Unrolled) -> Arrays:
    """States, and all gradients by the chain rule, in NumPy, back from the last step."""
    w = by_rows(call.dialect, call.weights)
    h, c, gates = [call.start["h"]], [call.start["c"]], []
    for x_t in call.x:
        a = {
            g: x_t @ w[g].W_x.T + w[g].b_x + h[-1] @ w[g].W_h.T + w[g].b_h for g in "ifgo"
        }  # (batch, hidden)
        i, f, g, o = sigmoid(a["i"]), sigmoid(a["f"]), np.tanh(a["g"]), sigmoid(a["o"])
        gates.append((i, f, g, o))
        c.append(f * c[-1] + i * g)
        h.append(o * np.tanh(c[-1]))

    dx, dh, dc = np.zeros_like(call.x), np.zeros_like(h[0]), call.deltas["c"]
    gradients = {name: Rows(*(np.zeros_like(part) for part in w[name])) for name in w}
    for t in reversed(range(len(call.x))):
        (i, f, g, o), tanh_c = gates[t], np.tanh(c[t + 1])
        dh = dh + call.deltas["h"][t]
        dc = dc + dh * o * (1 - tanh_c**2)
        da = {
            "i": dc * g * i * (1 - i),
            "f": dc * c[t] * f * (1 - f),
            "g": dc * i * (1 - g**2),
            "o": dh * tanh_c * o * (1 - o),
        }
        for name, part in gradients.items():
            part.W_x[:] += da[name].T @ call.x[t]
            part.W_h[:] += da[name].T @ h[t]
            part.b_x[:] += da[name].sum(axis=0)
            part.b_h[:] += da[name].sum(axis=0)
        dx[t] = sum(da[name] @ w[name].W_x for name in w)
        dh, dc = sum(da[name] @ w[name].W_h for name in w), dc * f
    outputs = {"h": np.stack(h[1:]), "c": c[-1], "dx": dx, "dh": dh, "dc": dc}
    return outputs | by_name(call.dialect, gradients)


@each(EVERY_LSTM)
@few
@given(size=sizes(most=5))
def test_every_dialect_equals_the_equations_derived_by_hand(dialect: LSTMDialect, size: Sizes) -> None:
    """Every state and gradient is what the chain rule gives on paper, over up to five steps."""
    call = drawn(dialect, size)
    expected = by_hand(call)
    assert_same(call.answer(), expected)
    assert_same(call.answer(by="letters"), expected)


@each(EVERY_LSTM)
@few
@given(size=sizes(most=4, steps=1))
def test_one_step_from_numpy_to_numpy_is_the_same(dialect: LSTMDialect, size: Sizes) -> None:
    """`forward_and_gradients` answers one step as the chain rule does."""
    call = drawn(dialect, size)
    state, expected = (call.start["h"], call.start["c"]), by_hand(call)
    deltas = (call.deltas["h"][0], call.deltas["c"])
    expected |= {name: expected[name][0] for name in ("h", "dx")}
    assert_same(dict(forward_and_gradients(dialect, call.weights, call.x[0], state, deltas)), expected)


@each(EVERY_LSTM)
def test_gradients_pass_gradcheck(dialect: LSTMDialect) -> None:
    """torch.autograd.gradcheck agrees on every argument of one step, from both of its results."""
    call = drawn(dialect, Sizes(steps=1, batch=2, input=3, hidden=2, seed=5))
    given_arrays = {**call.weights, "x": call.x[0], **call.start}

    def new_state(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        named = dict(zip(given_arrays, tensors, strict=True))
        return step(dialect, named, named["x"], (named["h"], named["c"]))

    assert torch.autograd.gradcheck(
        new_state, [torch.tensor(a, requires_grad=True) for a in given_arrays.values()]
    )


def test_every_dialect_that_has_a_name_is_proven() -> None:
    """Also without its biases, it is among those that are held to other systems."""
    named = [one for one in vars(dialects).values() if isinstance(one, Dialect)]
    assert len(named) >= 9
    for one in named:
        assert {one, replace(one, biases=0)} <= set(EVERY_DIALECT)  # type: ignore[type-var]


def test_parts_stand_side_by_side_in_their_order() -> None:
    """Each part starts where the one before it ends."""
    assert side_by_side({"h": 5, "x": 3}) == {"h": slice(0, 5), "x": slice(5, 8)}
    parts = side_by_side(dict.fromkeys(dialects.TORCH_LSTM_ORDER, 2))
    assert [list(np.arange(8)[parts[gate]]) for gate in "ifgo"] == [[0, 1], [2, 3], [4, 5], [6, 7]]


# --- the homeworks' own words

THEORY = LSTMDialect(
    1, Orientation.INPUT_BY_OUTPUT
)  # of 003, question 3: W_xi, W_hi, b_i are W_ix, W_ih, b_i


def test_the_theory_homeworks_lstm_is_the_one_in_the_statement() -> None:
    """Homework 003, question 3, transcribed: W transposed, one bias."""
    call = drawn(THEORY, Sizes(steps=1, batch=1, input=3, hidden=2, seed=1))
    w, x_t, h_before, c_before = call.weights, call.x[0, 0], call.start["h"][0], call.start["c"][0]
    i_t = sigmoid(w["W_ix"].T @ x_t + w["W_ih"].T @ h_before + w["b_i"])
    f_t = sigmoid(w["W_fx"].T @ x_t + w["W_fh"].T @ h_before + w["b_f"])
    o_t = sigmoid(w["W_ox"].T @ x_t + w["W_oh"].T @ h_before + w["b_o"])
    g_t = np.tanh(w["W_gx"].T @ x_t + w["W_gh"].T @ h_before + w["b_g"])
    c_t = f_t * c_before + i_t * g_t
    answer = call.answer()
    assert_same({"h": answer["h"][0, 0], "c": answer["c"][0]}, {"h": o_t * np.tanh(c_t), "c": c_t})


def test_the_step_by_step_homeworks_lstm_is_the_one_in_the_statement() -> None:
    """Homework 004, (1) to (6), transcribed: samples are columns, one matrix for [a, x] in each gate."""
    call = drawn(STEP_LSTM, Sizes(steps=1, batch=4, input=3, hidden=5, seed=2))
    parts = side_by_side({"h": 5, "x": 3})
    assert tuple(parts) == STEP_LSTM_ORDER
    concat = np.concatenate((call.start["h"].T, call.x[0].T))  # [a, x]  (n_a + n_x, m)
    W, b = {}, {}
    for ours, theirs in (("f", "f"), ("i", "u"), ("g", "c"), ("o", "o")):
        W[theirs] = np.empty((5, 8))
        for source, columns in parts.items():
            W[theirs][:, columns] = call.weights[f"W_{ours}{source}"]
        b[theirs] = call.weights[f"b_{ours}"][:, None]
    Γ_f, Γ_u, Γ_o = (sigmoid(W[gate] @ concat + b[gate]) for gate in "fuo")
    c_next = Γ_f * call.start["c"].T + Γ_u * np.tanh(W["c"] @ concat + b["c"])
    a_next = Γ_o * np.tanh(c_next)
    answer = call.answer()
    assert_same({"h": answer["h"][0].T, "c": answer["c"].T}, {"h": a_next, "c": c_next})


def test_gradients_reach_a_homeworks_own_stacked_array() -> None:
    """Slices of one matrix per gate, handed to the step, bring their gradients together in that matrix."""
    call = drawn(STEP_LSTM, Sizes(steps=1, batch=2, input=3, hidden=2, seed=3))
    parts = side_by_side({"h": 2, "x": 3})
    own = {f"W{g}": np.hstack([call.weights[f"W_{g}{source}"] for source in parts]) for g in "ifgo"}
    biases = {f"b_{g}": call.weights[f"b_{g}"] for g in "ifgo"}

    def function(given: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        split = {
            f"W_{g}{source}": given[f"W{g}"][:, columns] for g in "ifgo" for source, columns in parts.items()
        }
        h, c = step(STEP_LSTM, {**given, **split}, given["x"], (given["h"], given["c"]))
        return {"h": h, "c": c}

    arguments = {**own, **biases, "x": call.x[0], **call.start}
    answer = outputs_and_gradients(function, arguments, {"h": call.deltas["h"][0], "c": call.deltas["c"]})
    apart = by_hand(call)
    expected = {f"dW{g}": np.hstack([apart[f"dW_{g}h"], apart[f"dW_{g}x"]]) for g in "ifgo"}
    assert_same({name: answer[name] for name in expected}, expected)


# --- errors


@pytest.mark.parametrize("which", [0, 1])
def test_what_does_not_fit_is_named(which: int) -> None:
    """A cell state or a delta that broadcasting would stretch is refused by name."""
    call = drawn(THEORY, Sizes(steps=1, batch=4, input=3, hidden=2, seed=6))
    pairs = [[call.start["h"], call.start["c"]], [call.deltas["h"][0], call.deltas["c"]]]
    pairs[which][1] = np.ones((1, 2))
    (h, c), (delta_h, delta_c) = pairs
    sentence = ("c", "delta_c")[which] + r" has shape \(1, 2\); .* it must be \(4, 2\)"
    with pytest.raises(ValueError, match=f"^{sentence}"):
        forward_and_gradients(THEORY, call.weights, call.x[0], (h, c), (delta_h, delta_c))
