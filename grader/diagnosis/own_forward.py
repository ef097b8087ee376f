"""Asks a hand-in's own forward around a few cases for the slopes that its backward has claimed.

How often it is asked is bounded by the number of its gradients alone. A forward that raises there, or answers
otherwise than when it was graded, has no slopes: nothing is said of it. One that answers otherwise each time,
or in a case and near it, has none that settle down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.declaration import Check
from grader.diagnosis.differences import Measured, Own, slope
from grader.diagnosis.evidence import Evidence, TooSlowError
from grader.records import Answer, Array, Arrays, Case, FailureKind, Suite
from grader.sandbox.session import Session

CASES = 3  # around which a forward is asked
# Root mean squares of arrays of moderate values: no weight or delta that vanishes, no gate that saturates.
MODERATE = (0.05, 4.0)
SAME = 1e-9  # of an array's largest entry: by how much a forward that is asked again may part from itself


@dataclass(frozen=True)
class Found:
    """What is known of a backward.

    Attributes:
        own: output -> what it is to the student's own forward; without those of which nothing is known.
        bends: that forward has a curve in it, along one array at least.
    """

    own: Mapping[str, Own] = field(default_factory=dict)
    bends: bool = True


def found(session: Session, evidence: Evidence, check: Check) -> Found:
    """Tell what each gradient is to the hand-in's own forward.

    Around the first case each array is moved by itself; around the others, all that are left at once.

    Args:
        session: where the hand-in is asked.
        evidence: what it has answered.
        check: how its backward was asked, with what that is the gradient of.

    Raises:
        TooSlowError: the time for it was over.
        SandboxError: our own part failed.
    """
    asked = _Asked(session, evidence, check)
    around = suitable(asked.suite)[:CASES]
    assert check.gradient_of is not None
    own: dict[str, Own] = {}
    bends = False
    for number, at in enumerate(around):
        with_case = asked.at(at)
        if with_case is None:
            return Found()
        left = [name for name, one in own.items() if one is Own.EXACT]
        if number == 0:
            measured = {name: with_case.held([name]) for name in check.gradient_of.by}
            own = {name: one for name, (one, _) in measured.items()}
            bends = any(one is not None and one.bends for _, one in measured.values())
        elif left and with_case.held(left)[0] is not Own.EXACT:
            again = {name: with_case.held([name])[0] for name in left}
            own |= {name: one if one is not Own.ZERO else Own.OPEN for name, one in again.items()}
    if len(around) < 2:  # along one direction alone a mistake may not show
        own = {name: Own.OPEN if one is Own.EXACT else one for name, one in own.items()}
    return Found({name: one for name, one in own.items() if one is not Own.OPEN}, bends)


def suitable(suite: Suite) -> list[int]:
    """Return the positions of the cases around which slopes tell most, the best first.

    Contiguous, with moderate values, no size 1, and, as far as there are any, with sizes that differ.
    """

    def is_plain(case: Case) -> bool:
        sizes = case.sizes.values()
        return not (case.strided or case.interleaved) and all(size > 1 for size in sizes)

    def is_moderate(case: Case) -> bool:
        return all(MODERATE[0] <= _size(array) <= MODERATE[1] for array in case.inputs.values())

    def is_ambiguous(at: int) -> bool:
        sizes = suite.cases[at].sizes
        return len({*sizes.values()}) < len(sizes)

    plain = [at for at, case in enumerate(suite.cases) if is_plain(case) and is_moderate(case)]
    return sorted(plain, key=lambda at: (is_ambiguous(at), at))


def _size(array: Array) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(array))))


class _Asked:
    """A hand-in's forward, and what its backward has claimed."""

    def __init__(self, session: Session, evidence: Evidence, check: Check) -> None:
        assert check.gradient_of is not None
        self.of = check.gradient_of
        self.suite = evidence.suites[check.suite]
        self.claims = evidence.answers[check.key]
        # Where both ways are asked the same cases, what forward answered when it was graded.
        self.graded = evidence.answers[self.of.forward.key] if self.of.forward.suite == check.suite else None
        self._session = session
        self._form = evidence.forms.get(self.of.forward.call, 0)

    def at(self, position: int) -> _Around | None:
        """Return it around a case; None where it does not answer there as it did."""
        case = self.suite.cases[position]
        here = self.answer(case)
        if here is None:
            return None
        if self.graded is not None and not _alike(self.graded[position], here, self.of.made_of):
            return None
        return _Around(self, case, self.claims[position], here)

    def answer(self, case: Case) -> Answer | None:
        """Return what it answers; None where that is not all that is wanted.

        Raises:
            TooSlowError: the time for all of it was over.
        """
        answer = self._session.ask(self.of.forward, case, self._form)
        if answer.failure is not None:
            if answer.failure.kind is FailureKind.TIME:
                raise TooSlowError
            return None
        return answer if answer.arrays.keys() >= {*self.of.made_of} else None


@dataclass(frozen=True)
class _Around:
    """A forward around one case.

    Attributes:
        asked: the forward.
        case: around which.
        claim: what backward answered there.
        here: what forward answers there.
    """

    asked: _Asked
    case: Case
    claim: Answer
    here: Answer

    def held(self, names: Sequence[str]) -> tuple[Own, Measured | None]:
        """Tell what gradients are, together, along one direction; and the slope along it."""
        inputs, claims = self.case.inputs, self.claim.arrays
        by = {name: self.asked.of.by[name] for name in names}
        if any(name not in claims or claims[name].size != inputs[of].size for name, of in by.items()):
            return Own.OPEN, None
        towards = {of: self._direction(of) for of in by.values()}
        products = [
            float(one)
            for name, of in by.items()
            for one in np.ravel(claims[name].astype(float).reshape(inputs[of].shape) * towards[of])
        ]
        if not np.isfinite(products).all():
            return Own.OPEN, None
        measured = slope(lambda step: self._loss({of: inputs[of] + step * v for of, v in towards.items()}))
        return (Own.OPEN if measured is None else measured.holds(products)), measured

    def _direction(self, name: str) -> Array:
        """Return a random direction for an input, about as long as that: the same for every hand-in."""
        position = sorted(self.case.inputs).index(name)
        rng = np.random.default_rng([self.case.seed, position])
        array = self.case.inputs[name]
        return _size(array) * rng.standard_normal(array.shape)

    def _loss(self, moved: Arrays) -> float | None:
        """Return the scalar with these inputs in place of the case's; None where there is none."""
        inputs = {**self.case.inputs, **moved}
        is_here = all(np.array_equal(array, self.case.inputs[name]) for name, array in moved.items())
        answer = self.here if is_here else self.asked.answer(replace(self.case, inputs=inputs))
        if answer is None:
            return None
        try:
            with np.errstate(all="ignore"):
                exact = {name: array.astype(float) for name, array in answer.arrays.items()}
                return self.asked.of.loss(inputs, exact)
        except ValueError:  # not as many entries as there should be
            return None


def _alike(one: Answer, other: Answer, names: Sequence[str]) -> bool:
    """Whether two answers have the same arrays."""
    return all(
        name in one.arrays
        and one.arrays[name].shape == other.arrays[name].shape
        and np.allclose(one.arrays[name], other.arrays[name], rtol=0, atol=SAME * _size(other.arrays[name]))
        for name in names
    )
