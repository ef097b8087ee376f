"""What came of it: criteria and problems, with what shows why."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, Self

from grader.records.answers import FailedAssert, Failure
from grader.records.cases import Arrays, Case


@dataclass(frozen=True)
class Counterexample:
    """The smallest case on which a criterion fails, small enough to read.

    Attributes:
        case: the case's label.
        call: the lines of NumPy that make it happen, ready to paste.
        yours: the student's array in letters, or None when there is none.
        expected: the true array in letters.
        raises: the exception that the lines raise, "ValueError: ..."; None if they print an array.
        failed_assert: the first of the student's own asserts that fails on it, if one does: there the lines
            stop where no grader passes over it.
    """

    case: str
    call: tuple[str, ...]
    yours: str | None
    expected: str
    raises: str | None = None
    failed_assert: FailedAssert | None = None


@dataclass(frozen=True)
class Curve:
    """Numbers over steps, to be shown as a picture: what the student's code says of itself, not a fact.

    Attributes:
        title: what a reader is told that it is.
        values: in order, finite.
    """

    title: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Attachment:
    """A file that came out of a grading, to lie beside the report.

    Attributes:
        name: the file's, without a folder, such as "executed.ipynb". It is ours, and no student's.
        content: what is in it; None where a report was read back, which only names it.
        size_bytes, sha256: of the content; both follow from it where it is there.
    """

    name: str
    content: bytes | None = None
    size_bytes: int = 0
    sha256: str = ""

    def __post_init__(self) -> None:
        """Measure the content.

        Raises:
            ValueError: the name is none that a file may have everywhere.
        """
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)+", self.name):
            raise ValueError(f"{self.name!r} is no name for a file beside a report")
        if self.content is not None:
            object.__setattr__(self, "size_bytes", len(self.content))
            object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())


@dataclass(frozen=True)
class Judged:
    """What came of one criterion that is judged otherwise than by comparing arrays.

    Attributes:
        passed: None when a person decides.
        message: the fact, when it did not pass: what, where, expected.
        hint: what to look at, apart from the fact.
        reason: why it did not pass, in one word.
        curve: a picture for the report.
        traceback: the student's own frames, where something raised.
        file, line, cell: where in the hand-in it is.
        attached: files to lie beside the report.
    """

    passed: bool | None
    message: str | None = None
    hint: str | None = None
    reason: str | None = None
    curve: Curve | None = None
    traceback: str | None = None
    file: str | None = None
    line: int | None = None
    cell: int | None = None
    attached: tuple[Attachment, ...] = ()

    @classmethod
    def of(cls, failure: Failure) -> Self:
        """Fail for a call that did not come to its end, with the place where it did not."""
        place = {name: getattr(failure, name) for name in ("traceback", "file", "line", "cell")}
        return cls(False, failure.message, failure.hint, failure.kind.value, **place)


@dataclass(frozen=True)
class Method:
    """A function or method of the student's: its name, such as "GRU_Cell.forward", and where its `def` is."""

    name: str
    file: str
    line: int
    cell: int | None = None


@dataclass(frozen=True)
class SourceLine:
    """A line of the hand-in; of a notebook, in which cell."""

    file: str
    line: int
    cell: int | None = None


@dataclass(frozen=True)
class Cause:
    """One mistake that explains what is wrong, exactly and in every case.

    Attributes:
        says: a sentence for the student.
        equation: the number of the equation that is wrong, or gone back through wrongly; "" if not known.
        kind: in which way, in a few words.
        mode: what has the mistake in it: forward, consistent (backward is true to the wrong forward),
            backward, borrowed (it is that of another forward), output, given, loop (around the cell).
        outputs: all that it explains, of all problems.
    """

    says: str
    equation: str
    kind: str
    mode: str
    outputs: tuple[str, ...]


