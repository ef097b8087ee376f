"""What is answered: arrays, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.records.cases import Arrays


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

    @property
    def exception(self) -> str | None:
        """What was raised, "ValueError: ..."; None where the call was ended otherwise."""
        if self.kind is not FailureKind.RAISED or self.fatal:
            return None
        said = self.message.partition(" raised ")[2].split("\n")[0]
        return said or None


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
class FailedAssert:
    """An assert of the student's own that failed in a call, and was passed over.

    Attributes:
        file, line, cell: where it stands.
        says: what it compared, where that is sizes or shapes: "dWx.shape is (5, 3), not (3, 5)".
    """

    file: str
    line: int
    cell: int | None = None
    says: str | None = None


@dataclass(frozen=True)
class Answer:
    """What one call on one case came back with.

    Attributes:
        arrays: output name -> array, of a numeric dtype, as the student's process sent it.
        absent: output name -> why there is no array, such as "self.dWzh was never set".
        failure: set when the call did not come to its end; `arrays` then holds what was stored before.
        asserts: of the student's own that failed in it, in the order in which they did.
    """

    arrays: Arrays = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    asserts: tuple[FailedAssert, ...] = ()

    @property
    def is_fatal(self) -> bool:
        """Whether its failure has ended the job."""
        return self.failure is not None and self.failure.fatal
