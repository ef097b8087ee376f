"""The comparer meets planted lies: each is told from the truth, at every scale."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.compare import Gap, GapKind, Match, compare, compare_all, missing
from grader.declaration import Output, Shape
from grader.errors import GraderError

EXACT = Output("dWzh")
VECTOR = Output("dx", Shape.VECTOR)
SAMPLES = Output("dx", Shape.VECTOR, each=(0,))

Array = np.ndarray[Any, Any]

SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)
SCALES = st.integers(-300, 300).map(lambda power: 10.0**power)


@st.composite
def truths(draw: st.DrawFn, shapes: st.SearchStrategy[tuple[int, ...]] = SHAPES) -> Array:
    """Return a true array without zeros; its largest magnitude is 1e-300 to 1e301, and no round number."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = rng.uniform(0.01, 1.0, draw(shapes)) * rng.choice([-1.0, 1.0])
    values *= rng.choice([-1.0, 1.0], values.shape)
    return np.asarray(values / np.abs(values).max() * (rng.uniform(1, 10) * draw(SCALES)))


def gap(actual: Array, expected: Array, output: Output = EXACT) -> Gap:
    """Return the gap, which there must be."""
    verdict = compare(output, actual, expected)
    assert isinstance(verdict, Gap)
    return verdict


def where(found: Gap) -> tuple[int, ...]:
    """Return the entry that its message points at: () of a scalar."""
    place = re.search(r"at \[([\d, ]*)\]", found.message)
    return tuple(int(at) for at in place[1].split(",")) if place and place[1] else ()


@given(truths(), st.integers(0, 2**32))
def test_rounding_noise_is_right(truth: Array, seed: int) -> None:
    """Two right formulations, 1e-9 of the scale apart, are both right, at every scale and without a word."""
    noise = np.random.default_rng(seed).uniform(-1e-9, 1e-9, truth.shape) * np.abs(truth).max()
    for output in (EXACT, VECTOR):
        assert compare(output, truth + noise, truth) == Match()


@given(truths())
def test_a_tenth_of_a_percent_is_wrong(truth: Array) -> None:
    """One entry of the largest magnitude, 0.1 % off, is found, and found there."""
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(truth)), truth.shape))
    lie = truth.copy()
    lie[worst] *= 1.001
    found = gap(lie, truth)
    assert found.kind is GapKind.VALUE
    assert where(found) == worst


@given(truths(), st.data())
def test_any_entry_far_off_is_wrong(truth: Array, data: st.DataObject) -> None:
    """An entry anywhere that is off by 1e-5 of the scale is found, whatever the entry's own size."""
    at = tuple(data.draw(st.integers(0, length - 1)) for length in truth.shape)
    lie = truth.copy()
    lie[at] += 1e-5 * np.abs(truth).max()
    assert where(gap(lie, truth)) == at


@given(truths())
def test_a_turned_sign_is_wrong_and_said(truth: Array) -> None:
    """A sign turned is wrong at every scale, 1e-9 and 1e-300 too, and the hint says what it is."""
    found = gap(-truth, truth)
    assert found.kind is GapKind.VALUE
    assert found.hint == "every entry has the wrong sign"


def test_a_turned_sign_at_1e_9_is_wrong() -> None:
    """The lie that an absolute floor of 1e-6 or 1e-8 would accept."""
    truth = 1e-9 * np.array([[1.0, -2.0], [0.5, 0.25]])
    assert np.allclose(-truth, truth, atol=1e-8)
    assert gap(-truth, truth).message == "worst at [0, 1]: 2e-9, expected -2e-9"


@given(truths())
def test_zeros_for_a_vanishing_gradient_are_wrong(truth: Array) -> None:
    """An array never filled is wrong however small the truth is, in float32 too, and the hint asks."""
    for zeros in (np.zeros_like(truth), np.zeros(truth.shape, np.float32), np.zeros(truth.shape, int)):
        assert gap(zeros, truth).hint == "every entry is 0: was it never filled?"


