"""Which faults explain what a hand-in answers: all that is wrong, in every safe case, and nothing right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.faults import catalogue, pairs
from grader.faults.collected import Collected, arrays, case_of, program
from grader.faults.fault import Declared, Fault
from grader.faults.values import Case, DoesNotFitError
from grader.words import Array, Suite
from grader.words import Case as Asked

TOLERANCE = 1e-6  # as the comparison grants it
ROUNDING = (
    1e-9  # of the true array's scale: what two formulations of one fault may part by where it is near 0
)
# Faults that are less likely than the likeliest by this much are not told beside it.
NEAR = 10
MOST_HELD = 40  # faults that are held on every case, for one hand-in
MOST_RIVALS = 3
WITNESSES = 2  # first faults of pairs that are tried
MOST_SECONDS = 5  # second ones that are held on every case

Answers = Sequence[Mapping[str, Array]]


@dataclass(frozen=True)
class Explained:
    """Outputs that a fault explains.

    Attributes:
        faults: the likeliest first, and those beside it that no case tells from it.
        outputs: what they explain.
        factor: of what is added a number of times, that number.
        also: a second fault that is there as well, and meets the first.
    """

    faults: tuple[Fault, ...]
    outputs: frozenset[str]
    factor: float | None = None
    also: Fault | None = None


@dataclass(frozen=True)
class Explanation:
    """What explains a hand-in's wrong outputs, one cause after the other, and what nothing explains."""

    causes: tuple[Explained, ...]
    zero: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()


