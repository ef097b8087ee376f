"""The form of the JSON report: every field, its type and what it means.

It is said here alone. `json_report` writes this form, `json_reading` holds what it reads to it, schema.json
is made of it, and a test holds docs/report.md to that:

    python -m grader.report.json_form > grader/report/schema.json
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from grader.records import Blame, Status
from grader.report.json_parts import (
    AttachmentForm,
    CauseForm,
    Cell,
    Count,
    CounterexampleForm,
    CurveForm,
    Form,
    MethodForm,
    OwnGradientForm,
    PlaceForm,
    said,
)

Version = Literal[1]
SCHEMA_VERSION: Version = 1


class CriterionForm(Form):
    """One criterion."""

    name: Annotated[str, said("the array that is judged, such as dWzh")]
    passed: Annotated[bool | None, said("null: a person decides")]
    points: Annotated[
        float | None,
        said("max_points if passed, else own_gradient.share of it or 0; null when nothing is recorded"),
    ]
    max_points: Annotated[float | None, said("its share of the problem's points")]
    message: Annotated[
        str | None,
        said("the fact, when it failed: what, where, expected; alike cases counted, the commonest first"),
    ]
    hint: Annotated[str | None, said("what to look at")]
    reason: Annotated[
        str | None,
        said("why most of its failing cases fail, in one word, such as value, shape or raised"),
    ]
    file: Annotated[str | None, said("file of the hand-in where the call raised, never another")]
    line: Annotated[int | None, said("line in that file, from 1")]
    traceback: Annotated[str | None, said("the student's own frames, when the call raised")]
    counterexample: Annotated[CounterexampleForm | None, said("the smallest failing case, or null")]
    curve: Annotated[CurveForm | None, said("a picture of what the student's code says of itself, or null")]
    method: Annotated[
        MethodForm | None,
        said("the student's function or method that answers, where it is known and there"),
    ]
    cell: Cell = UNSET
    cause: Annotated[
        CauseForm | UnsetType,
        said("the one mistake that explains it exactly and in every case; only where it is known"),
    ] = UNSET
    assigned: Annotated[
        PlaceForm | UnsetType,
        said("where the student's source assigns the wrong array last; only where it can be told"),
    ] = UNSET
    pattern: Annotated[str | UnsetType, said("which cases or entries are right; only without a cause")] = (
        UNSET
    )
    own_gradient: Annotated[
        OwnGradientForm | UnsetType,
        said("of a gradient behind a wrong forward, whether it follows from that; only where it is known"),
    ] = UNSET
    attached: Annotated[
        list[AttachmentForm] | UnsetType,
        said("files that came of it: grade --files writes them, and a batch beside its reports"),
    ] = UNSET


class ProblemForm(Form):
    """One row of the gradebook."""

    name: Annotated[str, said("the row's name in the gradebook")]
    points: Annotated[
        float | None,
        said("points earned: max_points x (passed + shares) / all criteria; null when nothing is recorded"),
    ]
    max_points: Annotated[float | None, said("points to be had")]
    criteria: Annotated[list[CriterionForm], said("what it is judged by; empty when nothing was judged")]


class FindingForm(Form):
    """A fact about the submission."""

    blame: Annotated[
        Blame,
        said("student: it costs, or explains a cost; nobody: worth knowing; grader: ours, costs nothing"),
    ]
    message: Annotated[str, said("the fact")]
    hint: Annotated[str | None, said("what to do about it")]
    file: Annotated[str | None, said("path inside the hand-in")]
    line: Annotated[int | None, said("line in that file, from 1")]
    cell: Cell = UNSET


class FileForm(Form):
    """A file that was graded."""

    path: Annotated[str, said("path inside the hand-in")]
    lines: Annotated[Count, said("number of lines")]
    sha256: Annotated[str, said("hex digest of its bytes")]


class SubmissionForm(Form):
    """What was handed in."""

    hand_in: Annotated[str, said("name of the file or folder")]
    sha256: Annotated[
        str | None,
        said("digest of its files, the same in whatever form they came; null if it could not be unpacked"),
    ]
    files: Annotated[list[FileForm], said("what was graded")]


class SuiteForm(Form):
    """What every student was asked."""

    seed: Annotated[
        int | None,
        said("0 for the public suite; null for a course's, whose seed would give the answers away"),
    ]
    cases: Annotated[Count | None, said("number of cases")]
    sha256: Annotated[
        str | None,
        said("digest of the suite: of all inputs, and with a secret of what tells its pool from another's"),
    ]


class IsolationForm(Form):
    """How the student's code was kept apart."""

    isolated: Annotated[bool, said("whether every layer was on")]
    on: Annotated[list[str], said("layers that were on")]
    off: Annotated[list[str], said("layers that were not, with why")]


class PrintedForm(Form):
    """What the student's code wrote to one stream."""

    text: Annotated[str, said("the text, cut to a limit")]
    dropped_bytes: Annotated[Count, said("how much was cut")]


class OutputForm(Form):
    """What the student's code printed."""

    stdout: Annotated[PrintedForm, said("what the student's code wrote to stdout")]
    stderr: Annotated[PrintedForm, said("what the student's code wrote to stderr")]


class ReportForm(Form):
    """All that came out for one submission, as cellgrade grade --format json writes it."""

    schema: Annotated[Version, said("version of this form; it grows when a field changes or goes")]
    assignment: Annotated[
        str | None,
        said("name of the assignment; null if the hand-in was rejected before one was recognised"),
    ]
    title: Annotated[str | None, said("the assignment's title; null likewise")]
    status: Annotated[
        Status,
        said(
            "graded; rejected: the student's fault, 0 points; error: the grader's fault, nothing is recorded"
        ),
    ]
    score: Annotated[float | None, said("points earned in all; null on an error")]
    max_score: Annotated[float | None, said("points to be had in all")]
    message: Annotated[
        str | None,
        said("why it was rejected, or what went wrong with the grader; null when graded"),
    ]
    hint: Annotated[str | None, said("what to do about it")]
    problems: Annotated[list[ProblemForm], said("the rows of the gradebook, in its order")]
    findings: Annotated[list[FindingForm], said("facts about the submission as a whole")]
    submission: Annotated[SubmissionForm, said("what was handed in")]
    suite: Annotated[SuiteForm, said("what every student was asked; all null if nothing was")]
    isolation: Annotated[
        IsolationForm | None, said("how the student's code was kept apart; null if none ran")
    ]
    output: Annotated[OutputForm, said("what the student's code printed")]
    version: Annotated[str, said("version of cellgrade")]


def schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) that every report fulfils."""
    no_points = {"properties": {"points": {"type": "null"}}}
    unrecorded = {
        "score": {"type": "null"},
        "problems": {"items": {"allOf": [no_points, {"properties": {"criteria": {"items": no_points}}}]}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cellgrade report",
        **_nullable(msgspec.json.schema(ReportForm)),
        "if": {"properties": {"status": {"const": str(Status.ERROR)}}},
        "then": {"properties": unrecorded},
        "else": {
            "if": {"properties": {"status": {"const": str(Status.REJECTED)}}},
            "then": {"properties": {"message": {"type": "string"}}},
        },
    }


def _nullable(node: Any) -> Any:
    """Write what is of a type or null with both types in one list, not as two schemas."""
    if isinstance(node, list):
        return [_nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {name: _nullable(value) for name, value in node.items()}
    match found.get("anyOf"):
        case [{"type": str(kind), **bounds}, {"type": "null"}]:
            del found["anyOf"]
            found |= {"type": [kind, "null"], **bounds}
    return found


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))