@given(st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple), SCALES)
def test_a_truth_of_zeros_demands_zeros(shape: tuple[int, ...], scale: float) -> None:
    """Where the truth is all zeros nothing but zeros is right, not even 1e-300."""
    truth = np.zeros(shape)
    assert compare(EXACT, -truth, truth) == Match()
    lie = truth.copy()
    lie[-1] = scale
    found = gap(lie, truth)
    assert found.kind is GapKind.VALUE
    assert lie[where(found)] == scale


@given(truths(), st.sampled_from([np.nan, np.inf, -np.inf]), st.data())
def test_what_is_not_finite_is_wrong(truth: Array, strange: float, data: st.DataObject) -> None:
    """One NaN or infinity anywhere is found, before any value is compared."""
    at = tuple(data.draw(st.integers(0, length - 1)) for length in truth.shape)
    lie = 2 * truth
    lie[at] = strange
    found = gap(lie, truth)
    assert (found.kind, where(found)) == (GapKind.FINITE, at)
    assert f"{strange} at {list(at)}" in found.message


def test_an_overflowing_difference_is_wrong() -> None:
    """Numbers so far apart that their difference overflows are wrong, without a warning."""
    assert gap(np.array([-1.7e308]), np.array([1.7e308])).kind is GapKind.VALUE
    assert gap(np.array([1e300]), np.array([1e-300])).kind is GapKind.VALUE


@given(truths(), st.data())
def test_a_broadcastable_shape_is_wrong(truth: Array, data: st.DataObject) -> None:
    """An array that NumPy would broadcast against the truth is still of the wrong shape."""
    for output in (EXACT, VECTOR):
        longer = np.stack([truth, truth])
        assert gap(longer, truth, output).kind is GapKind.SHAPE
        assert gap(truth, longer, output).kind is GapKind.SHAPE
    constant = np.ones((3, 4))
    for lie in (constant[:1], constant[:, :1], constant[0], np.array(1.0)):
        assert gap(lie, constant, VECTOR).kind is GapKind.SHAPE


@given(truths(), st.integers(0, 3))
def test_axes_of_length_one_are_exact_for_weights_alone(truth: Array, at: int) -> None:
    """An axis of length 1 too many is a notice for a vector, and wrong for a weight."""
    row = np.expand_dims(truth, min(at, truth.ndim))
    verdict = compare(VECTOR, row, truth)
    assert isinstance(verdict, Match)
    assert verdict.shape_notice is not None
    assert f"has shape {row.shape}, expected {truth.shape}" in verdict.shape_notice
    assert gap(row, truth).kind is GapKind.SHAPE
    assert gap(2 * row, truth, VECTOR).kind is GapKind.VALUE
    matrix = np.stack([truth, truth, truth])
    if truth.shape[0] not in (1, 3):
        assert gap(matrix.reshape(truth.shape[0], 3, *truth.shape[1:]), matrix, VECTOR).kind is GapKind.SHAPE


def test_whole_numbers_and_booleans_are_numbers() -> None:
    """An answer in integers or booleans counts by its values."""
    truth = np.array([[1.0, 0.0], [0.0, 1.0]])
    for dtype in (np.int32, np.int64, np.uint8, np.bool_, ">f8"):
        assert compare(EXACT, truth.astype(dtype), truth) == Match()
        assert gap(1 - truth.astype(np.int8), truth).kind is GapKind.VALUE


@given(truths(st.just((3, 4))), st.integers(2, 12), st.sampled_from([0, 1, -1, -2]))
def test_each_slice_has_its_own_scale(truth: Array, orders: int, axis: int) -> None:
    """A small sample beside a big one is held to its own size: a turned sign, a zero, 0.1 % off are wrong."""
    output = Output("dx", each=(axis,))
    beside = np.moveaxis(truth.copy(), axis, 0)
    beside[1] *= 10.0**-orders
    both = np.moveaxis(beside, 0, axis)
    assert compare(output, both * (1 + 1e-9), both) == Match()
    for factor in (-1.0, 0.0, 1.001):
        lie = np.moveaxis(both.copy(), axis, 0)
        lie[1] *= factor
        found = gap(np.moveaxis(lie, 0, axis), both, output)
        assert where(found)[axis] == 1
        assert found.hint is None
        if orders > 6:
            assert compare(EXACT, np.moveaxis(lie, 0, axis), both) == Match()


