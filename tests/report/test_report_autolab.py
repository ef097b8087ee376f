"""Autolab's line: what is written is what Autolab reads, and our reader of its rules misses no broken one."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.records import CriterionResult, Isolation, Printed, ProblemResult, Report, Status
from grader.report import autolab, autolab_line, text
from grader.report.autolab_reading import RuleBrokenError, read, read_feedback

FORWARD, BACKWARD = "GRU Cell Forward", "GRU Cell Backward"
NAMES = [FORWARD, BACKWARD]
GOOD = '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 61.25}, "scoreboard": [91.25]}'
REPORT = Report(
    "gru_cell",
    "GRU",
    Status.GRADED,
    (
        ProblemResult(FORWARD, 30.0, 30.0, (CriterionResult("h", True, 30.0, 30.0),)),
        ProblemResult(BACKWARD, 61.25, 70.0, (CriterionResult("dx", False, 0.0, 70.0),)),
    ),
    "0.1.0",
    hand_in="handin.tar",
)


def _problem(name: str, points: float, *passed: bool | None) -> ProblemResult:
    return ProblemResult(
        name, points, 10, tuple(CriterionResult(f"c{i}", p, 0, 5) for i, p in enumerate(passed))
    )


def _criterion(name: str, passed: bool | None) -> CriterionResult:
    return CriterionResult(name, passed, 5.0 if passed else 0.0, 5.0)


def test_the_line_is_what_autolab_reads() -> None:
    """The last line of a graded report is exactly the scores, without needless zeros."""
    assert autolab.render(REPORT).splitlines()[-1] == GOOD
    assert read(autolab.render(REPORT), NAMES) == {FORWARD: 30, BACKWARD: 61.25}


@pytest.mark.parametrize(
    ("rule", "feedback"),
    [
        (1, ""),
        (1, "\n \n\t"),
        (1, "Total 91.25"),
        (1, GOOD + "\nmake: *** [Makefile:4: all] Error 1"),
        (1, GOOD.replace(", ", ",\n", 1)),
        (1, "[1, 2]"),
        (1, '{"scoreboard": []}'),
        (1, '{"scores": {}, "scoreboard": []}'),
        (1, '{"scores": [30], "scoreboard": []}'),
        (1, "[" * 20_000),
        (2, GOOD.replace("GRU Cell Forward", "Part 1: GRU")),
        (2, GOOD.replace("[91.25]", '["at 23:50"]')),
        (3, GOOD.replace("61.25}", "NaN}")),
        (3, GOOD.replace("61.25}", "-Infinity}")),
        (3, GOOD.replace("[91.25]", "[NaN]")),
        (3, GOOD.replace("61.25}", "1e999}")),
        (3, GOOD.replace("Backward", "Forward")),
        (4, GOOD.replace("GRU Cell Forward", "GRU cell forward")),
        (4, '{"scores": {"GRU Cell Forward": 30}, "scoreboard": []}'),
        (4, GOOD.replace('{"GRU', '{"Bonus": 1, "GRU')),
        (6, GOOD.replace("61.25}", '"61.25"}')),
        (6, GOOD.replace("61.25}", "true}")),
        (7, "x\n" * 9_999 + GOOD),
        (7, "x" * 512_000 + "\n" + GOOD),
        (7, GOOD.replace("[91.25]", json.dumps(["x" * 65_536]))),
        (7, "\ud800\n" + GOOD),
        (8, GOOD.replace("[91.25]", "91.25")),
        (8, '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 61.25}}'),
    ],
)
def test_a_broken_rule_is_named(rule: int, feedback: str) -> None:
    """Each way to lose a score is refused, with the rule that it breaks."""
    with pytest.raises(RuleBrokenError) as caught:
        read(feedback, NAMES)
    assert caught.value.rule == rule


def test_what_autolab_accepts_is_accepted() -> None:
    """Blank space after the line, bare keys (what the substitution is for) and null are all right."""
    assert read(f"text\n{GOOD}\r\n\n \0", NAMES) == {FORWARD: 30, BACKWARD: 61.25}
    assert read("{scores: {Loss:1, Time:null}, scoreboard:[]}", ["Time", "Loss"]) == {"Loss": 1, "Time": None}
    assert read("x\n" * 9_998 + GOOD, NAMES)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True), st.data())
def test_any_name_and_any_points_arrive(names: list[str], data: st.DataObject) -> None:
    """Whatever a problem is called, a colon behind a letter included, Autolab's reading gives its points."""
    points = [data.draw(st.integers(0, 400_000)) / 4000 for _ in names]
    report = replace(REPORT, problems=tuple(_problem(n, p, True) for n, p in zip(names, points, strict=True)))
    scores = read(autolab.render(report), names)
    assert scores == {n: pytest.approx(p, abs=6e-5) for n, p in zip(names, points, strict=True)}