class Explain(Protocol):
    """Names the causes of wrong values on one suite."""

    def __call__(
        self,
        cases: Sequence[Case],
        answers: Sequence[Arrays],
        wrong: Sequence[str],
        right: Sequence[str],
    ) -> Sequence[Cause]:
        """(cases, what was answered on each, outputs with wrong values, those that are right) -> causes."""

    def prepare(self) -> None:
        """Compute, or find, what is the same for all hand-ins: else the first one waits for it."""

    def makes(self, named: Cause, inputs: Arrays, answer: Arrays, output: str) -> bool | None:
        """Whether a cause makes of other inputs what was answered to them; None if that cannot be told."""


Keep = Callable[[Callable[[], tuple[Any, Arrays]]], tuple[Any, Arrays]]
"""what computes something -> that, or what came of it before: plain JSON, and arrays by name."""


@dataclass(frozen=True)
class OwnGradient:
    """Whether a wrong gradient is that of the student's own forward, where that is wrong.

    Attributes:
        exact: it is; else it is not.
        says: a sentence for the student about all gradients of the problem; "" where a cause says it already.
        share: the part of its points that the course gives for it, from 0 to 1.
    """

    exact: bool
    says: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class CriterionResult:
    """One thing that a problem is judged by.

    Attributes:
        name: the array, such as "dWzh".
        passed: None when a person decides.
        points: max_points when passed, or the share of it that its own gradient is worth, else 0.
        max_points: its share of the problem.
        message: the fact, when it failed: what, where, expected.
        hint: what to look at, apart from the fact.
        reason: why it failed in one word: a GapKind ("value", "shape", ...) or a FailureKind ("raised", ...).
        traceback: the student's own frames, when the call raised.
        file, line, cell: where in the hand-in it raised.
        counterexample: the smallest failing case, when there is one.
        curve: a picture, when there is one.
        method: what the student wrote for it, when it is known and there.
        assigned: where the student's source assigns a wrong array last, when it can be told.
        cause: the mistake that explains it, when it is known.
        pattern: what tells the cases, or entries, in which it is right from the others, when it is not
            known, and that is sharp.
        own_gradient: of a wrong gradient behind a wrong forward, whether it follows from that, when known.
        attached: files that came of it.
    """

    name: str
    passed: bool | None
    points: float
    max_points: float
    message: str | None = None
    hint: str | None = None
    reason: str | None = None
    traceback: str | None = None
    file: str | None = None
    line: int | None = None
    counterexample: Counterexample | None = None
    curve: Curve | None = None
    method: Method | None = None
    cell: int | None = None
    cause: Cause | None = None
    assigned: SourceLine | None = None
    pattern: str | None = None
    own_gradient: OwnGradient | None = None
    attached: tuple[Attachment, ...] = ()

    @property
    def share(self) -> float:
        """The part of its points that it earns as the gradient of a wrong forward, though it failed."""
        return 0.0 if self.own_gradient is None else self.own_gradient.share


def earned(max_points: float, criteria: Sequence[CriterionResult]) -> float:
    """Return the points of a problem: the maximum x (passed and shares) / total, computed exactly.

    Numbers are taken for the decimals that they are written as: 0.3 is three tenths.
    """
    return _part(max_points, len(criteria), (1 if one.passed is True else one.share for one in criteria))


def _part(max_points: float, total: int, shares: Iterable[float]) -> float:
    counted = sum((Fraction(str(share)) for share in shares), Fraction(0))
    return float(Fraction(str(max_points)) * counted / total)


@dataclass(frozen=True)
class ProblemResult:
    """A row of the gradebook. `points` is what `earned` makes, never a sum of rounded shares."""

    name: str
    points: float
    max_points: float
    criteria: tuple[CriterionResult, ...]

    @property
    def follow_through(self) -> float:
        """The points, of those earned, for gradients that are wrong and follow from a wrong forward."""
        return (
            _part(self.max_points, len(self.criteria), (one.share for one in self.criteria))
            if self.criteria
            else 0.0
        )

    @property
    def is_for_a_person(self) -> bool:
        """Whether nothing of it is decided here."""
        return bool(self.criteria) and all(criterion.passed is None for criterion in self.criteria)
