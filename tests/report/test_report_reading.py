"""Reading the JSON report back: nothing is lost, and nothing that is no report is believed."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_hostile import POINTS, REPORT
from test_report_json import BARE, ERROR, FULL

from grader.records import CriterionResult, Curve, ProblemResult, Report, Status
from grader.report import json_form, json_report
from grader.report.json_reading import NoReportError, read

VALIDATOR = jsonschema.Draft202012Validator(json_form.schema())
CURVED = CriterionResult("training", True, 1, 1, curve=Curve("loss\tper epoch", (3.0, 1e-9, 1 / 3)))
THIRDS = tuple(CriterionResult(f"c{i}", i == 0, 10 / 3 if i == 0 else 0, 10 / 3) for i in range(3))
LAWFUL = replace(
    FULL, problems=tuple(ProblemResult(f"p{i}", 10 / 3, 10.0, THIRDS) for i in range(3)), status=Status.GRADED
)


def places(document: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every value inside."""
    if path:
        yield path
    inside = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in inside:
        yield from places(value, (*path, key))


def holder(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


@settings(max_examples=60)
@given(REPORT)
def test_what_is_read_is_written_again_as_it_was(report: Report) -> None:
    """render(read(render(r))) are the bytes of render(r), whatever students put into it."""
    letters = json_report.render(report)
    assert json_report.render(read(letters)) == letters


@pytest.mark.parametrize("report", [FULL, BARE, ERROR, LAWFUL], ids=["graded", "rejected", "error", "thirds"])
def test_reports_of_every_kind_come_back(report: Report) -> None:
    """Three tenths of three thirds, and the points that are null on an error, come back to the digit."""
    letters = json_report.render(report)
    assert json_report.render(read(letters)) == letters
    assert read(letters).score == pytest.approx(
        0 if report.status is Status.ERROR else report.score, abs=1e-9
    )


def test_a_curve_comes_back_with_its_picture() -> None:
    """The picture is drawn again from the numbers, and is the same; a tiny loss is not written as zero."""
    report = replace(FULL, problems=(ProblemResult("p", 1, 1, (CURVED,)),))
    letters = json_report.render(report)
    assert json_report.render(read(letters)) == letters
    assert json.loads(letters)["problems"][0]["criteria"][0]["curve"]["values"] == [3, 1e-9, 0.333333]


@settings(max_examples=300)
@given(
    st.sampled_from([FULL, BARE, ERROR, LAWFUL]),
    st.data(),
    st.none()
    | st.booleans()
    | st.integers(-2, 70)
    | POINTS
    | st.text(max_size=3)
    | st.just([])
    | st.just({}),
)
def test_what_the_schema_refuses_is_not_read(report: Report, data: st.DataObject, value: object) -> None:
    """With any one value of a report put out of its place, what is read is a report by the schema too."""
    document: Any = json_report.as_dict(report)
    path = data.draw(st.sampled_from(list(places(document))))
    at = holder(document, path)
    if data.draw(st.booleans()):
        del at[path[-1]]
    elif data.draw(st.booleans()) and isinstance(at, dict):
        at["more"] = value
    else:
        at[path[-1]] = value
    letters = json.dumps(document)
    try:
        again = read(letters)
    except NoReportError as error:
        said = str(error)
    else:
        said = ""
        VALIDATOR.validate(document)
        VALIDATOR.validate(json_report.as_dict(again))
    assert said.isprintable()
    assert len(said) < 300


@settings(max_examples=100)
@given(st.sampled_from([FULL, BARE, ERROR]), st.data())
def test_a_report_that_was_cut_is_not_read(report: Report, data: st.DataObject) -> None:
    """However much is left of it."""
    letters = json_report.render(report)
    cut = letters[: data.draw(st.integers(0, len(letters) - 3))]
    with pytest.raises(NoReportError, match="cut"):
        read(cut)


@given(st.text() | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_anything_else_is_not_read(letters: str) -> None:
    """Text, and JSON that is no object."""
    with pytest.raises(NoReportError):
        read(letters)


@pytest.mark.parametrize(
    ("letters", "says"),
    [
        ("[" * 100_000, "no JSON"),
        ('{"schema": 2}', "has the form 2; this version of cellgrade reads 1"),
        ('{"schema": true}', "has the form True"),
        ('{"schema": 1, "schema": 1}', "stands twice"),
        ('{"schema": 1, "score": NaN}', "NaN is not JSON"),
        ('{"schema": 1}', "the report: object missing required field `assignment`"),
        ("{}", "no report of cellgrade"),
        ("1" * 5_000, "no JSON"),
        ('{"schema": 1, "score": 1e999}', "the number 1e999 is larger than any can be"),
    ],
)
def test_it_says_what_is_wrong(letters: str, says: str) -> None:
    """The sentence names the first thing that is not as it should be."""
    with pytest.raises(NoReportError, match=says):
        read(letters)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (
            ("problems", 0, "criteria", 0, "line"),
            "3",
            "problems[0].criteria[0].line: expected `int | null`, got `str`",
        ),
        (("findings", 0, "blame"), "nobody\x1b", r"findings[0].blame: invalid enum value 'nobody\x1b'"),
        (("score",), 15, "score is 15, but the problems have 5"),
        (("problems", 0, "points"), "5", "problems[0].points: expected `float | null`, got `str`"),
        (("problems", 0, "criteria", 1, "cell"), 0, "problems[0].criteria[1].cell: expected `int` >= 1"),
        (("problems", 0, "po\nints"), 5, r"problems[0]: object contains unknown field `po\nints`"),
        (("isolation", "isolated"), True, "isolation.isolated: does not fit"),
        (("output", "stdout"), [], "output.stdout: expected `object`, got `array`"),
        (("suite", "\udc80"), 1, "half a character"),
    ],
)
def test_it_says_where(path: tuple[str | int, ...], value: object, says: str) -> None:
    """The sentence names the field, by its way from the top."""
    document: Any = copy.deepcopy(json_report.as_dict(FULL))
    holder(document, path)[path[-1]] = value
    with pytest.raises(NoReportError) as caught:
        read(json.dumps(document))
    assert says in str(caught.value)


@pytest.mark.parametrize("large", [1.7e308, 10**400])
def test_the_largest_numbers_end_in_a_sentence(large: float) -> None:
    """Points whose sum no number can hold are not read, and raise nothing else."""
    document = json_report.as_dict(replace(LAWFUL, problems=LAWFUL.problems * 2))
    for problem in document["problems"]:
        problem["points"] = large
    with pytest.raises(NoReportError, match=r"larger than any points|out of range"):
        read(json.dumps(document))


def test_where_we_failed_no_points_are_believed() -> None:
    """The score, a problem's points or a criterion's: the sentence names the one that is there."""
    for path in (("score",), ("problems", 0, "points"), ("problems", 0, "criteria", 2, "points")):
        document: Any = copy.deepcopy(json_report.as_dict(ERROR))
        holder(document, path)[path[-1]] = 0
        with pytest.raises(NoReportError) as caught:
            read(json.dumps(document))
        assert re.sub(r"\W+", " ", str(caught.value)).startswith(" ".join(map(str, path)))
