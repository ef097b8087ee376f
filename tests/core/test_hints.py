"""What students are told: a level has all that lower ones have, and a graded derivation is not given away."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import shipped
from hypothesis import given
from hypothesis import strategies as st
from shipped import ROOT, known

from grader.declaration import HintLevel
from grader.engine import Grader, Options
from grader.errors import UsageError
from grader.hints import FROM, HintPolicy, HintRule, Shown, for_staff, for_student
from grader.records import CriterionResult, FailureKind, ProblemResult, Report
from grader.report import autolab_reading
from grader.report.forms import RENDERERS, rendered

ARRAYS, EQUATION, TERM, ALL = HintLevel
SENTENCE = "one of the ways back to dh is missing: the one through Eq. (4)"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
# A derivation is graded in these, so that no course tells their term.
DERIVED = {"lstm_gru_theory": "Question 4", "nback_rnn": "Application to the n-back problem"}


@cache
def reports(name: str) -> list[tuple[str, Report]]:
    """Return the reports on all mistakes of an assignment, with all that is known."""
    with Grader([known(name)], Options(assignment=name)) as grader:
        return [(path, grader.grade(shipped.wrong(path))) for path in shipped.all_wrong(name)]


def told(report: Report, level: HintLevel, *, counterexample: bool = True) -> Report:
    assert report.assignment is not None
    return for_student(report, known(report.assignment), Shown(level, counterexample))


def criteria(report: Report) -> Iterator[CriterionResult]:
    for problem in report.problems:
        yield from problem.criteria


def numbers(one: CriterionResult) -> set[str]:
    """Return the equations that a criterion names, in words or as a field."""
    said = f"{one.hint} {one.cause.says if one.cause else ''}"
    named = re.findall(r"Eq\. (\(\w+\)(?:(?:, | and | or )\(\w+\))*)", said)
    found = {number for some in named for number in re.findall(r"\((\w+)\)", some)}
    return found | ({one.cause.equation} - {""} if one.cause else set())


def test_every_field_of_a_criterion_has_its_level() -> None:
    """Who adds a field says from which level on students see it; until then it is held to be a hint."""
    assert set(FROM) == {field.name for field in fields(CriterionResult)}
    assert {level.value for level in HintLevel} == {"arrays", "equation", "term", "all"}
    assert sorted(HintLevel) == [ARRAYS, EQUATION, TERM, ALL]


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped.NAMES)
def test_each_level_has_all_that_lower_ones_have(name: str) -> None:
    """Nothing that is known is told lower; of every known mistake, in every form of the report."""
    explained = 0
    for path, report in reports(name):
        levels = {level: told(report, level) for level in HintLevel}
        for each in levels.values():
            assert (each.score, each.max_score, each.status) == (
                report.score,
                report.max_score,
                report.status,
            )
        for seen in zip(*(criteria(each) for each in levels.values()), strict=True):
            for lower, higher in pairwise(seen):
                assert numbers(lower) <= numbers(higher), path
                assert (lower.passed, lower.points, lower.message) == (
                    higher.passed,
                    higher.points,
                    higher.message,
                )
                for field in fields(CriterionResult):
                    before, after = getattr(lower, field.name), getattr(higher, field.name)
                    if field.name not in ("cause", "hint"):
                        assert before in (field.default, after), (path, field.name)
                    assert before is None or after is not None, (path, field.name)
        for one, full in zip(criteria(levels[ARRAYS]), criteria(report), strict=True):
            assert (one.cause, one.assigned) == (None, None)
            if one.hint is not None:
                assert one.reason in {*FailureKind, "missing", "dtype", "broken"}, path
            explained += full.cause is not None
        withheld = "\n".join(rendered(form, levels[ARRAYS]) for form in RENDERERS)
        causes = {one.cause for one in criteria(report) if one.cause is not None}
        assert not [cause for cause in causes if cause.says in withheld or cause.kind in withheld], path
        assert not re.search(r"\bEq\. ?\(", withheld), path
        where = "\n".join(rendered(form, levels[EQUATION]) for form in RENDERERS)
        assert not [cause for cause in causes if cause.says in where], path
    assert explained >= 10 or not shipped.known(name).explains


@pytest.mark.slow
@pytest.mark.parametrize(("name", "problem"), DERIVED.items())
def test_a_graded_derivation_is_not_given_away(name: str, problem: str) -> None:
    """By no level: the equation at most is named, and it is said why. Who teaches sees the term.

    What explains a wrong forward as well is told there, and so is no derivation's secret.
    """
    kept_back = 0
    for path, report in reports(name):
        forward = {one.cause for one in criteria(report) if one.name == "yhat"}
        for level in HintLevel:
            mine = told(report, level)
            for row, full in zip(mine.problems, report.problems, strict=True):
                for one, whole in zip(row.criteria, full.criteria, strict=True):
                    derived = row.name == problem and one.name not in ("yhat", "training")
                    if derived and whole.cause in forward:
                        assert level < TERM or (one.hint or "").startswith(whole.hint or ""), path
                    elif derived and whole.cause is not None and level >= EQUATION:
                        kept_back += 1
                        assert one.cause is not None, path
                        assert (one.hint, one.cause.kind) == (one.cause.says, ""), path
                        assert one.cause.says.startswith("The mistake is "), path
                        said = " ".join(finding.message for finding in mine.findings)
                        because = (
                            "so the course has decided" if level is EQUATION else "the derivation is what"
                        )
                        assert f"{problem}: this report says where" in said
                        assert because in said
        assert any(one.hint for one in criteria(for_staff(report))) == any(
            one.hint for one in criteria(report)
        )
    assert kept_back > 30


@cache
def carry_dropped() -> Report:
    with Grader([known("gru_cell")], Options(assignment="gru_cell")) as grader:
        return grader.grade(shipped.wrong("gru_cell/backward/carry_dropped"))


def test_the_levels_in_words() -> None:
    """What a student reads at each; the default changes nothing, not even the object."""
    report = carry_dropped()
    said = {level: " ".join(rendered("text", told(report, level)).split()) for level in HintLevel}
    assert "FAIL dh is wrong in 64 of 64 cases" in said[ARRAYS]
    assert not re.search(r"hint:|The mistake is|exactly what comes out", said[ARRAYS])
    assert "is assigned at" not in said[ARRAYS]
    assert "GRU Cell Backward: this report says which arrays are wrong, and not what else" in said[ARRAYS]
    assert "FAIL The mistake is on the way back through Eq. (4). dh is wrong in 64" in said[EQUATION]
    assert "dh is assigned at" in said[EQUATION]
    assert SENTENCE not in said[EQUATION]
    assert SENTENCE in said[TERM]
    assert "In the catalogue" not in said[TERM]
    assert f"{SENTENCE}. In the catalogue: a term is left out; on the way back, Eq. (4)." in said[ALL]
    assert told(report, TERM) is report
    assert for_staff(report) == told(report, ALL)


def test_the_counterexample_may_be_left_out() -> None:
    """At any level, and nothing else with it."""
    report = carry_dropped()
    for level in HintLevel:
        mine = told(report, level, counterexample=False)
        assert all(one.counterexample is None for one in criteria(mine))
        assert "Try it" not in rendered("text", mine)
        kept = [(one.hint, one.cause, one.assigned) for one in criteria(told(report, level))]
        assert [(one.hint, one.cause, one.assigned) for one in criteria(mine)] == kept


def test_what_is_said_of_python_is_said_at_every_level() -> None:
    """A name that is misspelt is no matter of a derivation; a hint about values is one."""
    at_one = "It raises with hidden 1."
    misspelt = CriterionResult("dh", False, 0, 1, "it raised", "is it misspelt?", "raised", pattern=at_one)
    turned = CriterionResult("dx", False, 0, 1, "it is wrong", "the wrong sign", "value", pattern=at_one)
    report = replace(
        carry_dropped(), problems=(ProblemResult("GRU Cell Backward", 0, 2, (misspelt, turned)),)
    )
    for level in HintLevel:
        hints = [one.hint for one in criteria(told(report, level))]
        assert hints == ["is it misspelt?", "the wrong sign" if level >= TERM else None]
        patterns = [one.pattern for one in criteria(told(report, level))]
        assert patterns == [at_one, at_one if level >= EQUATION else None]


# --- rules

rules = st.builds(
    lambda level, begins, length, first, more: (level, begins, length, first, more),
    st.sampled_from(HintLevel),
    st.none() | st.integers(0, 4),
    st.none() | st.integers(1, 3),
    st.integers(1, 3),
    st.none() | st.integers(0, 2),
)


def made(level: HintLevel, begins: int | None, length: int | None, first: int, more: int | None) -> HintRule:
    start = None if begins is None else NOON + timedelta(days=begins)
    end = None if length is None else (start or NOON) + timedelta(days=length)
    return HintRule(level, start, end, first, None if more is None else first + more)


@given(st.lists(rules, max_size=4))
def test_at_most_one_rule_holds_for_a_hand_in(
    drawn: list[tuple[HintLevel, int | None, int | None, int, int | None]],
) -> None:
    """Rules that overlap are refused, all others accepted; so their order says nothing."""
    if any(
        begins is None and length is None and first == 1 and more is None
        for _, begins, length, first, more in drawn
    ):
        with pytest.raises(UsageError, match="always holds"):
            [made(*one) for one in drawn]
        return
    some = [made(*one) for one in drawn]
    grid = [(NOON + timedelta(hours=12 * i), n) for i in range(-2, 20) for n in range(1, 8)]
    twice = [at for at in grid if sum(rule.holds(*at) for rule in some) > 1]
    if twice:
        with pytest.raises(UsageError, match=r"rules \d and \d both hold for attempt \d"):
            HintPolicy(rules=some)
        return
    one, other = HintPolicy(TERM, rules=some), HintPolicy(TERM, rules=some[::-1])
    assert [one.at(*at) for at in grid] == [other.at(*at) for at in grid]


def test_a_moment_is_a_moment_in_any_zone() -> None:
    """A rule holds from its beginning, and no longer at its end."""
    policy = HintPolicy(TERM, rules=[HintRule(ARRAYS, NOON, NOON + timedelta(hours=1))])
    berlin = datetime.fromisoformat("2026-12-01T13:00:00+01:00")
    assert policy.at(berlin, 1).level is ARRAYS
    assert policy.at(berlin - timedelta(seconds=1), 1).level is TERM
    assert policy.at(berlin + timedelta(hours=1), 1).level is TERM


# --- cellgrade grade

COURSE = """
assignment = "gru_cell"
[hints]
level = "term"
rules = [
    { until = 2026-12-01T23:59:00+01:00, to_attempt = 2, level = "arrays" },
    { until = 2026-12-01T23:59:00+01:00, from_attempt = 3, level = "equation" },
]
"""
BEFORE, AFTER = "2026-12-01T22:58:59Z", "2026-12-01T22:59:00Z"


def grade(folder: Path, hand_in: Path, *options: str, status: int = 0) -> str:
    (folder / "course.toml").write_text(COURSE)
    command = [sys.executable, "-m", "grader", "grade", str(hand_in), "--course", str(folder / "course.toml")]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def level_of(printed: str) -> HintLevel:
    """Tell at which level a report was written, by what it says in whichever form."""
    said = " ".join(printed.replace("\\n", " ").split())
    if SENTENCE in said:
        return ALL if "In the catalogue" in said else TERM
    return EQUATION if "The mistake is on the way back through Eq. (4)." in said else ARRAYS


@pytest.mark.parametrize(
    ("options", "level"),
    [
        (("--at", BEFORE), ARRAYS),
        (("--at", BEFORE, "--attempt", "2", "--format", "json"), ARRAYS),
        (("--at", BEFORE, "--attempt", "3", "--format", "autolab"), EQUATION),
        (("--at", BEFORE, "--attempt", "3", "--format", "annotations"), EQUATION),
        (("--at", AFTER, "--format", "summary"), TERM),
        (("--at", BEFORE, "--for", "instructor"), ALL),
        (("--at", BEFORE, "--for", "instructor", "--format", "junit"), ALL),
    ],
)
def test_grade_tells_what_holds_then(tmp_path: Path, options: tuple[str, ...], level: HintLevel) -> None:
    """In every form, by date and attempt; and twice the same bytes."""
    hand_in = shipped.wrong("gru_cell/backward/carry_dropped")
    printed = grade(tmp_path, hand_in, *options)
    assert level_of(printed) is level
    assert grade(tmp_path, hand_in, *options) == printed
    if "autolab" in options:
        scores = autolab_reading.read(printed, ["GRU Cell Forward", "GRU Cell Backward"])
        assert scores == {"GRU Cell Forward": 30, "GRU Cell Backward": 61.25}
        assert "The mistake is on the way back through Eq. (4)." in printed.splitlines()[-2]


def test_the_attempt_is_in_the_name_that_autolab_gives(tmp_path: Path) -> None:
    """As it is downloaded, and as it lies on the server; `--attempt` goes first."""
    made_by = shipped.wrong("gru_cell/backward/carry_dropped")
    for name, level in {
        "ada@x.edu_3_handin.tar": EQUATION,
        "ada@x.edu_2_handin.tar": ARRAYS,
        "ada@x.edu/12_handin.tar": EQUATION,
        "handin.tar": ARRAYS,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        subprocess.run(["tar", "-cf", str(path), "-C", str(made_by), "hw3"], check=True)
        assert level_of(grade(tmp_path, path, "--at", BEFORE)) is level, name
    assert level_of(grade(tmp_path, path, "--at", BEFORE, "--attempt", "3")) is EQUATION


def test_what_was_kept_back_cannot_be_presented(tmp_path: Path) -> None:
    """A JSON report has no more than its reader is told: whatever form is made of it."""
    hand_in = shipped.wrong("gru_cell/backward/carry_dropped")
    report = tmp_path / "report.json"
    report.write_text(grade(tmp_path, hand_in, "--at", BEFORE, "--format", "json"))
    (dh,) = (
        one
        for row in json.loads(report.read_text())["problems"]
        for one in row["criteria"][-1:]
        if not one["passed"]
    )
    assert "cause" not in dh
    assert "assigned" not in dh
    shown = subprocess.run(
        [sys.executable, "-m", "grader", "present", str(report), "--text", "-", "--annotations", "-"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert level_of(shown) is ARRAYS
    assert "hint:" not in shown


@pytest.mark.parametrize(
    ("option", "value"),
    [("--at", "2026-12-01"), ("--at", "2026-12-01T12:00:00"), ("--at", "soon"), ("--attempt", "0")],
)
def test_what_is_no_moment_and_no_attempt_is_a_sentence(tmp_path: Path, option: str, value: str) -> None:
    """Without its offset from UTC a date would be another one on another machine."""
    said = grade(tmp_path, tmp_path, option, value, status=2)
    assert f"argument {option}: " in said
    assert repr(value) in said
