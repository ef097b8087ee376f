"""The truth for GRUs is proven from outside: derivatives by hand, central differences, torch's own cell.

Nothing here compares the reference with itself alone, except where two of its formulations must round alike.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

import reference
from reference.dialects import (
    CMU_GRU,
    TEXT_GRU,
    THEORY_GRU,
    TORCH_GRU,
    GRUDialect,
    Keeps,
    Orientation,
    Reset,
)
from reference.gradients import Tensors, outputs_and_gradients
from reference.gru import Step, forward_and_gradients, letters, step

Array = NDArray[Any]
Arrays = dict[str, Array]

BIASES: tuple[Literal[0, 1, 2], ...] = (0, 1, 2)
EVERY_DIALECT = [GRUDialect(*choices) for choices in product(Keeps, Reset, BIASES, Orientation)]

few = settings(deadline=None, database=None, derandomize=True, max_examples=10)
many = settings(few, max_examples=60)


def in_words(dialect: GRUDialect) -> str:
    return f"keeps {dialect.keeps}, {dialect.reset}, {dialect.biases} biases, {dialect.orientation}"


each_dialect = pytest.mark.parametrize("dialect", EVERY_DIALECT, ids=in_words)


@dataclass(frozen=True)
class Sizes:
    batch: int
    input: int
    hidden: int
    seed: int


sizes = st.builds(
    Sizes, st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), seed=st.integers(0, 2**32 - 1)
)


@dataclass(frozen=True)
class Call:
    """One step and what is propagated back through it."""

    dialect: GRUDialect
    weights: Arrays
    x: Array  # (batch, input)
    h: Array  # (batch, hidden)
    delta: Array  # (batch, hidden)

    def answer(self, by: Step = step) -> Arrays:
        return dict(forward_and_gradients(self.dialect, self.weights, self.x, self.h, self.delta, by))


def printed(dialect: GRUDialect, weights: Tensors, x: Tensor, h: Tensor) -> Tensor:
    """Return the new state, by the equations as homeworks print them."""
    return letters(dialect, weights, x, h)["h"]


def drawn(dialect: GRUDialect, size: Sizes) -> Call:
    rng = np.random.default_rng(size.seed)
    shapes = dialect.weight_shapes(size.input, size.hidden)
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    x = rng.normal(size=(size.batch, size.input))
    h, delta = rng.normal(size=(2, size.batch, size.hidden))
    return Call(dialect, weights, x, h, delta)


def assert_same(actual: Arrays, expected: Arrays, within: float = 1e-12) -> None:
    """Each array has the same shape, and its largest error is within that part of its largest entry."""
    assert actual.keys() == expected.keys()
    for name, true in expected.items():
        assert actual[name].shape == true.shape, name
        error, scale = np.abs(actual[name] - true).max(), np.abs(true).max()
        assert error <= within * scale, f"{name}: {error:.1e} of {scale:.1e}"


# --- the equations by hand, in NumPy, one sample at a time


def sigmoid(a: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-a)))


def by_rows(call: Call) -> Arrays:
    """Return the weights one row per output, with two biases per gate, zeros where the dialect has none."""
    turned = call.dialect.orientation is Orientation.INPUT_BY_OUTPUT
    nothing = np.zeros(call.h.shape[1])
    full = {name: w.T if turned and w.ndim == 2 else w for name, w in call.weights.items()}
    for gate in "zrn":
        full.setdefault(f"b_{gate}x", full.get(f"b_{gate}", nothing))
        full.setdefault(f"b_{gate}h", nothing)
    return full


def one_sample(dialect: GRUDialect, w: Arrays, x: Array, h: Array, delta: Array) -> tuple[Arrays, Arrays]:
    """Return the pre-activations, and the new state with all its derivatives by the chain rule, for
    vectors.
    """
    a_z = w["W_zx"] @ x + w["W_zh"] @ h + w["b_zx"] + w["b_zh"]
    a_r = w["W_rx"] @ x + w["W_rh"] @ h + w["b_rx"] + w["b_rh"]
    z, r = sigmoid(a_z), sigmoid(a_r)
    early = dialect.reset is Reset.BEFORE_PRODUCT
    product_h = w["W_nh"] @ (r * h) + w["b_nh"] if early else r * (w["W_nh"] @ h + w["b_nh"])
    a_n = w["W_nx"] @ x + w["b_nx"] + product_h
    n = np.tanh(a_n)
    old, new = (z, 1 - z) if dialect.keeps is Keeps.Z else (1 - z, z)  # the factors of h and of n

    d_z = delta * (h - n) if dialect.keeps is Keeps.Z else delta * (n - h)
    d_an = delta * new * (1 - n * n)
    d_az = d_z * z * (1 - z)
    if early:
        d_product = d_an
        d_rh = w["W_nh"].T @ d_an
        d_r, dh = d_rh * h, d_rh * r
        dW_nh = np.outer(d_an, r * h)
    else:
        d_product = d_an * r
        d_r, dh = d_an * (w["W_nh"] @ h + w["b_nh"]), w["W_nh"].T @ d_product
        dW_nh = np.outer(d_product, h)
    d_ar = d_r * r * (1 - r)
    return {"a_z": a_z, "a_r": a_r, "a_n": a_n}, {
        "h": old * h + new * n,
        "dx": w["W_zx"].T @ d_az + w["W_rx"].T @ d_ar + w["W_nx"].T @ d_an,
        "dh": delta * old + w["W_zh"].T @ d_az + w["W_rh"].T @ d_ar + dh,
        "dW_zx": np.outer(d_az, x),
        "dW_zh": np.outer(d_az, h),
        "dW_rx": np.outer(d_ar, x),
        "dW_rh": np.outer(d_ar, h),
        "dW_nx": np.outer(d_an, x),
        "dW_nh": dW_nh,
        "db_zx": d_az,
        "db_zh": d_az,
        "db_rx": d_ar,
        "db_rh": d_ar,
        "db_nx": d_an,
        "db_nh": d_product,
    }


def by_hand(call: Call) -> Arrays:
    """Return what `forward_and_gradients` should answer: states stacked, weight gradients summed over the
    batch.
    """
    w, samples = by_rows(call), zip(call.x, call.h, call.delta, strict=True)
    answers = [one_sample(call.dialect, w, *sample)[1] for sample in samples]
    turned = call.dialect.orientation is Orientation.INPUT_BY_OUTPUT
    expected = {name: np.stack([answer[name] for answer in answers]) for name in ("h", "dx", "dh")}
    for name in call.weights:
        of_gate = f"d{name}x" if name in ("b_z", "b_r", "b_n") else f"d{name}"
        gradient = np.sum([answer[of_gate] for answer in answers], axis=0)
        expected[f"d{name}"] = gradient.T if turned else gradient
    return expected


def pre_activations(call: Call) -> Arrays:
    """a_z, a_r and a_n of all samples: (batch, hidden) each."""
    w, samples = by_rows(call), zip(call.x, call.h, call.delta, strict=True)
    found = [one_sample(call.dialect, w, *sample)[0] for sample in samples]
    return {name: np.stack([one[name] for one in found]) for name in found[0]}


# --- torch's cell, untouched


def untouched(call: Call) -> Arrays:
    """Return what nn.GRUCell answers with these parameters, used as its documentation shows."""
    parts = {"weight_ih": "W_{}x", "weight_hh": "W_{}h", "bias_ih": "b_{}x", "bias_hh": "b_{}h"}
    with_bias = "b_zx" in call.weights
    cell = torch.nn.GRUCell(call.x.shape[1], call.h.shape[1], bias=with_bias, dtype=torch.float64)
    stacked = {
        parameter: torch.from_numpy(np.concatenate([call.weights[part.format(gate)] for gate in "rzn"]))
        for parameter, part in list(parts.items())[: 4 if with_bias else 2]
    }
    cell.load_state_dict(stacked)
    x, h = (torch.from_numpy(array).requires_grad_() for array in (call.x, call.h))
    new_state = cell(x, h)
    (new_state * torch.from_numpy(call.delta)).sum().backward()

    answer = {"h": new_state.detach().numpy(), "dx": slope(x), "dh": slope(h)}
    for parameter, tensor in cell.named_parameters():
        for gate, third in zip("rzn", np.split(slope(tensor), 3), strict=True):
            answer["d" + parts[parameter].format(gate)] = third
    return answer


def slope(leaf: torch.Tensor) -> Array:
    assert leaf.grad is not None
    return np.asarray(leaf.grad.numpy())


def update_gate_turned(arrays: Arrays) -> Arrays:
    """Return the same with the sign of every array of the update gate turned, weights or gradients."""
    return {name: -a if name.removeprefix("d")[1:3] == "_z" else a for name, a in arrays.items()}


# --- the proofs


@each_dialect
@few
@given(size=sizes)
def test_every_dialect_equals_the_equations_derived_by_hand(dialect: GRUDialect, size: Sizes) -> None:
    """New state and every gradient are what the chain rule gives on paper, in NumPy, sample by sample."""
    call = drawn(dialect, size)
    assert_same(call.answer(), by_hand(call))


@each_dialect
@few
@given(size=sizes)
def test_the_equations_written_out_in_torch_are_right_too(dialect: GRUDialect, size: Sizes) -> None:
    """The second formulation is held to the derivation by hand, not to the first formulation."""
    call = drawn(dialect, size)
    assert_same(call.answer(by=printed), by_hand(call))


@each_dialect
def test_gradients_are_the_slopes_that_central_differences_find(dialect: GRUDialect) -> None:
    """torch.autograd.gradcheck agrees on every argument: weights, biases, input and old state."""
    call = drawn(dialect, Sizes(batch=2, input=3, hidden=2, seed=5))
    names = list(call.weights)
    arguments = [torch.from_numpy(a).requires_grad_() for a in (*call.weights.values(), call.x, call.h)]

    def new_state(*tensors: torch.Tensor) -> torch.Tensor:
        *weights, x, h = tensors
        return step(dialect, dict(zip(names, weights, strict=True)), x, h)

    assert torch.autograd.gradcheck(new_state, arguments)


@many
@given(size=sizes, biases=st.sampled_from([0, 2]))
def test_torchs_dialect_is_torchs_cell_untouched(size: Sizes, biases: Literal[0, 2]) -> None:
    """A GRUCell with these parameters, run as anyone would run it, has the same state and gradients."""
    call = drawn(replace(TORCH_GRU, biases=biases), size)
    assert_same(call.answer(), untouched(call))


@many
@given(size=sizes)
def test_cmus_cell_of_one_hidden_unit_is_torchs_cell_with_the_update_gate_negated(size: Sizes) -> None:
    """With one hidden unit W_nh is a number: W_nh*(r*h) = r*(W_nh*h), wherever the reset acts."""
    call = drawn(CMU_GRU, replace(size, hidden=1))
    expected = untouched(replace(call, weights=update_gate_turned(call.weights)))
    assert_same(call.answer(), update_gate_turned(expected))


@many
@given(size=sizes)
def test_cmus_cell_is_torchs_wherever_the_candidates_hidden_weights_are_diagonal(size: Sizes) -> None:
    """A diagonal matrix commutes with r*, too; the two cells part only beside the diagonal of dW_nh."""
    call = drawn(CMU_GRU, size)
    call.weights["W_nh"] *= np.eye(size.hidden)
    expected = update_gate_turned(untouched(replace(call, weights=update_gate_turned(call.weights))))
    answer = call.answer()
    for arrays in (answer, expected):
        arrays["dW_nh"] = np.diag(arrays["dW_nh"])
    assert_same(answer, expected)


# --- rounding


def driven_to_the_bounds(call: Call, sigmoid_bound: float, tanh_bound: float) -> Call:
    """Return the same call with each gate's weights scaled so that its largest pre-activation is at the
    bound.
    """
    for gate, bound in (("z", sigmoid_bound), ("r", sigmoid_bound), ("n", tanh_bound)):
        largest = np.abs(pre_activations(call)[f"a_{gate}"]).max()
        scaled = {n: w * (bound / largest) if n[2] == gate else w for n, w in call.weights.items()}
        call = replace(call, weights=scaled)
    return call


@many
@given(dialect=st.sampled_from(EVERY_DIALECT), size=sizes, share=st.floats(0.1, 1))
def test_both_formulations_round_alike_within_the_bounds(
    dialect: GRUDialect, size: Sizes, share: float
) -> None:
    """Up to 12 for sigmoids and 6 for tanh they agree to 1e-12, so rounding cannot cost a right answer.

    That is, of the new state itself, and for gradients of the largest of them all. A single array may be a
    difference of near-equal terms, all of it small: still ten times closer than the 1e-6 that grading allows.
    """
    call = driven_to_the_bounds(drawn(dialect, size), 12 * share, 6 * share)
    one, two = call.answer(), call.answer(by=printed)
    assert_same(one, two, within=1e-7)
    assert_same({"h": one["h"]}, {"h": two["h"]})
    largest = max(np.abs(array).max() for array in two.values())
    assert all(np.abs(one[name] - two[name]).max() <= 1e-12 * largest for name in two)


def test_far_beyond_the_bounds_the_two_formulations_part() -> None:
    """At 30, 1 - sigmoid(a) has lost the digits that sigmoid(-a) keeps: the pair shows where not to ask."""
    one = np.ones((1, 1))
    weights = dict.fromkeys(CMU_GRU.weight_shapes(1, 1), 0 * one) | {"W_zx": 30 * one}
    call = Call(CMU_GRU, weights, x=one, h=one, delta=one)
    first, second = call.answer()["dW_zx"], call.answer(by=printed)["dW_zx"]
    assert abs(first - second) > 1e-5 * abs(first)


# --- the homeworks' own words


def test_cmus_dialect_is_the_one_in_the_statement() -> None:
    """Homework 000, Eq. (1) to (4), transcribed."""
    call = drawn(CMU_GRU, Sizes(batch=1, input=3, hidden=2, seed=1))
    w, x_t, h_before = call.weights, call.x[0], call.h[0]
    z_t = sigmoid(w["W_zh"] @ h_before + w["W_zx"] @ x_t)
    r_t = sigmoid(w["W_rh"] @ h_before + w["W_rx"] @ x_t)
    h_tilde = np.tanh(w["W_nh"] @ (r_t * h_before) + w["W_nx"] @ x_t)
    assert_same({"h": call.answer()["h"][0]}, {"h": (1 - z_t) * h_before + z_t * h_tilde})


def test_the_text_homeworks_dialect_is_the_one_in_the_statement() -> None:
    """Homework 001, question 2, transcribed: row vectors, one bias."""
    call = drawn(TEXT_GRU, Sizes(batch=2, input=3, hidden=2, seed=2))
    w, x_t, h_before = call.weights, call.x, call.h
    z_t = sigmoid(x_t @ w["W_zx"] + h_before @ w["W_zh"] + w["b_z"])
    r_t = sigmoid(x_t @ w["W_rx"] + h_before @ w["W_rh"] + w["b_r"])
    h_hat = np.tanh(x_t @ w["W_nx"] + (r_t * h_before) @ w["W_nh"] + w["b_n"])
    assert_same({"h": call.answer()["h"]}, {"h": (1 - z_t) * h_before + z_t * h_hat})


def test_the_theory_homeworks_dialect_is_the_one_in_the_statement() -> None:
    """Homework 003, question 4, transcribed: W transposed, one bias, z keeps the old state."""
    call = drawn(THEORY_GRU, Sizes(batch=1, input=3, hidden=2, seed=3))
    w, x_t, h_before = call.weights, call.x[0], call.h[0]
    z_t = sigmoid(w["W_zx"].T @ x_t + w["W_zh"].T @ h_before + w["b_z"])
    r_t = sigmoid(w["W_rx"].T @ x_t + w["W_rh"].T @ h_before + w["b_r"])
    g_t = np.tanh(w["W_nx"].T @ x_t + w["W_nh"].T @ (r_t * h_before) + w["b_n"])
    assert_same({"h": call.answer()["h"][0]}, {"h": z_t * h_before + (1 - z_t) * g_t})


# --- from NumPy to NumPy


def test_arguments_of_any_strides_and_dtype_are_taken_and_left_alone() -> None:
    """Views that run backwards, read-only arrays and float32 give the answer of plain copies."""
    call = drawn(CMU_GRU, Sizes(batch=3, input=4, hidden=2, seed=4))
    odd = replace(
        call,
        weights={name: np.asfortranarray(w) for name, w in call.weights.items()},
        x=call.x[::-1, ::-1],
        h=call.h.astype(np.float32),
    )
    for array in (*odd.weights.values(), odd.x, odd.h, odd.delta):
        array.flags.writeable = False
    plain = replace(odd, x=odd.x.copy(), h=odd.h.astype(np.float64))
    answer = odd.answer()
    assert_same(answer, plain.answer(), within=0)
    assert {array.dtype for array in answer.values()} == {np.dtype(np.float64)}
    assert all(array.flags.writeable for array in answer.values())


@few
@given(size=sizes)
def test_steps_compose_through_time(size: Sizes) -> None:
    """Two steps as one function are the second step's dh handed to the first one as delta."""
    second = drawn(TEXT_GRU, size)
    first = replace(second, x=second.x[::-1] - 1)
    second = replace(second, h=first.answer()["h"])
    back = second.answer()
    forth = replace(first, delta=back["dh"]).answer()

    def two_steps(given: Any) -> dict[str, torch.Tensor]:
        middle = step(TEXT_GRU, given, given["x1"], given["h"])
        return {"middle": middle, "h": step(TEXT_GRU, given, given["x2"], middle)}

    arguments = {**second.weights, "x1": first.x, "x2": second.x, "h": first.h}
    expected = {f"d{name}": back[f"d{name}"] + forth[f"d{name}"] for name in second.weights}
    expected |= {"dx1": forth["dx"], "dx2": back["dx"], "dh": forth["dh"], "h": back["h"], "middle": second.h}
    assert_same(outputs_and_gradients(two_steps, arguments, {"h": second.delta}), expected)