def test_float_noise_is_rounded_away() -> None:
    """A sum that is 0.30000000000000004 in floats is 0.3 in the gradebook."""
    report = replace(REPORT, problems=(_problem("A", 0.1 + 0.2, True), _problem("B", 140 / 3, True)))
    line = autolab.render(report).splitlines()[-1]
    assert line == '{"scores": {"A": 0.3, "B": 46.6667}, "scoreboard": [46.9667]}'


def test_our_fault_leaves_alone_what_a_person_decides() -> None:
    """A regrade that fails must not store null over what a person gave by hand."""
    ours = replace(REPORT, status=Status.ERROR, problems=(_problem("Code", 0), _problem("Essay", 0, None)))
    assert read(autolab.render(ours), ["Code"]) == {"Code": None}


def test_our_fault_records_nothing() -> None:
    """On an error each score is null, and the text says whose fault it was."""
    ours = replace(REPORT, status=Status.ERROR, message="torch could not be imported")
    feedback = autolab.render(ours)
    assert read(feedback, NAMES) == {FORWARD: None, BACKWARD: None}
    assert "The grader failed, not you; nothing was recorded." in feedback.splitlines()


def test_a_rejected_hand_in_gets_zero() -> None:
    """A rejection is a score of 0 for each problem, also when no assignment was recognised."""
    none = tuple(replace(problem, points=0.0) for problem in REPORT.problems)
    rejected = replace(REPORT, status=Status.REJECTED, problems=none, message="This is no tar.")
    assert read(autolab.render(rejected), NAMES) == {FORWARD: 0, BACKWARD: 0}
    assert list(read(autolab.render(replace(rejected, problems=())), [autolab_line.UNKNOWN]).values()) == [0]


def test_what_a_person_decides_is_left_alone() -> None:
    """A problem without any decided criterion is left out, so that a person's score stays."""
    report = replace(REPORT, problems=(_problem("Code", 5, True, None), _problem("Essay", 0, None, None)))
    assert read(autolab.render(report), ["Code"]) == {"Code": 5}


def test_the_scores_are_never_empty() -> None:
    """When a person decides all problems, or none is known, the line still has scores: nulls."""
    report = replace(REPORT, problems=(_problem("Essay", 0, None), _problem("Style", 0, None)))
    assert read(autolab.render(report), ["Essay", "Style"]) == {"Essay": None, "Style": None}
    assert read(autolab_line.without_scores(NAMES), NAMES) == dict.fromkeys(NAMES)
    assert set(read(autolab_line.without_scores([]), [autolab_line.UNKNOWN]).values()) == {None}


def test_points_that_are_no_number_record_nothing() -> None:
    """NaN, which only a fault of ours can make, is no score rather than a line that Autolab refuses."""
    report = replace(REPORT, problems=(_problem("A", math.nan, True), _problem("B", 5, True)))
    assert read(autolab.render(report), ["A", "B"]) == {"A": None, "B": 5}


def test_a_long_text_loses_its_middle_never_its_line() -> None:
    """A report with thousands of failed criteria keeps its start, its total and the scores."""
    criteria = tuple(
        CriterionResult(f"gradient {i}", False, 0, 0.01, f"number {i} " + "is wrong " * 90)
        for i in range(3_000)
    )
    report = replace(REPORT, problems=(ProblemResult(FORWARD, 0.0, 30.0, criteria),))
    feedback = autolab.render(report)
    assert read(feedback, [FORWARD]) == {FORWARD: 0}
    assert len(feedback) < 400_000
    assert read_feedback(feedback) == {FORWARD: {f"gradient {i}": False for i in range(3_000)}}
    assert feedback.startswith("GRU\nhandin.tar")
    assert "lines left out here" in feedback
    assert feedback.splitlines()[-4].startswith("Total ")


@pytest.mark.parametrize(
    "printed", [GOOD, GOOD + "\n", '{"_presentation":"semantic","stages":["S"]}', "\n" * 50]
)
def test_a_forged_line_is_not_the_last(printed: str) -> None:
    """What a student prints, scores or formatted feedback, never stands where Autolab looks."""
    forged = printed.replace("61.25", "70")
    lines = (
        autolab.render(replace(REPORT, stdout=Printed(forged), stderr=Printed(forged))).rstrip().splitlines()
    )
    assert lines[-1] == GOOD
    assert [line for line in lines[:-2] if line.lstrip().startswith("{")] == []
    assert lines[-2] == autolab.render(REPORT).rstrip().splitlines()[-2]


