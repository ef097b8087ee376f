"""The small objects that the form of the JSON report is made of: places, causes, cases, curves."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType


def said(description: str) -> Meta:
    """Give a field its meaning, for the schema."""
    return Meta(description=description)


Count = Annotated[int, Meta(ge=0)]
Cell = Annotated[
    Annotated[int, Meta(ge=1)] | UnsetType,
    said("of a notebook, the cell that the line is in, counted from 1 through all of them"),
]


class Form(Struct, forbid_unknown_fields=True):
    """An object of the report. Each field is there, and no other; only what may be unset may be left out."""


class MethodForm(Form):
    """A function or method of the student's."""

    name: Annotated[str, said("its name, such as GRU_Cell.backward")]
    file: Annotated[str, said("path inside the hand-in")]
    line: Annotated[int, said("line of its def, from 1")]
    cell: Cell = UNSET


class AttachmentForm(Form):
    """A file that came out of the grading."""

    name: Annotated[str, said("its name, without a folder")]
    size_bytes: Annotated[Count, said("its length")]
    sha256: Annotated[str, said("hex digest of its bytes")]


class PlaceForm(Form):
    """A line of the hand-in."""

    file: Annotated[str, said("path inside the hand-in")]
    line: Annotated[int, said("line in that file, from 1")]
    cell: Cell = UNSET


class CauseForm(Form):
    """A mistake that explains what is wrong."""

    says: Annotated[str, said("what the student is told, a sentence or two")]
    equation: Annotated[str, said("the number of the statement's equation; empty where it is not one alone")]
    kind: Annotated[str, said("in which way it is wrong, in a few words")]
    mode: Annotated[
        str,
        said(
            "forward, consistent (backward is the gradient of the wrong forward), backward, borrowed (it is "
            "that of another forward), output, given or loop (the loop around the cell)"
        ),
    ]
    outputs: Annotated[list[str], said("the criteria that it explains, of all problems")]


class OwnGradientForm(Form):
    """Whether a wrong gradient is that of the student's own forward, which is wrong."""

    exact: Annotated[bool, said("it is exactly that; else it is not")]
    says: Annotated[str, said("what the student is told of it; empty where the cause says it")]
    share: Annotated[
        float,
        Meta(ge=0, le=1),
        said("the part of its points that the course gives for it as follow-through, from 0 to 1"),
    ]


class FailedAssertForm(Form):
    """An assert of the student's own that failed, and was passed over."""

    file: Annotated[str, said("path inside the hand-in")]
    line: Annotated[int, said("line in that file, from 1")]
    says: Annotated[str | None, said("what it compared, both sides; null where that is no size and no shape")]
    cell: Cell = UNSET


class CounterexampleForm(Form):
    """A case on which a criterion fails."""

    case: Annotated[str, said("the case's label")]
    call: Annotated[
        list[str],
        said("lines of Python that print the array: they run as they are in the folder of the graded file"),
    ]
    yours: Annotated[str | None, said("the student's array in letters; null when there is none")]
    expected: Annotated[str, said("the true array in letters")]
    raises: Annotated[str | UnsetType, said("the exception that they raise, if they print no array")] = UNSET
    failed_assert: Annotated[
        FailedAssertForm | UnsetType,
        said("the first of the student's own asserts that fails on it, if one does"),
    ] = UNSET


class CurveForm(Form):
    """Numbers over steps, and their picture."""

    title: Annotated[str, said("what the picture shows")]
    values: Annotated[list[float], said("at most 200 of the numbers, in order")]
    svg: Annotated[str, said("the picture as SVG")]
