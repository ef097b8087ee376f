"""Makes a failing case simpler: fewer sizes, then numbers that can be followed by hand.

A property-based tester's shrinker looks for any smaller example, and needs hundreds of calls for it. Here it
is known what is simple for a reader: so some tens of calls are enough, always the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product

import numpy as np

from grader.records import Array, Arrays

Fails = Callable[[Arrays], bool]
"""Whether a hand-in still fails in the same way on these inputs."""

MOST_SIZES = 24  # that are tried
MOST_MORE = 3  # by how much each may be larger than the smallest
# Where all entries alike do not show it, these one after the other: as many as no array of a small case has
# columns, so that its rows differ.
NUMBERS = (1.0, 0.5, -1.0, 2.0, -0.5, 1.5, -2.0)
MOST_ENTRIES = 9  # of an array whose entries are made simpler one by one


def smaller_sizes(
    ranges: Mapping[str, tuple[int, int]], start: Mapping[str, int], *, apart: bool
) -> Iterator[Mapping[str, int]]:
    """Yield sizes that are smaller in all than the given ones, the smallest first.

    Args:
        ranges: name of a size -> the smallest and the largest that it may have.
        start: the sizes of a case that fails.
        apart: those first of which no two are the same, ones aside: in shapes they can be told apart.
    """
    names = list(start)
    least = [ranges[name][0] for name in names]
    room = [
        range(low, min(ranges[name][1], low + MOST_MORE) + 1) for name, low in zip(names, least, strict=True)
    ]
    smaller = [sizes for sizes in product(*room) if sum(sizes) < sum(start.values())]

    def order(sizes: tuple[int, ...]) -> tuple[bool, int]:
        large = [size for size in sizes if size > 1]
        return apart and len(set(large)) < len(large), sum(sizes)

    smaller.sort(key=order)  # stable
    for sizes in smaller[:MOST_SIZES]:
        yield dict(zip(names, sizes, strict=True))


def simpler_numbers(inputs: Arrays, fails: Fails) -> Arrays:
    """Return inputs of the same shapes on which it still fails, made of zeros, ones and other short numbers.

    Args:
        inputs: on which it fails; they come back where nothing simpler does.
        fails: asked some tens of times.
    """
    found = next((one for one in _patterns(inputs) if fails(one)), inputs)
    for makes in ((np.zeros_like,), (np.ones_like, _halves, _identity)):
        for name in found:
            found = _one_array(found, name, makes, fails)
    for name in found:
        found = _entries(found, name, fails)
    return found


def _patterns(inputs: Arrays) -> Iterator[Arrays]:
    """Yield all of a case's numbers made simple at once."""
    yield {name: np.ones_like(array) for name, array in inputs.items()}
    yield {name: _halves(array) for name, array in inputs.items()}
    yield counted(inputs)
    for digits in (1, 2):
        yield {name: np.round(array, digits) + 0.0 for name, array in inputs.items()}  # no -0.0


def counted(inputs: Arrays) -> Arrays:
    """Return inputs of the same shapes, of a few short numbers in turn."""
    found, at = {}, 0
    for name, array in inputs.items():
        entries = [NUMBERS[(at + i) % len(NUMBERS)] for i in range(array.size)]
        found[name] = np.array(entries).reshape(array.shape)
        at += array.size
    return found


def _halves(array: Array) -> Array:
    return np.full_like(array, 0.5)


def _identity(array: Array) -> Array:
    return np.eye(len(array)) if array.ndim == 2 and array.shape[0] == array.shape[1] else array


def _one_array(
    inputs: Arrays, name: str, makes: tuple[Callable[[Array], Array], ...], fails: Fails
) -> Arrays:
    """Return the inputs with the first of these in an array's place on which it still fails."""
    array = inputs[name]
    if not array.any():
        return inputs
    for make in makes:
        instead = make(array)
        if np.array_equal(instead, array):
            break  # what comes after it is no simpler
        changed = {**inputs, name: instead}
        if fails(changed):
            return changed
    return inputs


def _entries(inputs: Arrays, name: str, fails: Fails) -> Arrays:
    """Return the inputs with entries of an array that is not of one number set to 0, or else to 1."""
    if inputs[name].size > MOST_ENTRIES or len(np.unique(inputs[name])) <= 1:
        return inputs
    for at in np.ndindex(inputs[name].shape):
        for number in (0.0, 1.0):
            array = inputs[name].copy()
            if array[at] in (0.0, number):
                break
            array[at] = number
            changed = {**inputs, name: array}
            if fails(changed):
                inputs = changed
                break
    return inputs