def test_a_delta_is_never_broadcast() -> None:
    """A delta that could be stretched over its output is refused, with both shapes."""
    with pytest.raises(ValueError, match=r"y has shape \(3, 2\), its delta has \(2,\)"):
        outputs_and_gradients(lambda given: {"y": given["x"]}, {"x": np.ones((3, 2))}, {"y": np.ones(2)})


@each_dialect
def test_each_answer_is_an_array_of_its_own(dialect: GRUDialect) -> None:
    """Two biases have equal gradients, yet changing one array of the answer changes no other."""
    answer = list(drawn(dialect, Sizes(batch=1, input=2, hidden=2, seed=8)).answer().values())
    assert all(array.flags.owndata and array.flags.c_contiguous for array in answer)
    assert not any(np.shares_memory(one, other) for one, other in combinations(answer, 2))


def test_an_argument_that_does_not_matter_has_zeros_for_a_gradient() -> None:
    """A dropped path is a gradient of zeros in the argument's shape, not a missing one."""
    arguments = {"used": np.ones(2), "unused": np.ones((3, 1))}
    answer = outputs_and_gradients(lambda given: {"y": 2 * given["used"]}, arguments, {"y": np.ones(2)})
    assert answer["dunused"].shape == (3, 1)
    assert not answer["dunused"].any()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"weights": {"W_zx": None}}, r"a GRU with 1 biases per gate also needs W_zx"),
        ({"weights": {"b_zh": np.ones(2)}}, r"a GRU with 1 biases per gate has no b_zh"),
        ({"weights": {"W_rx": np.ones((2, 3))}}, r"W_rx has shape \(2, 3\); .* 'x W' it must be \(3, 2\)"),
        ({"x": np.ones(3)}, r"x and h must be \(batch, input\) and \(batch, hidden\), got shapes \(3,\)"),
        ({"h": np.ones((1, 2))}, r"h has shape \(1, 2\); with 4 samples, .* it must be \(4, 2\)"),
        ({"delta": np.ones((1, 2))}, r"delta has shape \(1, 2\); .* it must be \(4, 2\)"),
    ],
    ids=["missing", "unknown", "transposed", "a vector", "batch of h", "batch of delta"],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], sentence: str) -> None:
    """Broadcasting never answers for a wrong shape: a sentence says which array, and what it should be."""
    call = drawn(TEXT_GRU, Sizes(batch=4, input=3, hidden=2, seed=6))
    weights = {**call.weights, **change.get("weights", {})}
    given_weights = {name: weight for name, weight in weights.items() if weight is not None}
    wrong = replace(call, **{**change, "weights": given_weights})
    with pytest.raises(ValueError, match=sentence):
        wrong.answer()


# --- what it costs others


def test_torchs_random_state_is_left_alone() -> None:
    """Making a cell of a size never seen before draws nothing from torch's generator."""
    before = torch.get_rng_state()
    drawn(CMU_GRU, Sizes(batch=1, input=11, hidden=13, seed=7)).answer()
    assert torch.equal(torch.get_rng_state(), before)


def test_slow_imports_stay_out() -> None:
    """Dialects come without torch, gradients without sympy (which autograd imports for a given delta)."""
    program = """
import sys
import numpy as np
import reference.dialects as dialects
assert "torch" not in sys.modules
import reference.gru as gru
weights = {name: np.ones(shape) for name, shape in dialects.CMU_GRU.weight_shapes(1, 1).items()}
gru.forward_and_gradients(dialects.CMU_GRU, weights, *np.ones((3, 1, 1)))
assert "sympy" not in sys.modules
"""
    root = Path(reference.__file__).parents[1]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root, timeout=60)
