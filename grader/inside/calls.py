"""The cases of one check in one message: all inputs in one array, and beside it how to take it apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUTS = "inputs"


@dataclass(frozen=True)
class SentCase:
    """One case, as a job is asked it.

    Attributes:
        seed: of the student's random state.
        strided: hand the inputs over as non-contiguous views.
        interleaved: keep a second instance alive and in use meanwhile.
        inputs: name -> array, float64.
    """

    seed: int
    strided: bool
    interleaved: bool
    inputs: Mapping[str, NDArray[np.float64]]


def packed(calls: Sequence[SentCase]) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
    """Return what goes into a frame for these: its JSON part and its one array."""
    cases = [
        [one.seed, one.strided, one.interleaved, {name: array.shape for name, array in one.inputs.items()}]
        for one in calls
    ]
    arrays = [array.ravel() for one in calls for array in one.inputs.values()]
    return {"cases": cases}, {INPUTS: np.concatenate(arrays) if arrays else np.empty(0)}


def unpacked(about: Mapping[str, Any], arrays: Mapping[str, NDArray[np.float64]]) -> Iterator[SentCase]:
    """Yield what was packed, one after the other; each array is a fresh one."""
    numbers, at = arrays[INPUTS], 0
    for seed, strided, interleaved, shapes in about["cases"]:
        inputs = {}
        for name, shape in shapes.items():
            end = at + math.prod(shape)
            inputs[name] = numbers[at:end].reshape(shape).copy()
            at = end
        yield SentCase(seed, strided, interleaved, inputs)