@given(st.integers(0, 2**32))
def test_a_zero_slice_demands_zeros(seed: int) -> None:
    """A sample or step whose truth is zero demands zeros, whatever its neighbours are."""
    truth = np.random.default_rng(seed).standard_normal((3, 2, 4))
    truth[1, 0] = 0
    output = Output("h", each=(0, 1))
    assert compare(output, truth, truth) == Match()
    lie = truth.copy()
    lie[1, 0, 2] = 1e-12
    assert where(gap(lie, truth, output)) == (1, 0, 2)
    assert compare(EXACT, lie, truth) == Match()


FLOAT32_SCALES = st.integers(-30, 30).map(lambda power: 10.0**power)


@given(st.integers(0, 2**32), FLOAT32_SCALES, st.booleans())
def test_float32_is_accepted_and_told(seed: int, scale: float, widened: bool) -> None:
    """Float32's own noise, by dtype or by values alone, costs nothing and is said; in float64 it is wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.5, 1, (3, 4)) * scale
    answer = (truth * (1 + 2e-5 * rng.choice([-1, 1], truth.shape))).astype(np.float32)
    verdict = compare(EXACT, answer.astype(np.float64) if widened else answer, truth, truth * 5e-6)
    assert isinstance(verdict, Match)
    assert verdict.precision_notice is not None
    assert "dWzh was computed in float32" in verdict.precision_notice
    assert gap(answer.astype(np.float64) * (1 + 1e-12), truth).kind is GapKind.VALUE


@given(st.integers(0, 2**32), FLOAT32_SCALES, st.booleans(), st.sampled_from([5e-6, 2e-5, 9e-5]))
def test_a_cast_to_float32_buys_no_tolerance(seed: int, scale: float, widened: bool, off: float) -> None:
    """Where float32 is right to 3e-7, what is off by 5e-6 is wrong, cast or not, and told why."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.5, 1, (3, 4)) * scale
    answer = (truth * (1 + off * rng.choice([-1, 1], truth.shape))).astype(np.float32)
    for rounding in (truth * 3e-7, None):
        found = compare(EXACT, answer.astype(np.float64) if widened else answer, truth, rounding)
        assert isinstance(found, Gap)
        assert found.kind is GapKind.VALUE
        assert "further off than float32 makes right equations" in (found.hint or "")


