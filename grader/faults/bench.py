"""The faults of a cell on a suite: what they make of a probe case, and which may be what was answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.faults import catalogue, pairs
from grader.faults.collected import Collected, arrays, case_of, program
from grader.faults.fault import Declared, Fault
from grader.faults.values import ProbeCase
from grader.records import Array, Suite
from grader.records import Case as Asked

TOLERANCE = 1e-6  # as the comparison grants it
ROUNDING = 1e-9  # of the true array's scale: by which two formulations of one fault may part near 0


class Bench:
    """The faults of a cell on a suite. What is needed of them is computed when it is first asked for.

    Args:
        declared: the cell.
        suite: what everybody is asked.

    Attributes:
        kept_values: what is computed once of a state's line for pairs of faults of forward.
        most_tried: second faults that are tried on top of a first one, on the probe case.
    """

    most_tried = 250

    def __init__(self, declared: Declared, suite: Suite) -> None:
        self.declared, self.suite = declared, suite
        self.program = program(declared)
        self._on_top: dict[int, Collected | None] = {}
        self.kept_values: dict[str, Mapping[str, tuple[list[int], Array]]] = {}

    @cached_property
    def probe(self) -> int:
        """The position of the probe case."""
        return catalogue.probe(self.declared, self.suite.cases)

    @cached_property
    def faults(self) -> Collected:
        """All faults, with what they make of the probe case."""
        return catalogue.compiled(self.declared, self.case(self.suite.cases[self.probe]))

    def on_top(self, position: int) -> Collected | None:
        """Return the likeliest faults on top of one."""
        if position not in self._on_top:
            first = self.faults.faults[position]
            self._on_top[position] = pairs.on_top(self.declared, self.faults.case, first)
        return self._on_top[position]

    def arrays(self, case: ProbeCase, fault: Fault) -> dict[str, Array]:
        """Return what a fault makes of the outputs that it may change.

        Raises:
            DoesNotFitError: sizes do not fit.
        """
        return arrays(self.declared, case, fault)

    @cached_property
    def _breaks(self) -> NDArray[np.bool_]:
        """Which fault has which output wrong on the probe case: (faults, outputs)."""
        found = np.zeros((len(self.faults.faults), len(self.declared.outputs)), np.bool_)
        for column, (name, letter) in enumerate(self.declared.outputs.items()):
            if name in self.faults.made:
                at, made = self.faults.made[name]
                found[at, column] = ~agree(self.faults.case.true[letter][None], made)
        return found

    def case(self, asked: Asked) -> ProbeCase:
        """Return a case with the values of all letters."""
        return case_of(self.declared, self.program, asked.inputs)

    @cached_property
    def _drawn(self) -> list[tuple[int, ProbeCase]]:
        cases = [(at, self.case(asked)) for at, asked in enumerate(self.suite.cases)]
        return [(at, case) for at, case in cases if catalogue.is_safe(case)]

    def safe(self, cases: Sequence[Asked]) -> list[tuple[int, ProbeCase]]:
        """Return the cases on which faults are held: of those of this hand-in alone, too."""
        first = len(self.suite.cases)
        own = [(at, self.case(asked)) for at, asked in enumerate(cases[first:], start=first)]
        return self._drawn + [(at, case) for at, case in own if catalogue.is_safe(case)]

    def wrong_with(self, fault: int) -> set[str]:
        """Return the outputs that a fault has wrong on the probe case."""
        return {
            name for name, broken in zip(self.declared.outputs, self._breaks[fault], strict=True) if broken
        }

    @cached_property
    def _by_wrong(self) -> dict[bytes, list[int]]:
        found: dict[bytes, list[int]] = {}
        for position, broken in enumerate(self._breaks):
            found.setdefault(broken.tobytes(), []).append(position)
        return found

    def with_wrong(self, outputs: Collection[str]) -> list[int]:
        """Return the faults that have these outputs wrong on the probe case, and no others."""
        wanted = np.array([name in outputs for name in self.declared.outputs])
        return self._by_wrong.get(wanted.tobytes(), [])

    def candidates(
        self, given: Mapping[str, Array], right: Collection[str]
    ) -> dict[int, dict[str, float | None]]:
        """Return the faults that make some of a hand-in's arrays of the probe case, and leave right what is
        right.

        Args:
            given: wrong output -> its matrix on the probe case.
            right: outputs that are right.

        Returns:
            position of the fault -> output that it makes -> the number of times that it adds what it adds.
        """
        columns = [column for column, name in enumerate(self.declared.outputs) if name in right]
        allowed = np.array([not broken.any() for broken in self._breaks[:, columns]])
        found: dict[int, dict[str, float | None]] = {}
        for column, (name, letter) in enumerate(self.declared.outputs.items()):
            if name not in given or name not in self.faults.made:
                continue
            at, made = self.faults.made[name]
            true = self.faults.case.true[letter]
            for i in np.flatnonzero(
                allowed[at] & self._breaks[at, column] & agree(made, given[name][None], true)
            ):
                if not self.faults.faults[at[i]].is_multiple:
                    found.setdefault(int(at[i]), {})[name] = None
            for i in np.flatnonzero(allowed[at] & self._multiples[at]):
                factor = times_added(made[i] - true, given[name] - true)
                if factor is not None:
                    found.setdefault(int(at[i]), {})[name] = factor
        return found

    @cached_property
    def _multiples(self) -> NDArray[np.bool_]:
        return np.array([fault.is_multiple for fault in self.faults.faults])


def agree(expected: Array, given: Array, true: Array | None = None) -> NDArray[np.bool_]:
    """Which matrices agree within the tolerance of the expected one's scale: (..., r, c) -> (...)."""
    with np.errstate(all="ignore"):
        scale = TOLERANCE * np.abs(expected).max(axis=(-2, -1))
        if true is not None:
            scale = scale + ROUNDING * np.abs(true).max()
        return np.asarray(np.abs(given - expected).max(axis=(-2, -1)) <= scale)


def times_added(step: Array, off: Array) -> float | None:
    """How many times a step makes a difference; None if none does."""
    square = float((step * step).sum())
    if not square:
        return None
    factor = float((step * off).sum()) / square
    is_it = np.abs(off - factor * step).max() <= TOLERANCE * np.abs(off).max()
    return factor if is_it and factor else None
