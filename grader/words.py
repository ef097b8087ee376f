"""The words of the house as types: what a submission is, what a finding says, what a report holds.

Nothing of ours is imported here, so everything may import this. Every type is immutable: a report is made
once, by the engine, and whatever a person or a platform sees is rendered from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = Mapping[str, Array]


class Blame(StrEnum):
    """Whose doing a finding is."""

    STUDENT = "student"  # it costs, or explains why something costs
    NOBODY = "nobody"  # worth knowing; costs nothing
    GRADER = "grader"  # ours; never costs a student anything


@dataclass(frozen=True)
class Finding:
    """One fact about a submission.

    Attributes:
        blame: whose doing it is; a notice is nobody's.
        message: the fact, one sentence.
        hint: what to do about it, one sentence, apart from the fact.
        file: path inside the hand-in that it is about.
        line: 1-based line in that file, or in that cell of it.
        cell: of a notebook, which of its cells, counted from 1 through all of them.
    """

    blame: Blame
    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    cell: int | None = None


def notice(
    message: str,
    hint: str | None = None,
    file: str | None = None,
    line: int | None = None,
    cell: int | None = None,
) -> Finding:
    """A finding that costs nothing."""
    return Finding(Blame.NOBODY, message, hint, file, line, cell)


def mistake(
    message: str,
    hint: str | None = None,
    file: str | None = None,
    line: int | None = None,
    cell: int | None = None,
) -> Finding:
    """A finding that is the student's doing, and costs or explains a cost."""
    return Finding(Blame.STUDENT, message, hint, file, line, cell)


@dataclass(frozen=True)
class Notebook:
    """A Jupyter notebook, as the Python that is in it.

    Attributes:
        cells: the number of each code cell, counted from 1 through all cells, and its text; line for line
            what stands there, but for what is no Python and was left out.
        left_out: what that was, in words, with its cell and line: magics, shell commands.
        problem: why nothing of it can be graded, to stand behind its name: "is a notebook in R".
    """

    cells: tuple[tuple[int, str], ...] = ()
    left_out: tuple[tuple[str, int, int], ...] = ()
    problem: str | None = None

    @property
    def text(self) -> str:
        """All cells, one below the other."""
        return "\n".join(text for _, text in self.cells)


@dataclass(frozen=True)
class HandIn:
    """What a student submitted, unpacked into memory: bounded, without links, litter left out.

    Attributes:
        name: the file or folder as the caller named it, without its parent folders.
        form: "tar", "tar.gz", "tar.bz2", "tar.xz", "zip", "folder" or "file".
        files: normalised POSIX path inside the hand-in -> content.
        sha256: hex digest of `files` (paths and contents), the same in whatever form they came.
        findings: what was noticed on the way in.
        notebooks: path -> what is in it, of those files that are Jupyter notebooks, whatever they are called.
    """

    name: str
    form: str
    files: Mapping[str, bytes]
    sha256: str
    findings: tuple[Finding, ...] = ()
    notebooks: Mapping[str, Notebook] = field(default_factory=dict)

    def code(self, path: str) -> bytes:
        """The Python of a file: its content, or that of a notebook's code cells."""
        return self.notebooks[path].text.encode() if path in self.notebooks else self.files[path]


@dataclass(frozen=True)
class Submission:
    """A hand-in in which the wanted files have been found.

    Attributes:
        hand_in: all that was submitted.
        found: path that the assignment asks for ("hw3/gru.py") -> path where it is in the hand-in; a file
            that is not required and not there is left out.
        findings: notices of the search, such as a file found one folder too high.
    """

    hand_in: HandIn
    found: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Case:
    """One set of inputs with its seed and label.

    Attributes:
        label: what a student reads, such as "input 1, hidden 2".
        seed: fills the arrays, and the student's random state.
        inputs: name -> array, float64.
        strided: hand the inputs over as non-contiguous views.
        company: keep a second instance alive and in use meanwhile.
        sizes: name -> size, such as {"input": 3, "hidden": 2}.
    """

    label: str
    seed: int
    inputs: Arrays
    strided: bool = False
    company: bool = False
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


Explain = Callable[[Sequence[Case], Sequence[Arrays], Sequence[str], Sequence[str]], "Sequence[Cause]"]
"""(cases, what was answered on each, outputs with wrong values, outputs that are right) -> the causes."""


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
        """The suite of one hand-in: what everybody gets, and after it these of the pool."""
        more = [self.pool[position] for position in positions]
        cases, expected = [case for case, _ in more], [truth for _, truth in more]
        return replace(
            self, cases=(*self.cases, *cases), expected=(*self.expected, *expected), pool=(), chosen=0
        )


@dataclass(frozen=True)
class Counterexample:
    """The smallest case on which a criterion fails, small enough to read.

    Attributes:
        case: the case's label.
        call: the lines of NumPy that make it happen, ready to paste.
        yours: the student's array in letters, or None when there is none.
        expected: the true array in letters.
    """

    case: str
    call: tuple[str, ...]
    yours: str | None
    expected: str


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
class Judged:
    """What came of one criterion that is judged otherwise than by comparing arrays.

    Attributes:
        passed: None when a person decides.
        message: the fact, when it did not pass: what, where, expected.
        hint: what to look at, apart from the fact.
        reason: why it did not pass, in one word.
        curve: a picture for the report.
    """

    passed: bool | None
    message: str | None = None
    hint: str | None = None
    reason: str | None = None
    curve: Curve | None = None