class Matcher:
    """Explains hand-ins. What is needed of the faults is computed when the first is asked for.

    Args:
        declared: the cell.
        suite: what everybody is asked.
    """

    def __init__(self, declared: Declared, suite: Suite) -> None:
        self.declared, self.suite = declared, suite
        self.program = program(declared)
        self._on_top: dict[int, Collected | None] = {}

    @cached_property
    def probe(self) -> int:
        """The position of the probe case."""
        return catalogue.probe(self.declared, self.suite.cases)

    @cached_property
    def faults(self) -> Collected:
        """All faults, with what they make of the probe case."""
        return catalogue.compiled(self.declared, self.case(self.suite.cases[self.probe]))

    def on_top(self, position: int) -> Collected | None:
        """The likeliest faults on top of one."""
        if position not in self._on_top:
            first = self.faults.faults[position]
            self._on_top[position] = pairs.on_top(self.declared, self.faults.case, first)
        return self._on_top[position]

    @cached_property
    def _breaks(self) -> NDArray[np.bool_]:
        """Which fault has which output wrong on the probe case: (faults, outputs)."""
        found = np.zeros((len(self.faults.faults), len(self.declared.outputs)), np.bool_)
        for column, (name, letter) in enumerate(self.declared.outputs.items()):
            if name in self.faults.made:
                at, made = self.faults.made[name]
                found[at, column] = ~_agree(self.faults.case.true[letter][None], made)
        return found

    def case(self, asked: Asked) -> Case:
        """A case with the values of all letters."""
        return case_of(self.declared, self.program, asked.inputs)

    @cached_property
    def _drawn(self) -> list[tuple[int, Case]]:
        cases = [(at, self.case(asked)) for at, asked in enumerate(self.suite.cases)]
        return [(at, case) for at, case in cases if catalogue.is_safe(case)]

    def _safe(self, cases: Sequence[Asked]) -> list[tuple[int, Case]]:
        """The cases on which faults are held: of those of this hand-in alone, too."""
        first = len(self.suite.cases)
        own = [(at, self.case(asked)) for at, asked in enumerate(cases[first:], start=first)]
        return self._drawn + [(at, case) for at, case in own if catalogue.is_safe(case)]

    def explain(
        self, cases: Sequence[Asked], answers: Answers, wrong: Collection[str], right: Collection[str]
    ) -> Explanation:
        """What explains the wrong outputs of a hand-in.

        Args:
            cases: what it was asked, the suite's first.
            answers: for each case, output -> array.
            wrong: outputs whose values are wrong.
            right: outputs that are right in every case.
        """
        one = _OneHandIn(self, self._safe(cases), answers, frozenset(wrong), frozenset(right))
        return one.explained()

    def wrong_with(self, fault: int) -> set[str]:
        """The outputs that a fault has wrong on the probe case."""
        return {
            name for name, broken in zip(self.declared.outputs, self._breaks[fault], strict=True) if broken
        }

    def candidates(
        self, given: Mapping[str, Array], right: Collection[str]
    ) -> dict[int, dict[str, float | None]]:
        """The faults that make some of a hand-in's arrays of the probe case, and leave right what is right.

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
                allowed[at] & self._breaks[at, column] & _agree(made, given[name][None], true)
            ):
                if not self.faults.faults[at[i]].is_multiple:
                    found.setdefault(int(at[i]), {})[name] = None
            for i in np.flatnonzero(allowed[at] & self._multiples[at]):
                factor = _times(made[i] - true, given[name] - true)
                if factor is not None:
                    found.setdefault(int(at[i]), {})[name] = factor
        return found

    @cached_property
    def _multiples(self) -> NDArray[np.bool_]:
        return np.array([fault.is_multiple for fault in self.faults.faults])


@dataclass
class _OneHandIn:
    matcher: Matcher
    safe: list[tuple[int, Case]]
    answers: Answers
    wrong: frozenset[str]
    right: frozenset[str]
    held: int = 0

    def __post_init__(self) -> None:
        self.zero = frozenset(
            name for name in self.wrong if all(name in one and not one[name].any() for one in self.answers)
        )
        self._holds: dict[int, frozenset[str]] = {}

    def explained(self) -> Explanation:
        if self.zero == self.wrong:  # a fact; what it comes from cannot be seen
            return Explanation((), self.zero)
        given = {
            name: array
            for name in self.wrong
            if (array := self._matrix(self.matcher.probe, name)) is not None
        }
        self.candidates = self.matcher.candidates(given, self.right)
        left, causes = self.wrong, []
        while left:
            best = self._best(left)
            if best is None:
                break
            causes.append(best)
            left -= best.outputs
            if left <= self.zero:
                break
        if left - self.zero and (pair := self._pair()) is not None:
            return Explanation((pair,))
        return Explanation(tuple(causes), left & self.zero, left - self.zero)

    def _pair(self) -> Explained | None:
        """Two faults that meet and explain all that is wrong; the first is what some outputs show."""
        shown = sorted(
            ((-len(made), self._rank(position), position) for position, made in self.candidates.items()),
        )
        witnesses = [position for _, _, position in shown if not self._is_exact(position)][:WITNESSES]
        for position in witnesses:
            first = self.matcher.faults.faults[position]
            if not self._outputs(position) or (found := self.matcher.on_top(position)) is None:
                continue
            likely = sorted(self._seconds(found), key=lambda at: (found.faults[at].rank, at))
            for at in likely[:MOST_SECONDS]:
                if self._all_hold(pairs.both(first, found.faults[at])):
                    return Explained((first,), self.wrong, also=found.faults[at])
        return None

    def _seconds(self, found: Collected) -> list[int]:
        """Those faults on top of a first one with which the probe case is as it was answered."""
        fits = np.ones(len(found.faults), np.bool_)
        for name, letter in self.matcher.declared.outputs.items():
            given = self.matcher.faults.case.true[letter] if name in self.right else None
            given = self._matrix(self.matcher.probe, name) if name in self.wrong else given
            if given is None:
                continue
            with_first = found.case.true[letter]
            agree = np.full(len(found.faults), bool(_agree(with_first, given, with_first)))
            at, made = found.made.get(name, (np.zeros(0, np.intp), np.zeros((0, *given.shape))))
            agree[at] = _agree(made, given[None], with_first) if len(at) else agree[at]
            fits &= agree
        return [int(at) for at in np.flatnonzero(fits)]

    def _all_hold(self, fault: Fault) -> bool:
        """Whether a fault makes all that is wrong in every safe case, and nothing wrong that is right."""
        for at, case in self.safe:
            try:
                with np.errstate(all="ignore"):
                    found = arrays(self.matcher.declared, case, fault)
            except DoesNotFitError:
                return False
            for name, letter in self.matcher.declared.outputs.items():
                true = case.true[letter]
                array = found.get(name, true)
                if name in self.right and not _agree(true, array):
                    return False
                if name in self.wrong and not self._is(at, name, true, array, None):
                    return False
        return True

    def _is_exact(self, position: int) -> bool:
        """Whether a fault makes, on the probe case, each array of those that it has wrong."""
        return self.matcher.wrong_with(position) & self.wrong == self.candidates[position].keys()

    def _best(self, left: frozenset[str]) -> Explained | None:
        """The fault that explains most of what is left, the likeliest of several, and those beside it."""
        ordered = sorted(
            (
                (position, left & made.keys())
                for position, made in self.candidates.items()
                if self._is_exact(position)
            ),
            key=lambda one: (-len(one[1]), self._rank(one[0]), one[0]),
        )
        found: list[int] = []
        gain: frozenset[str] = frozenset()
        for position, may in ordered:
            if len(may) < max(len(gain), 1) or len(found) > MOST_RIVALS or self.held > MOST_HELD:
                break
            if found and self._rank(position) - self._rank(found[0]) >= NEAR:
                break
            holds = self._outputs(position)
            holds = holds & left if holds == self.candidates[position].keys() else frozenset()
            if len(holds) > len(gain):
                found, gain = [position], holds
            elif holds and holds == gain:
                found.append(position)
        if not found:
            return None
        faults = tuple(self.matcher.faults.faults[one] for one in found)
        return Explained(faults, gain, self.candidates[found[0]][min(gain)])

    def _rank(self, position: int) -> int:
        return self.matcher.faults.faults[position].rank

    def _outputs(self, position: int) -> frozenset[str]:
        """The outputs that a fault makes in every safe case; none if it has wrong there what is right."""
        if position not in self._holds:
            self.held += 1
            self._holds[position] = frozenset(self._hold(position))
        return self._holds[position]

    def _hold(self, position: int) -> Iterator[str]:
        declared = self.matcher.declared
        fault, made = self.matcher.faults.faults[position], self.candidates[position]
        still = set(made)
        for at, case in self.safe:
            try:
                with np.errstate(all="ignore"):
                    found = arrays(declared, case, fault)
            except DoesNotFitError:
                return
            for name, array in found.items():
                true = case.true[declared.outputs[name]]
                if name in self.right and not _agree(true, array):
                    return
                if name in still and not self._is(at, name, true, array, made[name]):
                    still.discard(name)
            if not still:
                return
        yield from still

    def _is(self, at: int, name: str, true: Array, array: Array, factor: float | None) -> bool:
        given = self._matrix(at, name)
        if given is None or given.shape != np.shape(array):
            return False
        expected = array if factor is None else true + factor * (array - true)
        return bool(np.isfinite(expected).all() and _agree(expected, given, true))

    def _matrix(self, at: int, name: str) -> Array | None:
        """A hand-in's array as the matrix of its letter; None if it has another form, or is not finite."""
        array = self.answers[at].get(name)
        if array is None or array.dtype.kind not in "fiub":
            return None
        axes = self.matcher.suite.expected[0][name].ndim
        if axes == 1 and sum(length > 1 for length in array.shape) < 2:
            array = array.reshape(-1)  # (1, n) and (n, 1) are a vector as well
        if array.ndim != axes:
            return None
        found = self.matcher.declared.matrix(name, np.asarray(array, np.float64))
        return found if np.isfinite(found).all() else None


def _agree(expected: Array, given: Array, true: Array | None = None) -> NDArray[np.bool_]:
    """Which matrices agree within the tolerance of the expected one's scale: (..., r, c) -> (...)."""
    with np.errstate(all="ignore"):
        scale = TOLERANCE * np.abs(expected).max(axis=(-2, -1))
        if true is not None:
            scale = scale + ROUNDING * np.abs(true).max()
        return np.asarray(np.abs(given - expected).max(axis=(-2, -1)) <= scale)


def _times(step: Array, off: Array) -> float | None:
    """How many times a step makes a difference; None if none does."""
    square = float((step * step).sum())
    if not square:
        return None
    factor = float((step * off).sum()) / square
    is_it = np.abs(off - factor * step).max() <= TOLERANCE * np.abs(off).max()
    return factor if is_it and factor else None