FEEDBACK = '{"_presentation": "semantic", "stages": ["S"], "S": {"t": {"passed": false, "hint": "h"}}}'


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (10, ""),
        (1, "Total 91.25"),
        (10, "[1]"),
        (10, FEEDBACK.replace("semantic", "syntactic")),
        (10, FEEDBACK.replace('["S"]', '"S"')),
        (10, FEEDBACK.replace('["S"]', "[1]")),
        (10, FEEDBACK.replace('["S"]', '["S", "T"]')),
        (10, FEEDBACK.replace('"S": {"t"', '"S": 3, "T": {"t"')),
        (11, FEEDBACK.replace("false", "0")),
        (11, FEEDBACK.replace("false", '"false"')),
        (11, FEEDBACK.replace("false", "null")),
        (11, FEEDBACK.replace('"passed"', '"failed"')),
        (11, FEEDBACK.replace('"h"', "5")),
        (12, FEEDBACK.replace('"t"', '"_t"')),
        (12, FEEDBACK.replace('"S"', '"_scores_order"')),
        (3, FEEDBACK.replace("false", "NaN")),
    ],
)
def test_feedback_that_would_be_shown_wrongly_is_named(rule: int, line: str) -> None:
    """Each way to break the table, or to show a failed test as passed, is refused with its rule."""
    assert read_feedback(f"text\n{FEEDBACK}\n{GOOD}\n") == {"S": {"t": False}}
    with pytest.raises(RuleBrokenError) as caught:
        read_feedback(f"text\n{line}\n{GOOD}\n" if line else GOOD)
    assert caught.value.rule == rule


def test_the_feedback_says_what_failed_and_why() -> None:
    """A stage for each problem, a test for each criterion that is decided, a hint where it failed."""
    failed = CriterionResult("dx", False, 0.0, 5.0, "dx is wrong:\n in 3 of 64 cases", "Look at Eq. (4).")
    judged = ProblemResult(BACKWARD, 5.0, 15.0, (_criterion("dh", True), failed, _criterion("style", None)))
    essay = ProblemResult("Essay", 0.0, 5.0, (_criterion("essay", None),))
    rendered = autolab.render(replace(REPORT, problems=(judged, essay)))
    shown = json.loads(rendered.splitlines()[-2])
    assert shown["stages"] == [BACKWARD]
    hint = "dx is wrong: in 3 of 64 cases Look at Eq. (4)."
    assert shown[BACKWARD] == {"dh": {"passed": True}, "dx": {"passed": False, "hint": hint}}
    assert read_feedback(rendered) == {BACKWARD: {"dh": True, "dx": False}}


def test_a_name_of_autolabs_own_is_left_out_of_the_feedback() -> None:
    """It would break the page or not be shown; its points are in the last line all the same."""
    judged = ProblemResult("_scores_order", 5.0, 5.0, (_criterion("dh", True),))
    other = ProblemResult("A", 5.0, 10.0, (_criterion("_order", True), _criterion("dx", False)))
    rendered = autolab.render(replace(REPORT, problems=(judged, other)))
    assert read_feedback(rendered) == {"A": {"dx": False}}
    assert read(rendered, ["_scores_order", "A"]) == {"_scores_order": 5, "A": 5}


def test_what_the_sandbox_lacked_is_said_to_the_staff_and_not_first() -> None:
    """It is there for those who can do something about it, and no alarm at the top for those who cannot."""
    report = replace(REPORT, isolation=Isolation(("resource limits",), ("own user id: not root",)))
    lines = autolab.render(report).splitlines()
    (place,) = [number for number, line in enumerate(lines) if "NOT ISOLATED" in line]
    assert lines[place] == "For course staff: NOT ISOLATED: own user id: not root"
    assert place > max(number for number, line in enumerate(lines) if BACKWARD in line and "/" in line)
    assert "NOT ISOLATED" in "".join(text.render(report).splitlines()[:4])


@pytest.mark.parametrize("status", [Status.REJECTED, Status.ERROR])
def test_without_a_grading_the_feedback_says_why(status: Status) -> None:
    """A rejected hand-in reads what is wrong with it; on a fault of ours it reads that it was not its own."""
    rendered = autolab.render(replace(REPORT, status=status, message="This is no tar.", hint="Use tar -czf."))
    (stage,) = read_feedback(rendered).values()
    assert list(stage.values()) == [False]
    ours = "The grader failed, not you" in rendered.splitlines()[-2]
    assert ours == (status is Status.ERROR)
    assert ("This is no tar. Use tar -czf." in rendered.splitlines()[-2]) == (status is Status.REJECTED)


def test_other_alphabets_become_escapes() -> None:
    """The output is ASCII: Tango reads it as strict UTF-8, and other bytes have lost all feedback."""
    feedback = autolab.render(replace(REPORT, stdout=Printed("prêt ✓"), hand_in="занятие.tar"))
    assert feedback.isascii()
    assert "| pr\\xeat \\u2713" in feedback
