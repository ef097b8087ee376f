"""What tells some cases of a suite from the others, read off their arrays and sizes.

A property is told where a criterion is right wherever it holds and wrong elsewhere, or the other way round.
So none is a label's words, and each splits the cases in two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from grader.leniency import has_size_of_one
from grader.outcomes import listed
from grader.records import Array, Case

GAP = 30.0  # arrays are tiny in some cases if those in all others are larger by this factor
MOST_NAMES = 6

# What has a size of 1 does nothing there; so what is right there alone is wrong in one of these.
ONE = {
    "batch": "With one sample a sum or a mean over the samples, and a bias added to each, show nothing: look "
    "for what goes over the samples.",
    "steps": "So the step itself is right: look at what goes from one step to the next.",
    "hidden": "With one unit a broadcast, a sum over units and a transposition show nothing: look for one.",
    "input": "With one input a broadcast, a sum over inputs and a transposition show nothing: look for one.",
    "outputs": "With one output a sum over outputs shows nothing: look for one.",
}


@dataclass(frozen=True)
class Property:
    """What some cases of a suite have and the others have not.

    Attributes:
        says: completes "the cases ...".
        holds: for each case, whether it has it.
        if_right, if_wrong: what to look at where a criterion is right, or wrong, in these cases alone; "" if
            nothing follows.
        is_threshold: it is one of many that differ in a number.
    """

    says: str
    holds: tuple[bool, ...]
    if_right: str = ""
    if_wrong: str = ""
    is_threshold: bool = False


def properties(cases: Sequence[Case]) -> list[Property]:
    """List what splits the cases, the plainest first; of those that split them alike the first alone."""
    found: dict[tuple[bool, ...], Property] = {}
    for one in _all(cases):
        if any(one.holds) and not all(one.holds):
            found.setdefault(one.holds, one)
    return list(found.values())


def _all(cases: Sequence[Case]) -> Iterator[Property]:
    yield from _zeros(cases)
    yield from _ones(cases)
    yield from _equal(cases)
    yield from _tiny(cases)
    yield Property(
        "with a size of 1",
        tuple(map(has_size_of_one, cases)),
        if_wrong="Is an axis of length 1 lost there, or added?",
    )
    yield Property(
        "whose arrays are not contiguous in memory",
        tuple(case.strided for case in cases),
        if_wrong="Is an array there read by its memory, and not by its indices?",
    )
    yield from _small(cases)
    yield from _large(cases)


def _zeros(cases: Sequence[Case]) -> Iterator[Property]:
    """Yield the arrays that are all zero in some cases, as a state is before the first step."""
    for names, holds in _by_split(cases, lambda name: tuple(not case.inputs[name].any() for case in cases)):
        is_, it = ("is", "it") if len(names) == 1 else ("are", "they")
        goes = "goes" if len(names) == 1 else "go"
        yield Property(
            f"whose {listed(names)} {is_} zero",
            holds,
            if_right=f"So what does not need {listed(names)} is right: look at what {it} {goes} through.",
        )


def _ones(cases: Sequence[Case]) -> Iterator[Property]:
    for name in _sizes(cases):
        holds = tuple(case.sizes[name] == 1 for case in cases)
        yield Property(f"with {name} 1", holds, if_right=ONE.get(name, ""))


def _equal(cases: Sequence[Case]) -> Iterator[Property]:
    for one, other in combinations(_sizes(cases), 2):
        holds = tuple(case.sizes[one] == case.sizes[other] for case in cases)
        yield Property(
            f"in which {one} and {other} are equal",
            holds,
            if_right="Is an array transposed, or made with the wrong one of the two sizes?",
            if_wrong="There no shape tells which way round an array is: is one transposed?",
        )


def _small(cases: Sequence[Case]) -> Iterator[Property]:
    """Yield the cases up to a size: a loop that stops early, a number that stands where a size belongs."""
    for name in _sizes(cases):
        for most in sorted({case.sizes[name] for case in cases} - {1})[:-1]:
            holds = tuple(case.sizes[name] <= most for case in cases)
            yield Property(f"with {name} {most} or less", holds, is_threshold=True)


def _tiny(cases: Sequence[Case]) -> Iterator[Property]:
    """Yield the arrays that are smaller by far in some cases: weights near 0, vanishing derivatives."""
    for names, holds in _by_split(cases, lambda name: _far_below([case.inputs[name] for case in cases])):
        shown = listed(names) if len(names) <= MOST_NAMES else f"{', '.join(names[:MOST_NAMES])} and others"
        yield Property(
            f"whose {shown} {'is' if len(names) == 1 else 'are'} tiny",
            holds,
            if_right=f"There only what is linear in {'it' if len(names) == 1 else 'them'} counts: look at "
            "products, and at activations.",
            if_wrong="Is something there rounded, clipped, or compared with a small number?",
        )


def _far_below(arrays: Sequence[Array]) -> tuple[bool, ...]:
    """Tell in which cases an array's largest entry is below that of all others by the factor `GAP`."""
    scales = [float(np.abs(array).max()) for array in arrays]
    some = sorted(scale for scale in scales if scale > 0)
    ratio, below = max(((b / a, a) for a, b in pairwise(some)), default=(0.0, 0.0))
    return tuple(ratio >= GAP and 0 < scale <= below for scale in scales)


def _large(cases: Sequence[Case]) -> Iterator[Property]:
    """Yield the cases in which no product of a matrix with another array goes beyond a number."""
    largest = [_largest_product(case) for case in cases]
    for most in sorted(set(largest))[:-1]:
        yield Property(
            f"in which no product of a weight with an input or a state is beyond {most:.2g}",
            tuple(one <= most for one in largest),
            if_right="Is something cut off, or does it overflow, where an activation gets large numbers?",
            is_threshold=True,
        )


def _largest_product(case: Case) -> float:
    arrays = list(case.inputs.values())
    products = [
        float(np.abs(found).max())
        for matrix in arrays
        if matrix.ndim == 2
        for other in arrays
        if other is not matrix and (found := _product(matrix, other)) is not None
    ]
    return max(products, default=0.0)


def _product(matrix: Array, other: Array) -> Array | None:
    """Return W v, of a vector, of columns or of rows; None if it does not fit."""
    if other.ndim in (1, 2) and matrix.shape[1] == len(other):
        return np.asarray(matrix @ other)
    if other.ndim == 2 and matrix.shape[1] == other.shape[1]:
        return np.asarray(other @ matrix.T)
    return None


def _sizes(cases: Sequence[Case]) -> list[str]:
    """List the sizes that all cases have."""
    return [name for name in cases[0].sizes if all(name in case.sizes for case in cases)]


def _by_split(
    cases: Sequence[Case], split: Callable[[str], tuple[bool, ...]]
) -> list[tuple[list[str], tuple[bool, ...]]]:
    """List the ways in which arrays split the cases, each with the names of the arrays that do."""
    found: dict[tuple[bool, ...], list[str]] = {}
    for name in cases[0].inputs:
        if all(name in case.inputs and np.size(case.inputs[name]) for case in cases):
            found.setdefault(split(name), []).append(name)
    return [(names, holds) for holds, names in found.items()]
