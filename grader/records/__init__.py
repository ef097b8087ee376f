"""The words of the house as types: what a submission is, what a finding says, what a report holds.

Nothing of ours is imported here, so everything may import this. Every type is immutable: a report is made
once, by the engine, and whatever a person or a platform sees is rendered from it.
"""

from __future__ import annotations

from grader.records.answers import Answer, FailedAssert, Failure, FailureKind, Stopped
from grader.records.cases import Array, Arrays, Case, Further, Lookalike, Suite
from grader.records.findings import Blame, Finding, mistake, notice
from grader.records.hand_in import HandIn, Notebook, Submission
from grader.records.report import GradedFile, Isolation, Printed, Report, Result, Status
from grader.records.results import (
    Attachment,
    Cause,
    Counterexample,
    CriterionResult,
    Curve,
    Explain,
    Judged,
    Keep,
    Method,
    OwnGradient,
    ProblemResult,
    SourceLine,
    earned,
)

__all__ = [
    "Answer",
    "Array",
    "Arrays",
    "Attachment",
    "Blame",
    "Case",
    "Cause",
    "Counterexample",
    "CriterionResult",
    "Curve",
    "Explain",
    "FailedAssert",
    "Failure",
    "FailureKind",
    "Finding",
    "Further",
    "GradedFile",
    "HandIn",
    "Isolation",
    "Judged",
    "Keep",
    "Lookalike",
    "Method",
    "Notebook",
    "OwnGradient",
    "Printed",
    "ProblemResult",
    "Report",
    "Result",
    "SourceLine",
    "Status",
    "Stopped",
    "Submission",
    "Suite",
    "earned",
    "mistake",
    "notice",
]