@given(st.integers(0, 2**32), FLOAT32_SCALES, st.booleans())
def test_float32_excuses_no_mistake(seed: int, scale: float, widened: bool) -> None:
    """An answer in float32 that is 0.2 % off, or of the wrong sign, is wrong like any other."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.5, 1, (3, 4)) * scale
    for factor in (1.002, -1.0000012):
        answer = (truth * factor).astype(np.float32)
        found = gap(answer.astype(np.float64) if widened else answer, truth)
        assert found.kind is GapKind.VALUE
        assert found.hint == (None if factor > 0 else "every entry has the wrong sign")


def test_a_round_constant_is_no_sign_of_float32() -> None:
    """A float64 array of ones where 0.99995 is true is a mistake, not float32."""
    assert gap(np.ones((2, 2)), np.full((2, 2), 0.99995)).kind is GapKind.VALUE
    assert isinstance(compare(EXACT, np.ones((2, 2), np.float32), np.full((2, 2), 0.9999985)), Match)


@given(truths(st.tuples(st.integers(2, 4), st.integers(2, 4))))
def test_a_transposed_array_is_recognised(truth: Array) -> None:
    """A transposed matrix is said to be one: by its shape, or by its values where it is square."""
    found = gap(truth.T, truth)
    assert found.cause == "transposed?"
    if truth.shape[0] == truth.shape[1]:
        assert (found.kind, found.hint) == (GapKind.VALUE, "transposed?")
    else:
        assert (found.kind, found.hint) == (GapKind.SHAPE, f"transposed? it should be {truth.shape}")
        assert found.message == f"has shape {truth.T.shape}, expected {truth.shape}"


@given(truths(st.just((3, 2))), st.integers(2, 64), st.sampled_from([1, -1]))
def test_a_whole_factor_is_named(truth: Array, times: int, sign: int) -> None:
    """A factor of n or 1/n on the whole array is named, with its sign."""
    turned = ", with the wrong sign" if sign < 0 else ""
    hint = gap(truth * times * sign, truth).hint
    assert hint == f"every entry is {times} times what it should be{turned}"
    assert gap(truth / times * sign, truth).hint == f"every entry is 1/{times} of what it should be{turned}"


@given(truths(st.just((3, 3))), st.data())
def test_no_explanation_is_invented(truth: Array, data: st.DataObject) -> None:
    """A hint that explains all but one entry is not given; nor is a factor that nobody would recognise."""
    assert gap(truth * 1.37, truth).hint is None
    at = tuple(data.draw(st.integers(0, 2)) for _ in range(2))
    for lie in (-truth, truth * 2, truth / 3, truth.T.copy(), np.zeros_like(truth)):
        lie[at] = np.abs(truth).max() * 1.1
        assert gap(lie, truth).hint is None


def test_the_message_says_what_where_and_expected() -> None:
    """The worst entry is shown with as many digits as it takes to see the difference."""
    truth = np.array([[0.5, 0.028], [0.2, 0.1]])
    lie = truth.copy()
    lie[0, 1] = 0.113
    assert gap(lie, truth).message == "worst at [0, 1]: 0.113, expected 0.028"
    lie[0, 1] = 0.028001
    assert gap(lie, truth).message == "worst at [0, 1]: 0.028001, expected 0.028"
    assert gap(np.array(1.0), np.array(2.0)).message == "1, expected 2"


def test_what_is_missing_says_why() -> None:
    """The reason that the student's process gave is the fact; without one the array is named."""
    assert missing(EXACT, "self.dWzh was never set") == Gap(GapKind.MISSING, "self.dWzh was never set")
    assert missing(EXACT, "").message == "dWzh is missing"


@given(st.lists(truths(st.tuples(st.integers(1, 4), st.just(3))), min_size=1, max_size=6), st.data())
def test_arrays_compared_together_fare_as_alone(several: list[Array], data: st.DataObject) -> None:
    """The one pass over all cases says of each what comparing it alone says: neighbours do not matter."""
    answers: list[Array] = []
    for truth in several:
        lies = [truth, truth * 1.001, -truth, truth * np.nan, truth.T, truth[None]]
        answers.append(data.draw(st.sampled_from(lies)))
    for output in (EXACT, VECTOR, SAMPLES):
        alone = [compare(output, a, e) for a, e in zip(answers, several, strict=True)]
        # NaN is not equal to itself: compare what is printed.
        assert repr(compare_all(output, answers, several)) == repr(alone)


@pytest.mark.parametrize("truth", [np.array([1.0, np.nan]), np.array([np.inf, 1.0]), np.zeros((0, 3))])
def test_an_unusable_truth_is_our_fault(truth: Array) -> None:
    """A truth that is empty or not finite neither costs nor gives a point: it is an error of ours."""
    with pytest.raises(GraderError, match="true dWzh"):
        compare(EXACT, truth, truth)


@given(truths())
def test_comparing_changes_nothing(truth: Array) -> None:
    """Read-only and strided arrays are compared as they are, and left as they were."""
    padded = np.repeat(truth, 2, axis=-1)[..., ::2]
    padded.flags.writeable = truth.flags.writeable = False
    assert compare(EXACT, padded, truth) == Match()
    assert gap(padded * 3, truth).kind is GapKind.VALUE
