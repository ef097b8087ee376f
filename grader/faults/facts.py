"""What can be said of an array for which no fault is found: what it is to a true one, in every safe case.

A fact is no cause: it says nothing of where the mistake is. Zeros, a sign, whole factors and a transposition
are told by the comparison itself; here are those that need the sizes of the cases, or the other arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import permutations

import numpy as np

from grader.faults.agreeing import agree
from grader.faults.fault import Declared
from grader.records import Array

LEAST_CASES = 4  # with fewer that tell an array from the true one, anything may be a coincidence
SIZES: Mapping[str, str] = {
    "samples": "the number of samples",
    "hidden": "the number of hidden units",
    "input": "the number of inputs",
    "steps": "the number of steps",
}
Pairs = Sequence[tuple[Array, Mapping[str, Array], Mapping[str, int]]]
"""For each case: what was answered, the true matrix of each output, and the sizes."""


Made = Callable[[Mapping[str, Array], Mapping[str, int]], Array | None]


def fact(declared: Declared, name: str, pairs: Pairs) -> str | None:
    """Return what an array is in every case, in words that complete "dWx is ..."; None if nothing simple.

    Args:
        declared: the cell.
        name: the output.
        pairs: its answers, with the truth.
    """
    told = (one for one in _facts(declared, name, pairs) if one is not None)
    return next(told, None) if len(pairs) >= LEAST_CASES else None


def _facts(declared: Declared, name: str, pairs: Pairs) -> Iterator[str | None]:
    yield from _times_a_size(name, pairs)
    for other in declared.outputs:
        if other != name:
            yield _if(pairs, _of(other, np.asarray), f"the array of {other}")
            yield _if(pairs, _of(other, np.negative), f"the array of {other}, with the wrong sign")
            yield _if(pairs, _of(other, np.transpose), f"the array of {other}, transposed")
    yield _if(pairs, _of(name, np.flipud), "right, with its rows in reverse", rows=2)
    yield _if(pairs, _of(name, np.fliplr), "right, with its columns in reverse", columns=2)
    for left in declared.stacks.values():
        for order in permutations(range(len(left))):
            names = ", ".join(left[i] for i in order)
            says = f"right, with the rows of its gates in another order: {names}"
            yield _if(pairs, _of(name, partial(_in_blocks, order=order)), says, rows=len(left))


def _times_a_size(name: str, pairs: Pairs) -> Iterator[str | None]:
    for size, words in SIZES.items():
        if len({sizes.get(size, 0) for _, _, sizes in pairs}) < 2:
            continue
        for power, how in ((-1.0, "divided"), (1.0, "multiplied")):
            yield _if(pairs, _scaled(name, size, power), f"{how} by {words}")


def _of(name: str, change: Callable[[Array], Array | None]) -> Made:
    """Return a true array, with something done to it."""
    return lambda true, _: change(true[name])


def _scaled(name: str, size: str, power: float) -> Made:
    """Return a true array times a power of a size."""
    return lambda true, sizes: true[name] * float(sizes[size]) ** power


def _if(
    pairs: Pairs,
    made: Made,
    says: str,
    rows: int = 0,
    columns: int = 0,
) -> str | None:
    """Return the words, if all answers are what is made of the truth, and not only where that is
    the truth.
    """
    told = 0
    for given, true, sizes in pairs:
        with np.errstate(all="ignore"):
            expected = made(true, sizes)
        if expected is None or expected.shape != given.shape or not agree(expected, given):
            return None
        told += expected.shape[0] >= rows and expected.shape[1] >= columns and bool(expected.any())
    return says if told >= LEAST_CASES else None


def _in_blocks(array: Array, order: Sequence[int]) -> Array | None:
    if len(array) % len(order):
        return None
    blocks = np.split(array, len(order))
    return np.concatenate([blocks[i] for i in order])
