"""JUnit XML and GitHub Classroom's result: read back by real parsers, and right whatever students write."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import junitparser
import pytest
import runner_rules
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_report_hostile import ATTACKS, FLOOD, REPORT, TEXT, everywhere
from test_report_json import BARE, ERROR, FULL

from grader.records import CriterionResult, ProblemResult, Report, Status
from grader.report import classroom, junit
from grader.report.placed import Placed

PLACED = st.lists(st.builds(Placed, REPORT, TEXT), min_size=1, max_size=3)
# What XML 1.0 allows, and of the control characters only those that people read.
ALLOWED = re.compile("[\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def suites(*placed: Placed) -> list[junitparser.TestSuite]:
    """Return the suites, as a library reads them that CI systems use."""
    return list(junitparser.JUnitXml.fromstring(junit.render(placed).encode()))


def outcomes(suite: junitparser.TestSuite) -> dict[str, list[str]]:
    return {case.name: [type(one).__name__ for one in case.result] for case in suite}


def received(placed: Sequence[Placed]) -> dict[str, Any]:
    """Return what the reporter gets out of the variable."""
    document = json.loads(base64.b64decode(classroom.render(placed), validate=True).decode("utf-8"))
    assert isinstance(document, dict)
    return document


def recorded(document: dict[str, Any]) -> tuple[float, float] | None:
    """Return the points that the reporter records: the tests' scores added up, and nothing without
    a maximum.
    """
    if not document["max_score"]:
        return None
    return sum(test["score"] for test in document["tests"]), document["max_score"]


def test_a_problem_is_a_suite_and_a_criterion_a_case() -> None:
    """What fails is a failure with its reason and place, what a person decides is skipped."""
    placed = Placed(replace(FULL, hand_in="gru_cell"), "src/gru_cell")
    (suite,) = suites(placed)
    assert suite.name == "src/gru_cell: Backward"
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (3, 1, 0, 1)
    assert outcomes(suite) == {"dx": ["Failure"], "dh": [], "style": ["Skipped"]}
    (failure,) = next(iter(suite)).result
    assert (failure.message, failure.type) == ("dx was never set", "raised")
    assert "Traceback ..." in failure.text
    case = ElementTree.fromstring(junit.render([placed])).find(".//testcase")
    assert case is not None
    assert (case.get("file"), case.get("line")) == ("src/gru_cell/gru.py", "3")


def test_our_fault_is_an_error_and_a_rejection_a_failure() -> None:
    """Neither has a case for what was never judged."""
    ours, theirs = suites(Placed(ERROR, "a"), Placed(BARE, "b"))
    assert (list(outcomes(ours).values()), ours.errors, ours.failures) == ([["Error"]], 1, 0)
    assert "The grader failed, not you" in next(iter(ours)).result[0].text
    assert (list(outcomes(theirs).values()), theirs.errors, theirs.failures) == ([["Failure"]], 0, 1)
    assert next(iter(theirs)).result[0].message == "This is no tar."


def hold_as_xml(placed: Sequence[Placed]) -> None:
    """Assert that it parses, without what XML forbids, and has as many elements as there are criteria."""
    letters = junit.render(placed)
    assert letters.isascii()
    root = ElementTree.fromstring(letters)
    for element in root.iter():
        assert element.tag in {"testsuites", "testsuite", "testcase", *junit.KINDS}
        for text in (element.text or "", *element.attrib.values()):
            assert ALLOWED.fullmatch(text)
    graded = [one.report for one in placed if one.report.status is Status.GRADED]
    criteria = [one for report in graded for problem in report.problems for one in problem.criteria]
    cases = [case for case in root.iter("testcase") if case.get("name") != "cellgrade grades the hand-in"]
    assert len(cases) >= len(criteria)
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert root.get(attribute) == str(len(list(root.iter(kind))))
    assert len(list(root.iter("error"))) == sum(one.report.status is Status.ERROR for one in placed)


@settings(max_examples=50)
@given(PLACED)
@example([Placed(FLOOD, "]]>\0<x>")])
def test_no_text_of_a_students_breaks_the_xml(placed: Sequence[Placed]) -> None:
    """A real parser finds what it should, and all of it."""
    hold_as_xml(placed)


def rows(*points: tuple[float, float]) -> Report:
    problems = (ProblemResult(f"p{i}", got, most, (CriterionResult("c", got == most, got, most),))
                for i, (got, most) in enumerate(points))  # fmt: skip
    return replace(FULL, problems=tuple(problems))


def test_classroom_records_the_points() -> None:
    """A test for each problem; the scores of its tests add up to the score."""
    document = received([Placed(rows((30, 30), (61.25, 70)))])
    assert recorded(document) == (91.25, 100)
    assert document["status"] == "fail"
    assert [test["status"] for test in document["tests"]] == ["pass", "fail"]
    assert received([Placed(rows((30, 30)))])["status"] == "pass"


def test_classroom_records_nothing_on_our_fault() -> None:
    """Not even when another hand-in of the same pull request was graded."""
    document = received([Placed(ERROR), Placed(rows((30, 30)))])
    assert document["status"] == "error"
    assert recorded(document) is None
    assert "The grader failed, not you" in document["tests"][0]["message"]


def test_classroom_leaves_to_a_person_what_is_a_persons() -> None:
    """A problem that waits for a person neither fails the tests nor counts in their maximum."""
    waiting = ProblemResult("essay", 0, 30, (CriterionResult("essay", None, 0, 30, "a person reads it"),))
    report = replace(rows((30, 30)), problems=(waiting, *rows((30, 30)).problems))
    document = received([Placed(report)])
    assert (document["status"], recorded(document)) == ("pass", (30, 30))


@pytest.mark.parametrize("placed", [[Placed(BARE)], [Placed(replace(rows((0, 30)), status=Status.REJECTED))]])
def test_classroom_fails_a_hand_in_that_was_rejected(placed: Sequence[Placed]) -> None:
    """It says why, and has a test to say it with."""
    document = received(placed)
    assert document["status"] == "fail"
    assert all(test["status"] == "fail" for test in document["tests"])
    assert document["tests"]


def hold_for_the_reporter(placed: Sequence[Placed]) -> None:
    """Assert that of names and messages in a log no line is a command, and that it all fits a variable."""
    letters = classroom.render(placed)
    assert len(f"CELLGRADE_RESULTS={letters}") < 128 << 10
    document = received(placed)
    assert document["tests"]
    for test in document["tests"]:
        assert set(test) == set("name status score message test_code filename line_no duration".split())
        log = f"Error: {test['message']}\n{test['message']}\n{test['name']}\n"
        assert list(runner_rules.commands(log)) == []
        assert log.replace("\n", "").replace("\t", "").isprintable()
        assert math.isfinite(test["score"])
    statuses = {test["status"] for test in document["tests"]}
    assert document["status"] in statuses
    assert document["status"] == "pass" or document["status"] in ("error", "fail")


@settings(max_examples=50)
@given(PLACED)
@example([Placed(FLOOD)] * 3)
def test_the_reporter_can_print_whatever_students_write(placed: Sequence[Placed]) -> None:
    """Its log holds no command, and the variable is not too long."""
    hold_for_the_reporter(placed)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("attack", [*ATTACKS, "".join(ATTACKS)], ids=range(len(ATTACKS) + 1))
def test_no_attack_gets_through_from_anywhere(attack: str, status: Status) -> None:
    """Each of them put into every text of a report, and into the names of its places."""
    placed = [Placed(everywhere(attack, status), attack), Placed(everywhere(f"a\n{attack}", status))]
    for shown in (placed, placed[:1]):
        hold_as_xml(shown)
        hold_for_the_reporter(shown)
