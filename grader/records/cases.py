"""What is asked: cases, and suites of cases with what is true on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:  # what only says types is not imported to grade
    Array = np.ndarray

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Case:
    """One set of inputs with its seed and label.

    Attributes:
        label: what a student reads, such as "input 1, hidden 2".
        seed: fills the arrays, and the student's random state.
        inputs: name -> array, float64.
        strided: hand the inputs over as non-contiguous views.
        interleaved: keep a second instance alive and in use meanwhile.
        sizes: name -> size, such as {"input": 3, "hidden": 2}.
    """

    label: str
    seed: int
    inputs: Arrays
    strided: bool = False
    interleaved: bool = False
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """How many numbers the inputs hold: the measure by which one case is smaller than another."""
        return sum(np.size(array) for array in self.inputs.values())


@dataclass(frozen=True)
class Lookalike:
    """Wrong answers of a known origin: who gives them is told where they come from.

    Attributes:
        says: the explanation, a sentence.
        of: case -> output name -> the wrong array; outputs may be left out. Asked only for what is wrong.
    """

    says: str
    of: Callable[[Case], Arrays] = field(repr=False)


@dataclass(frozen=True)
class Further:
    """How a case is made that no suite holds, and what is true on it; without torch, and in less than a
    millisecond.

    Attributes:
        ranges: name of a size -> the smallest and the largest that a case may have.
        plain: sizes -> the inputs of an ordinary case, always the same for the same sizes.
        truth: inputs -> output name -> true array, by a right formulation.
    """

    ranges: Mapping[str, tuple[int, int]]
    plain: Callable[[Mapping[str, int]], Arrays] = field(repr=False)
    truth: Callable[[Arrays], Arrays] = field(repr=False)


@dataclass(frozen=True)
class Suite:
    """The cases that a hand-in gets, with what is true on each of them.

    Attributes:
        seed: what drew it.
        sha256: hex digest of all inputs.
        cases: in the order in which they are asked; corner shapes first.
        expected: one mapping per case, output name -> true array. Never leaves the grader.
        lookalikes: known wrong answers.
        float32: case -> output name -> how far float32 arithmetic of right equations is from the truth, entry
            by entry. Asked only for answers in float32; without it, these get a few of its last digits.
        pool: further cases with their truth, of which each hand-in gets some; none without a secret.
        chosen: how many of them a hand-in gets.
        truth: inputs -> what is true, by which the cases were drawn; for `cellgrade verify`, as `loss` is.
        loss: inputs -> the scalar whose slope by an input "X" is the output "dX".
    """

    seed: int
    sha256: str
    cases: tuple[Case, ...]
    expected: tuple[Arrays, ...] = field(repr=False)
    lookalikes: tuple[Lookalike, ...] = ()
    float32: Callable[[Case], Arrays] | None = field(default=None, repr=False)
    pool: Sequence[tuple[Case, Arrays]] = field(default=(), repr=False)
    chosen: int = 0
    truth: Callable[[Arrays], Arrays] | None = field(default=None, repr=False)
    loss: Callable[[Arrays], float] | None = field(default=None, repr=False)

    def with_chosen(self, positions: Sequence[int]) -> Suite:
        """Return the suite of one hand-in: what everybody gets, and after it these of the pool."""
        more = [self.pool[position] for position in positions]
        cases, expected = [case for case, _ in more], [truth for _, truth in more]
        return replace(
            self, cases=(*self.cases, *cases), expected=(*self.expected, *expected), pool=(), chosen=0
        )