@dataclass(frozen=True)
class Method:
    """A function or method of the student's: its name, such as "GRU_Cell.forward", and where its `def` is."""

    name: str
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
            backward, borrowed (it is that of another forward), output, given.
        outputs: all that it explains, of all problems.
    """

    says: str
    equation: str
    kind: str
    mode: str
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class CriterionResult:
    """One thing that a problem is judged by.

    Attributes:
        name: the array, such as "dWzh".
        passed: None when a person decides.
        points: max_points when passed, else 0.
        max_points: its share of the problem.
        message: the fact, when it failed: what, where, expected.
        hint: what to look at, apart from the fact.
        reason: why it failed in one word: a GapKind ("value", "shape", ...) or a FailureKind ("raised", ...).
        traceback: the student's own frames, when the call raised.
        file, line, cell: where in the hand-in it raised.
        counterexample: the smallest failing case, when there is one.
        curve: a picture, when there is one.
        method: what the student wrote for it, when it is known and there.
        cause: the mistake that explains it, when it is known.
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


@dataclass(frozen=True)
class ProblemResult:
    """A row of the gradebook. `points` is max_points x passed / total, never a sum of rounded shares."""

    name: str
    points: float
    max_points: float
    criteria: tuple[CriterionResult, ...]

    @property
    def is_for_a_person(self) -> bool:
        """Whether nothing of it is decided here."""
        return bool(self.criteria) and all(criterion.passed is None for criterion in self.criteria)


class Status(StrEnum):
    """What came of a grading."""

    GRADED = "graded"
    REJECTED = "rejected"  # the student's fault: 0 points
    ERROR = "error"  # our fault: nothing is recorded


@dataclass(frozen=True)
class GradedFile:
    """A file of the hand-in that was graded: path inside it, number of lines, hex digest of its bytes."""

    path: str
    lines: int
    sha256: str


@dataclass(frozen=True)
class Isolation:
    """How the student's code was kept apart: the layers that were on, and those that were not, with why."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def isolated(self) -> bool:
        """Whether every layer was on."""
        return not self.off


@dataclass(frozen=True)
class Printed:
    """What the student's code printed, cut to a limit; `dropped_bytes` is how much was cut."""

    text: str = ""
    dropped_bytes: int = 0


@dataclass(frozen=True)
class Result:
    """What came of grading files, whoever handed them in: a function of them, the assignment and the seed.

    Attributes:
        assignment: its name; None if the hand-in was rejected before one was recognised.
        title: the assignment's title; None likewise.
        status: graded, rejected or error.
        message: for rejected and error, the sentence that says why; None when graded.
        hint: what to do about it.
        problems: in the order of the gradebook. On an error of ours each has no criteria.
        findings: facts about the submission as a whole.
        sha256: digest of the hand-in's files; None if it could not be unpacked.
        files: what was graded.
        seed: 0 where the public suite was asked, which is anybody's; else None, since a course's seed draws
            the answers too.
        cases, suite: number of cases, and the digest of the suite that they are from.
        isolation: None if no student code ran.
        stdout, stderr: what the student's code printed.
        version: cellgrade's.
    """

    assignment: str | None
    title: str | None
    status: Status
    problems: tuple[ProblemResult, ...]
    version: str
    message: str | None = None
    hint: str | None = None
    findings: tuple[Finding, ...] = ()
    sha256: str | None = None
    files: tuple[GradedFile, ...] = ()
    seed: int | None = None
    cases: int | None = None
    suite: str | None = None
    isolation: Isolation | None = None
    stdout: Printed = Printed()
    stderr: Printed = Printed()

    @property
    def score(self) -> float:
        """Points earned; 0 when rejected or in error (where `status` says that nothing is recorded)."""
        return math.fsum(problem.points for problem in self.problems)

    @property
    def max_score(self) -> float:
        """Points to be had."""
        return math.fsum(problem.max_points for problem in self.problems)

    @property
    def undecided(self) -> float:
        """Points, of those to be had, on which a person still decides."""
        criteria = (criterion for problem in self.problems for criterion in problem.criteria)
        return math.fsum(one.max_points for one in criteria if one.passed is None)


@dataclass(frozen=True)
class Report(Result):
    """A result with the name of what was handed in: what a person or a platform gets to see of it.

    Attributes:
        hand_in: that name.
    """

    hand_in: str = field(kw_only=True)


class FailureKind(StrEnum):
    """Why a call has no answer."""

    RAISED = "raised"  # an exception, the student's or NumPy's
    TIME = "time"
    MEMORY = "memory"
    CRASHED = "crashed"  # a signal, such as a segmentation fault
    EXITED = "exited"  # the process ended itself
    OUTPUT = "output"  # it printed too much
    GARBLED = "garbled"  # what it sent is no answer


@dataclass(frozen=True)
class Failure:
    """Why a call did not come to its end, in a sentence, with a hint and the student's frames if it raised.

    `fatal` says that the process died of it, so that the cases after it were not asked.
    """

    kind: FailureKind
    message: str
    traceback: str | None = None
    file: str | None = None
    line: int | None = None
    hint: str | None = None
    fatal: bool = False
    cell: int | None = None


@dataclass(frozen=True)
class Stopped:
    """A statement at the top level of a hand-in that did not run to its end, and was passed over.

    Attributes:
        file, line, cell: where it begins.
        shown: its beginning, on one line.
        needed: something may be missing because of it: it defines, or imports, or sets what a function uses.
        failure: what happened; None if it was left out because of others.
    """

    file: str
    line: int | None
    cell: int | None
    shown: str
    needed: bool
    failure: Failure | None


@dataclass(frozen=True)
class Answer:
    """What one call on one case came back with.

    Attributes:
        arrays: output name -> array, of a numeric dtype, as the student's process sent it.
        absent: output name -> why there is no array, such as "self.dWzh was never set".
        failure: set when the call did not come to its end; `arrays` then holds what was stored before.
    """

    arrays: Arrays = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
