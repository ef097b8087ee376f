"""The JSON report: its form, its schema and its document say the same."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.records import (
    Counterexample,
    CriterionResult,
    GradedFile,
    Isolation,
    Printed,
    ProblemResult,
    Report,
    Status,
    mistake,
)
from grader.report import json_form, json_report

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
SCHEMA = json_form.schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

EXAMPLE = Counterexample("input 1, hidden 2", ("import numpy as np", "f(1)"), None, "[0.5]")
CRITERIA = (
    CriterionResult(
        "dx", False, 0, 5, "dx was never set", "return it", "raised", "Traceback ...", "gru.py", 3, EXAMPLE
    ),
    CriterionResult("dh", True, 5, 5),
    CriterionResult("style", None, 0, 5),
)
FULL = Report(
    assignment="gru_cell",
    title="GRU",
    status=Status.GRADED,
    problems=(ProblemResult("Backward", 5, 15, CRITERIA),),
    hand_in="handin.tar",
    version="0.1.0",
    findings=(mistake("uses torch", "do not", "hw3/gru.py", 3),),
    sha256="ab" * 32,
    files=(GradedFile("hw3/gru.py", 12, "cd" * 32),),
    seed=0,
    cases=64,
    suite="ef" * 32,
    isolation=Isolation(("user id",), ("network: no namespaces",)),
    stdout=Printed("hello\n", 7),
)
BARE = Report(None, None, Status.REJECTED, (), "0.1.0", hand_in="x.tar", message="This is no tar.")
ERROR = replace(FULL, status=Status.ERROR, message="torch is missing")


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema with what it refers to in it, and whether it may be null as one of
    its types.
    """
    if "$ref" in field:
        return {**SCHEMA["$defs"][field["$ref"].removeprefix("#/$defs/")], **field}
    if "anyOf" in field:
        inner, null = field["anyOf"]
        assert null == {"type": "null"}
        found = _plain(inner)
        return {**found, **field, "type": [found["type"], "null"]}
    return field


def _type(field: dict[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    types = [field["type"]] if isinstance(field["type"], str) else field["type"]
    return " or ".join(
        "array of strings" if field.get("items", {}).get("type") == "string" else one for one in types
    )


def _rows(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield the lines that the document's table must have, one per field."""
    for name, found in schema["properties"].items():
        here, field = f"{path}{name}", _plain(found)
        yield f"| `{here}` | {_type(field)} | {found['description']} |"
        if "properties" in field:
            yield from _rows(field, f"{here}.")
        if "properties" in (inside := _plain(field.get("items", {}))):
            yield from _rows(inside, f"{here}[].")


def test_the_committed_schema_is_the_forms() -> None:
    """schema.json is what the form says: `python -m grader.report.json_form > grader/report/schema.json`."""
    assert (ROOT / "grader" / "report" / "schema.json").read_text() == json.dumps(SCHEMA, indent=2) + "\n"


def test_the_schema_is_one() -> None:
    """The schema is valid by its own draft."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_document_lists_every_field() -> None:
    """docs/report.md has one row per field of the schema, with its type and meaning, and no other row."""
    table = DOCUMENT.split("| field | type | meaning |\n| --- | --- | --- |\n")[1].split("\n\n")[0]
    assert table.splitlines() == list(_rows(_plain(SCHEMA)))


def test_the_documents_example_fulfils_the_schema() -> None:
    """The example that a reader of the document sees is a report."""
    match = re.search(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert match is not None
    VALIDATOR.validate(json.loads(match[1]))


def test_the_schema_lets_no_field_go_missing_and_none_in() -> None:
    """Every object of the schema requires all its fields but a few, and forbids others."""
    objects = [one for one in SCHEMA["$defs"].values() if one.get("type") == "object"]
    assert objects
    for schema in objects:
        may_miss = "cell cause assigned pattern own_gradient attached raises failed_assert".split()
        assert schema["required"] == [name for name in schema["properties"] if name not in may_miss]
        assert schema["additionalProperties"] is False


@pytest.mark.parametrize("report", [FULL, BARE, ERROR], ids=["graded", "rejected", "error"])
def test_reports_fulfil_the_schema(report: Report) -> None:
    """Graded, rejected or in error, the output is what the schema says."""
    VALIDATOR.validate(json.loads(json_report.render(report)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status",), "passed"),
        (("score",), "12"),
        (("problems", 0, "criteria", 0, "passed"), 1),
        (("findings", 0, "blame"), "teacher"),
        (("output", "stdout"), "hello"),
        (("schema",), 2),
    ],
)
def test_the_schema_sees_a_planted_error(path: tuple[str | int, ...], value: object) -> None:
    """A field of the wrong kind does not pass the schema."""
    document: Any = json_report.as_dict(FULL)
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert not VALIDATOR.is_valid(document)


def test_an_error_of_ours_records_nothing() -> None:
    """On an error the score and every problem's points are null, and the schema insists on it."""
    document = json_report.as_dict(ERROR)
    assert document["score"] is None
    assert [problem["points"] for problem in document["problems"]] == [None]
    document["problems"][0]["points"] = 0
    assert not VALIDATOR.is_valid(document)


def test_points_are_plain_numbers() -> None:
    """Float noise, and what is not finite, never reach the output."""
    shares = (ProblemResult("A", 0.1 + 0.2, 1 / 3, ()), ProblemResult("B", math.nan, math.inf, ()))
    document = json.loads(json_report.render(replace(FULL, problems=shares)), parse_constant=pytest.fail)
    assert [(one["points"], one["max_points"]) for one in document["problems"]] == [
        (0.3, 0.333333),
        (None, None),
    ]


def test_a_persons_decision_is_null() -> None:
    """`passed` is true, false, or null where a person decides."""
    criteria = json_report.as_dict(FULL)["problems"][0]["criteria"]
    assert [one["passed"] for one in criteria] == [False, True, None]


def test_texts_come_through() -> None:
    """Ordinary text of several lines stays as it is, a `##[` included once JSON is read."""
    report = replace(FULL, stdout=Printed("a\tb\n##[error]no\nNaïve \\n", 0))
    letters = json_report.render(report)
    assert "##[" not in letters
    assert json.loads(letters)["output"]["stdout"]["text"] == "a\tb\n##[error]no\nNaïve \\n"
