"""Which faults explain what a hand-in answers: all that is wrong, in every safe case, and nothing right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.faults import meeting
from grader.faults.agreeing import agree
from grader.faults.bench import Bench
from grader.faults.explained import Explained, Explanation
from grader.faults.facts import fact
from grader.faults.fault import Fault, both
from grader.faults.modes import Mode
from grader.faults.values import DoesNotFitError, ProbeCase
from grader.records import Array, Arrays
from grader.records import Case as Asked

# Faults that are less likely than the likeliest by this much are not told beside it.
NEAR = 10
MOST_HELD = 40  # faults that are held on every case, for one hand-in
MOST_RIVALS = 3

Answers = Sequence[Mapping[str, Array]]


class Matcher(Bench):
    """Explains hand-ins."""

    def explain(
        self, cases: Sequence[Asked], answers: Answers, wrong: Collection[str], right: Collection[str]
    ) -> Explanation:
        """Return what explains the wrong outputs of a hand-in.

        Args:
            cases: what it was asked, the suite's first.
            answers: for each case, output -> array.
            wrong: outputs whose values are wrong.
            right: outputs that are right in every case.
        """
        one = OneHandIn(self, self.safe(cases), answers, frozenset(wrong), frozenset(right))
        return one.explained()

    def makes(
        self, explained: Explained, inputs: Arrays, answer: Mapping[str, Array], output: str
    ) -> bool | None:
        """Whether what explains a hand-in makes what that answers to other inputs; None if they saturate it.

        Args:
            explained: the faults of which one is the hand-in's.
            inputs: of a case that need not be the suite's.
            answer: to it, output -> array.
            output: which is asked about.
        """
        with np.errstate(all="ignore"):
            case = self.case(Asked("", 0, inputs))
            if not self.is_safe(case):
                return None
            true = case.true[self.declared.outputs[output]]
            given = self.matrix(output, answer.get(output))
            faults = explained.faults
            for fault in faults if explained.also is None else [both(faults[0], explained.also)]:
                try:
                    array = self.arrays(case, fault).get(output, true)
                except DoesNotFitError:
                    continue
                if is_made(given, true, array, explained.factor):
                    return True
        return False

    def matrix(self, name: str, array: Array | None) -> Array | None:
        """Return what was answered as the matrix of its letter; None if it has another form, or is not
        finite.
        """
        if array is None or array.dtype.kind not in "fiub":
            return None
        axes = self.suite.expected[0][name].ndim
        if axes == 1 and sum(length > 1 for length in array.shape) < 2:
            array = array.reshape(-1)  # (1, n) and (n, 1) are a vector as well
        if array.ndim != axes:
            return None
        found = self.declared.matrix(name, np.asarray(array, np.float64))
        return found if np.isfinite(found).all() else None


def is_made(given: Array | None, true: Array, array: Array, factor: float | None = None) -> bool:
    """Whether an array is what was answered.

    Args:
        given: the answer, as a matrix.
        true: the true matrix.
        array: what a fault makes of it.
        factor: how many times it adds what it adds; None for once.
    """
    if given is None or given.shape != np.shape(array):
        return False
    expected = array if factor is None else true + factor * (array - true)
    return bool(np.isfinite(expected).all() and agree(expected, given, true))


@dataclass
class OneHandIn:
    """What one hand-in answers, and what may explain it.

    Attributes:
        matcher: the faults.
        safe: the cases on which they are held.
        answers: for each case, output -> array.
        wrong, right: the outputs.
        held: how many faults were held on every case.
        zero: the wrong outputs that are all zeros.
        candidates: positions of the faults that make some output of the probe case, with those.
    """

    matcher: Matcher
    safe: list[tuple[int, ProbeCase]]
    answers: Answers
    wrong: frozenset[str]
    right: frozenset[str]
    held: int = 0
    zero: frozenset[str] = frozenset()
    candidates: dict[int, dict[str, float | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.zero = frozenset(
            name for name in self.wrong if all(name in one and not one[name].any() for one in self.answers)
        )
        self._holds: dict[int, frozenset[str]] = {}

    def explained(self) -> Explanation:
        """Return what explains it."""
        if self.zero == self.wrong:  # a fact; what it comes from cannot be seen
            return Explanation((), self.zero)
        given = {
            name: array for name in self.wrong if (array := self.matrix(self.matcher.probe, name)) is not None
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
        for one in self._sums(left - self.zero):
            causes.append(one)
            left -= one.outputs
        causes, left = self._told(causes, left)
        unexplained = left - self.zero
        facts = [(name, self._fact(name)) for name in self.matcher.declared.outputs if name in unexplained]
        known = tuple((name, says) for name, says in facts if says is not None)
        return Explanation(tuple(causes), left & self.zero, unexplained, known)

    def _told(self, causes: list[Explained], left: frozenset[str]) -> tuple[list[Explained], frozenset[str]]:
        """Return those causes that are told though something is left that nothing explains, and what is left
        with the others.

        Zeros have another cause then than what they have in a cell that is right in all else; and of a
        forward that is another cell's, nothing that its backward does is a fault of the statement's.
        """
        unexplained = left - self.zero
        if not unexplained:
            return causes, left
        is_other = bool(unexplained & self.matcher.declared.states.keys())
        kept = [
            one
            for one in causes
            if not one.outputs <= self.zero
            and not (is_other and one.faults[0].mode in (Mode.BACKWARD, Mode.BORROWED))
        ]
        return kept, left.union(*(one.outputs for one in causes if one not in kept))

    def _fact(self, name: str) -> str | None:
        """Return what can be said of an array that no fault explains."""
        letters, pairs = self.matcher.declared.outputs, []
        for at, case in self.safe:
            given = self.matrix(at, name)
            if given is None:
                return None
            true = {other: case.true[letter] for other, letter in letters.items()}
            pairs.append((given, true, case.sizes))
        return fact(self.matcher.declared, name, pairs)

    def _pair(self) -> Explained | None:
        """Two faults that meet and explain all that is wrong; the first is what some outputs show."""
        shown = sorted(
            ((-len(made), self._rank(position), position) for position, made in self.candidates.items()),
        )
        witnesses = [position for *_, position in shown if not self._is_exact(position)]
        found = meeting.two(self, witnesses)
        return Explained(found[:1], self.wrong, also=found[1]) if found is not None else None

    def _sums(self, left: frozenset[str]) -> Iterator[Explained]:
        """Yield pairs of faults in the sum that one output is."""
        for name in self.matcher.declared.outputs:
            if name in left and (found := meeting.adding_up(self, frozenset({name}))) is not None:
                yield Explained(found[:1], frozenset({name}), also=found[1])

    def all_hold(self, fault: Fault) -> bool:
        """Whether a fault makes all that is wrong in every safe case, and nothing wrong that is right."""
        return self.hold(fault, self.wrong)

    def hold(self, fault: Fault, outputs: Collection[str]) -> bool:
        """Whether a fault makes these outputs in every safe case, and nothing wrong that is right."""
        for at, case in self.safe:
            try:
                with np.errstate(all="ignore"):
                    found = self.matcher.arrays(case, fault)
            except DoesNotFitError:
                return False
            for name, letter in self.matcher.declared.outputs.items():
                true = case.true[letter]
                array = found.get(name, true)
                if name in self.right and not agree(true, array):
                    return False
                if name in outputs and not self.is_made(at, case, name, array):
                    return False
        return True

    def is_made(self, at: int, case: ProbeCase, name: str, array: Array) -> bool:
        """Whether an array is what was answered to a case."""
        return is_made(self.matrix(at, name), case.true[self.matcher.declared.outputs[name]], array)

    def _is_exact(self, position: int) -> bool:
        """Whether a fault makes, on the probe case, each array of those that it has wrong."""
        return self.matcher.wrong_with(position) & self.wrong == self.candidates[position].keys()

    def _best(self, left: frozenset[str]) -> Explained | None:
        """Return the fault that explains most of what is left, the likeliest of several, and those
        beside it.
        """
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
            holds = self.outputs_of(position)
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
        return int(self.matcher.faults.columns.ranks[position])

    def outputs_of(self, position: int) -> frozenset[str]:
        """Return the outputs that a fault makes in every safe case; none if it spoils what is right."""
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
                    found = self.matcher.arrays(case, fault)
            except DoesNotFitError:
                return
            for name, array in found.items():
                true = case.true[declared.outputs[name]]
                if name in self.right and not agree(true, array):
                    return
                if name in still and not is_made(self.matrix(at, name), true, array, made[name]):
                    still.discard(name)
            if not still:
                return
        yield from still

    def matrix(self, at: int, name: str) -> Array | None:
        """Return a hand-in's array as the matrix of its letter; None if it has another form, or is not
        finite.
        """
        return self.matcher.matrix(name, self.answers[at].get(name))
