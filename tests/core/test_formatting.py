"""Numbers and arrays in letters: short, and NumPy reads them back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.formatting import MOST_ENTRIES, apart, as_text, assignment, number

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SMALL = hnp.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=3)


def read_back(lines: tuple[str, ...], name: str) -> np.ndarray[Any, Any]:
    """Return the array that a student gets by pasting the lines."""
    names: dict[str, Any] = {"np": np}
    exec("\n".join(lines), names)
    result = names[name]
    assert isinstance(result, np.ndarray)
    return result


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.1128, "0.113"),
        (0.028, "0.028"),
        (2.8e-10, "2.8e-10"),
        (-12.0, "-12"),
        (0.0001, "0.0001"),
        (0.00001234, "1.23e-5"),
        (9.9996, "10"),
        (1234.5, "1234"),
        (1e300, "1e300"),
        (1e6, "1e6"),
        (-0.0, "0"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_a_number_is_written_as_a_person_would(x: float, text: str) -> None:
    """A number keeps three digits, without padding zeros, and an exponent only where that is shorter."""
    assert number(x) == text


@given(FINITE, st.integers(1, 17))
@example(2.0**-24, 17)  # its shortest decimal is not its nearest of that length
def test_a_number_is_read_back_to_its_digits(x: float, digits: int) -> None:
    """A number in letters is off by at most half a unit of its last digit; with 17 digits, by nothing."""
    back = float(number(x, digits))
    if digits == 17:
        assert back == x
    elif 1e-290 < abs(x) < 1e290:  # beyond, the bound itself loses digits or overflows
        assert abs(back - x) <= abs(x) * 0.5000001 * 10.0 ** (1 - digits)


@given(FINITE, FINITE)
def test_two_numbers_that_differ_are_seen_to_differ(a: float, b: float) -> None:
    """`apart` never shows a wrong number and the true one as the same letters."""
    left, right = apart(a, b)
    assert (left == right) == (a == b)


def test_apart_uses_no_more_digits_than_it_takes() -> None:
    """Numbers that differ in the third digit are shown with three; those 0.1 % apart with four."""
    assert apart(0.113456, 0.028123) == ("0.113", "0.0281")
    assert apart(0.11301, 0.11312) == ("0.113", "0.1131")
    assert apart(1.00000123, 1.00000212) == ("1.000001", "1.000002")


@given(hnp.arrays(np.float64, SMALL))
def test_an_array_comes_back_from_its_letters(array: np.ndarray[Any, Any]) -> None:
    """With 17 digits the literal is the array: shape, dtype, every value, NaN and all."""
    back = np.array(eval(as_text(array, 17), {"np": np}))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array, strict=True)


@given(hnp.arrays(np.float64, SMALL))
def test_pasted_lines_set_the_array(array: np.ndarray[Any, Any]) -> None:
    """The lines of `assignment` run as they stand and give the array back, whatever its dimensions."""
    np.testing.assert_array_equal(read_back(assignment("x", array, 17), "x"), array, strict=True)


@pytest.mark.parametrize("array", [np.array([True, False]), np.array([[3], [-4]]), np.zeros((0, 3))])
def test_arrays_that_are_not_floats_keep_their_dtype(array: np.ndarray[Any, Any]) -> None:
    """Booleans and integers, and the shape of what is empty, survive as well."""
    back = read_back(assignment("x", array), "x")
    np.testing.assert_array_equal(back, array, strict=True)


def test_a_matrix_stands_in_columns() -> None:
    """The rows of a matrix stand below each other, entries right-aligned."""
    assert assignment("Wzx", np.array([[0.31, -1.2], [10.0, 2.8e-10]])) == (
        "Wzx = np.array([[   0.31,    -1.2],",
        "                [   10.0, 2.8e-10]])",
    )


def test_short_arrays_stay_on_a_line() -> None:
    """Vectors and scalars take one line; a whole float is still a float."""
    assert assignment("x", np.array([0.5, -1.0])) == ("x = np.array([0.5, -1.0])",)
    assert assignment("x", np.array(0.31)) == ("x = np.array(0.31)",)
    assert as_text(np.array([[0.31, -1.2]])) == "[[0.31, -1.2]]"


def test_a_large_array_is_elided() -> None:
    """Beyond a hundred entries only the ends of each axis are shown, and that it goes on."""
    assert as_text(np.arange(1000)) == "[0, 1, 2, ..., 997, 998, 999]"
    assert assignment("x", np.arange(10000).reshape(100, 100))[3] == " " * len("x = np.array([") + "...,"
    assert "..." not in as_text(np.zeros(MOST_ENTRIES))


@given(
    hnp.array_shapes(min_dims=1, max_dims=8, min_side=1, max_side=40).filter(lambda s: np.prod(s) <= 1 << 20)
)
def test_formatting_are_bounded(shape: tuple[int, ...]) -> None:
    """However large the array of a student, what is printed of it stays within a few pages."""
    array = np.broadcast_to(np.float64(-0.12345678), shape)
    assert len(as_text(array)) < 6000
    assert len("".join(assignment("x", array))) < 6000
