"""What a student's code returns becomes an array that a frame can carry, or a reason; never an exception."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.inside import adapter_api, wire

any_array = npst.arrays(
    npst.scalar_dtypes() | npst.array_dtypes(max_size=2),
    npst.array_shapes(min_dims=0, max_dims=9, min_side=0, max_side=2),
)


class Hostile:
    """Does the worst wherever it is looked at."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def _raise(self, *_: object, **__: object) -> NoReturn:
        raise self.error

    __array__ = __len__ = __iter__ = __getitem__ = __float__ = __eq__ = __str__ = __repr__ = __bool__ = _raise
    __hash__ = None  # type: ignore[assignment]


class LyingArray(np.ndarray[Any, Any]):
    """Says that it is small, of numbers, and equal to everything."""

    size = 1
    shape = (1,)  # type: ignore[override,unused-ignore]

    def __eq__(self, _: object) -> Any:
        return True

    def __array_function__(self, *_: object) -> Any:
        return np.ones(1)


@given(any_array)
def test_whatever_is_packed_can_be_sent(value: np.ndarray[Any, Any]) -> None:
    """Any array is made one that passes through a frame with the same shape, or a reason why not."""
    packed = adapter_api.pack(value)
    if isinstance(packed, adapter_api.Absent):
        assert value.dtype.kind not in "fiub" or value.ndim > wire.MAX_DIMS
    else:
        sent = wire.decode(wire.encode({}, {"y": packed}))[1]["y"]
        assert sent.shape == value.shape
        assert sent.dtype == packed.dtype


@given(npst.arrays(st.sampled_from(["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "?"]), (3,)))
def test_packing_keeps_every_value(value: np.ndarray[Any, Any]) -> None:
    """No value is changed by being packed."""
    packed = adapter_api.pack(value)
    assert isinstance(packed, np.ndarray)
    np.testing.assert_array_equal(packed, value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "is None"),
        (adapter_api.Absent("was eaten"), "was eaten"),
        ("abc", "is not an array of numbers but of text (str)"),
        (b"abc", "is not an array of numbers but of bytes (bytes)"),
        (["1", "2"], "is not an array of numbers but of text (list)"),
        ([None, 1], "is not an array of numbers but of objects (list)"),
        ({"dWzh": 1}, "is not an array of numbers but of objects (dict)"),
        (10**30, "is not an array of numbers but of objects (int)"),
        (1j, "is not an array of numbers but of dtype complex128"),
        (np.zeros(2, "M8[s]"), "is not an array of numbers but of dtype datetime64[s]"),
        (np.zeros(2, [("a", "f8")]), "is not an array of numbers but of records (ndarray)"),
        ([[1], [1, 2]], "cannot be made an array: ValueError"),
        (Hostile(ZeroDivisionError()), "cannot be made an array: ZeroDivisionError"),
        (Hostile(SystemExit(0)), "cannot be made an array: SystemExit"),
        (Hostile(KeyboardInterrupt()), "cannot be made an array: KeyboardInterrupt"),
        (np.broadcast_to(1.0, (10**6, 10**6)), "has shape (1000000, 1000000): far too large"),
        (np.zeros((0, 2**29)), "has shape (0, 536870912): far too large"),
        (np.zeros((1,) * 9), "has 9 dimensions: far too many"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Hostile) else None,
)
def test_what_is_no_array_says_why(value: object, reason: str) -> None:
    """What is not an array of numbers gets the end of a sentence that a student understands."""
    packed = adapter_api.pack(value)
    assert isinstance(packed, adapter_api.Absent)
    assert packed.reason == reason


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2.5, np.float64(2.5)),
        ([1, 2], np.array([1, 2])),
        (((1.0, 2.0), (3.0, 4.0)), np.array([[1.0, 2.0], [3.0, 4.0]])),
        (np.array([[1.0, 2.0]]).view(np.matrix), np.array([[1.0, 2.0]])),
        (np.ma.masked_array([1.0, 2.0], [True, False]), np.array([1.0, 2.0])),
        (np.array([1.5], np.longdouble), np.array([1.5])),
        (np.float16(0.5), np.float32(0.5)),
        (True, np.bool_(True)),
    ],
    ids=["number", "list", "tuples", "matrix", "masked", "longdouble", "float16", "bool"],
)
def test_what_is_nearly_an_array_is_taken_as_one(value: object, expected: np.ndarray[Any, Any]) -> None:
    """Scalars, lists, matrices and masked arrays arrive as the plain arrays that they hold."""
    packed = adapter_api.pack(value)
    assert type(packed) is np.ndarray
    assert packed.dtype == expected.dtype
    assert packed.shape == expected.shape
    assert (packed == expected).all()


def test_a_subclass_leaves_its_tricks_behind() -> None:
    """An array that lies about itself is packed as the numbers that it really holds."""
    liar = np.zeros((2, 3)).view(LyingArray)
    packed = adapter_api.pack(liar)
    assert type(packed) is np.ndarray
    assert np.ndarray.shape.__get__(packed) == (2, 3)


def test_what_was_packed_does_not_change_afterwards() -> None:
    """A student that writes into an array after returning it changes nothing that is sent."""
    value = np.zeros(3)
    packed = adapter_api.pack(value)
    value[:] = 1
    assert isinstance(packed, np.ndarray)
    assert packed.tolist() == [0, 0, 0]


def test_a_missing_attribute_is_said_by_name() -> None:
    """An attribute that was never set is named in the reason; one that was set is handed on."""
    cell = SimpleNamespace(dWzh=1.0)
    assert adapter_api.attribute(cell, "dWzh") == 1.0
    assert adapter_api.attribute(cell, "dWxh") == adapter_api.Absent("self.dWxh was never set")


@given(npst.arrays("f8", npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
def test_strided_views_hold_the_same_numbers(array: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    """The strided view equals its array entry by entry, and is not contiguous where that can be seen."""
    view = adapter_api.strided(array)
    np.testing.assert_array_equal(view, array)
    assert view.size <= 1 or not view.flags.contiguous


def test_two_things_are_told_from_one() -> None:
    """A pair is taken apart; one thing alone is the first; nothing at all is neither."""
    assert adapter_api.two((1, 2), "dx", "dh") == {"dx": 1, "dh": 2}
    assert adapter_api.two([1, 2], "dx", "dh") == {"dx": 1, "dh": 2}
    alone = adapter_api.two(1, "dx", "dh")
    assert (alone["dx"], type(alone["dh"])) == (1, adapter_api.Absent)
    assert all(isinstance(found, adapter_api.Absent) for found in adapter_api.two(None, "dx", "dh").values())
