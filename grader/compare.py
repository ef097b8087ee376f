"""Whether a student's array is the true one; and if not, in which way.

In this order, stopping at the first that fails: present, shape, finite, values. That it is a plain array of
real numbers is the conversation's to see to: no other comes out of a frame (`inside.wire`).

Values are held to the array's own scale: the largest error is at most 1e-6 of the largest true value (of
each slice by itself, where the output is declared so). There is no constant floor beside it: a floor of 1e-6
accepts a zero, or a turned sign, for a vanishing gradient. Hence a truth that is all zeros, which comes only
from zero inputs, demands zeros.

Inputs are float64. Who computes in float32 is held to what float32 arithmetic makes of right equations on
that very case, mostly some 1e-6; so a cast excuses no mistake, and no approximation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np

from grader.declaration import Output, Shape
from grader.formatting import apart
from grader.records import Array
from grader.slices import Slices

# As far off as this, float32 can hardly be why; and below it, hardly anything else.
FLOAT32_LIKELY = 1e-3
# A factor that a person would recognise: 2, 1/3, -4. Above it, any number is close to one by chance.
LARGEST_FACTOR = 64

IN_FLOAT32 = (
    "It is in float32, and further off than float32 makes right equations: compute in float64, NumPy's own "
    "default. If it is wrong then, too, the equations are."
)


class GapKind(StrEnum):
    """In which way an array is not the true one; in the order in which they are looked for."""

    MISSING = "missing"
    SHAPE = "shape"
    FINITE = "finite"
    VALUE = "value"


@dataclass(frozen=True)
class Gap:
    """How an array differs from the truth on one case.

    Attributes:
        kind: the first that failed.
        message: the fact, to follow the array's name: "has shape (5, 3), expected (3, 5)"; for finite and
            value where it is: "worst at [0, 1]: 0.113, expected 0.028".
        hint: what it looks like, only if that explains the whole array.
        cause: the hint without the numbers of this case, so that hints of several cases can be told equal.
    """

    kind: GapKind
    message: str
    hint: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Match:
    """The array is right.

    Attributes:
        shape_notice: set when the array was taken although an axis of length 1 was too many or too few.
        precision_notice: set when it is right only to what float32 can do.
    """

    shape_notice: str | None = None
    precision_notice: str | None = None


def missing(output: Output, reason: str) -> Gap:
    """Return the gap of an array that is not there; `reason` says why: "self.dWzh was never set"."""
    return Gap(GapKind.MISSING, reason or f"{output.name} is missing")


Rounding = Callable[[int], Array | None]
"""(position of a pair) -> how far float32 arithmetic of right equations is from the truth, entry by entry."""


def _unknown(_: int) -> None:
    return None


def compare(output: Output, actual: Array, expected: Array, rounding: Array | None = None) -> Match | Gap:
    """Hold one array to the true one; see `compare_all`."""
    return compare_all(output, [actual], [expected], lambda _: rounding)[0]


def compare_all(
    output: Output,
    actual: Sequence[Array],
    expected: Sequence[Array],
    rounding: Rounding = _unknown,
    slices: Slices | None = None,
) -> list[Match | Gap]:
    """Hold the arrays of one output, one per case, to the true ones: all in one vectorised pass.

    Args:
        output: how strictly the shape is held, and which slices have a scale of their own.
        actual: what the student's process sent: plain arrays of real numbers, whatever else they are.
        expected: the truth, float64, as many.
        rounding: asked only for what is in float32.
        slices: those of all that is expected, where somebody has kept them.

    Returns:
        One verdict per case, in order.

    Raises:
        GraderError: a true array is empty or not finite, which is our fault and no student's.
    """
    if (
        slices is not None
        and slices.shapes == [array.shape for array in actual]
        and slices.agree(actual).all()
    ):
        return [_RIGHT] * len(actual)
    verdicts: list[Match | Gap] = []
    pairs: list[tuple[Array, Array]] = []
    ready: list[int] = []
    for a, e in zip(actual, expected, strict=True):
        verdict = _form(output, a, e)
        if isinstance(verdict, Match):
            ready.append(len(verdicts))
            pairs.append((a if a.shape == e.shape else a.reshape(e.shape), e))
        verdicts.append(verdict)
    if not pairs:
        return verdicts
    right_ones = Slices(output, [e for _, e in pairs]).agree([a for a, _ in pairs])
    for i, (a, e), right in zip(ready, pairs, right_ones, strict=True):
        if not right:
            verdict = verdicts[i]
            assert isinstance(verdict, Match)
            verdicts[i] = _second_look(output, a, e, verdict, partial(rounding, i))
    return verdicts


_RIGHT = Match()


def _form(output: Output, actual: Array, expected: Array) -> Match | Gap:
    """Return what can be said of its shape, without looking at the values."""
    if actual.shape == expected.shape:
        return _RIGHT
    fact = f"has shape {actual.shape}, expected {expected.shape}"
    if output.shape is Shape.VECTOR and _long_axes(actual) == _long_axes(expected):
        return Match(f"{output.name} {fact}: accepted, since only an axis of length 1 differs.")
    if actual.shape == expected.shape[::-1]:
        hint = f"transposed? it should be {expected.shape}"
        return Gap(GapKind.SHAPE, fact, hint, cause="transposed?")
    return Gap(GapKind.SHAPE, fact)


def _long_axes(array: Array) -> tuple[int, ...]:
    return tuple(length for length in array.shape if length != 1)


def _second_look(
    output: Output, actual: Array, expected: Array, form: Match, rounding: Callable[[], Array | None]
) -> Match | Gap:
    """Return what an array of the right form, but not within the tolerance, is: not finite, in float32, or
    wrong.
    """
    with np.errstate(all="ignore"):
        values = actual.astype(np.float64)
    strange = ~np.isfinite(values)
    if strange.any():
        index = _index(strange)
        found, true = apart(values[index], expected[index])
        fact = f"{found} at {list(index)}, expected {true}"
        return Gap(GapKind.FINITE, fact)
    if not _in_float32(actual):
        return _value_gap(output, values, expected)
    known = rounding()
    granted = np.zeros_like(expected) if known is None else known
    if Slices(output, [expected]).agree([values], granted)[0]:
        return Match(
            form.shape_notice,
            f"{output.name} was computed in float32, which is right to about 7 digits: accepted. "
            "NumPy's own default, float64, is right to 16.",
        )
    return _value_gap(output, values, expected, granted)


def _in_float32(array: Array) -> bool:
    """Whether float32 made these numbers: by dtype, or because each of them is exactly one of float32's.

    A float64 array of numbers that even float16 can hold, such as 0, 1 and 0.5, shows nothing of the kind.
    """
    if array.dtype == np.float32:
        return True
    if array.dtype.kind != "f":
        return False
    with np.errstate(all="ignore"):
        fits = [bool((array.astype(narrow) == array).all()) for narrow in (np.float32, np.float16)]
    return fits == [True, False]


def _value_gap(output: Output, actual: Array, expected: Array, rounding: Array | None = None) -> Gap:
    axes = tuple(set(range(expected.ndim)) - {axis % expected.ndim for axis in output.each})
    scale = np.abs(expected).max(axis=axes, keepdims=True)
    with np.errstate(all="ignore"):
        error = np.abs(actual - expected)
        # Where the truth is all zeros any error is infinitely large, and no error is none (0/0 would be NaN).
        relative = np.where(error == 0, 0.0, error / scale)
    index = _index(relative)
    found, true = apart(actual[index], expected[index])
    cause = next(_causes(output, actual, expected, rounding), None)
    if cause is None and rounding is not None and relative[index] < FLOAT32_LIKELY:
        cause = IN_FLOAT32
    fact = f"{found}, expected {true}"
    return Gap(GapKind.VALUE, f"worst at {list(index)}: {fact}" if index else fact, hint=cause, cause=cause)


def _index(array: Array) -> tuple[int, ...]:
    """Where the largest entry is; the first of several."""
    return tuple(int(i) for i in np.unravel_index(np.argmax(array), array.shape))


def _causes(output: Output, actual: Array, expected: Array, rounding: Array | None) -> Iterator[str]:
    """Yield the simple explanations that turn the whole array into the true one, the simplest first."""
    true = Slices(output, [expected])

    def right_if(repaired: Array) -> bool:
        return bool(true.agree([repaired], rounding)[0])

    if not actual.any():
        yield "every entry is 0: was it never filled?"
        return
    if right_if(-actual):
        yield "every entry has the wrong sign"
    if actual.ndim == 2 and actual.shape[0] == actual.shape[1] and right_if(actual.T):
        yield "transposed?"
    largest = _index(np.abs(expected))
    with np.errstate(all="ignore"):
        ratio = actual[largest] / expected[largest]
        times, parts = (_whole(ratio), 1) if abs(ratio) > 1 else (1, _whole(1 / ratio))
        if abs(times * parts) > 1 and right_if(actual / times * parts):
            words = f"{abs(times)} times" if parts == 1 else f"1/{abs(parts)} of"
            turned = ", with the wrong sign" if times * parts < 0 else ""
            yield f"every entry is {words} what it should be{turned}"


def _whole(ratio: float) -> int:
    """Return the nearest whole number; 0 if there is none, or none that a person would recognise as
    a factor.
    """
    return round(float(ratio)) if abs(ratio) < LARGEST_FACTOR + 0.5 else 0
