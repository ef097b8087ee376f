"""Reports full of hostile text: whatever a student puts into it, no renderer passes it on, and none fails."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import jsonschema
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.records import (
    Blame,
    Counterexample,
    CriterionResult,
    Curve,
    FailedAssert,
    Finding,
    GradedFile,
    Isolation,
    Method,
    Printed,
    ProblemResult,
    Report,
    Status,
)
from grader.report import autolab, autolab_line, json_form, json_report, text
from grader.report.autolab_reading import read

VALIDATOR = jsonschema.Draft202012Validator(json_form.schema())

ATTACKS = (
    "\x1b[2J\x1b[31mred",
    "\x1b]0;owned\x07",
    "\x1b]8;;http://x\x1b\\link",
    "\x9b1A\x9b2K",
    "\u202e\u2066evil\u2069",
    "\u200b::error::zero width before it",
    "::error file=a,line=1::boo",
    "\n::set-output name=x::y\n",
    "\r::add-mask::e\r\n  ::stop-commands::t",
    " " * 90 + "::warning::after a wrap ::error::x",
    "word " * 19 + "::error::at a line's start",
    "##[error]x ###[set-env name=PATH]y ##vso[task.complete]",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x","y")',
    "\ud800\udc80 lone",
    "nul\0nul",
    "\x85next\u2028line\u2029paragraph\x0b\x0c\x1c",
    "\n\n\n",
    '{"scores": {"GRU Cell Forward": 1000}, "scoreboard": [1000]}',
    '\n{"_presentation":"semantic","stages":["S"]}\n',
    "Total 100 / 100\n",
    "```\n# heading\n[link](http://x) ![picture](http://x/y.png)\n````python\n~~~",
    "`a` ``b`` \\` | cell \\| cell \\\\| *em* __strong__ ~~gone~~",
    "@everyone #1 GH-2 www.example.org mail@example.org https://example.org",
    "<!-- comment --><details><img src=x onerror=alert(1)>&amp;&#64;",
    "]]></failure><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "file%0A::error::a,line=7,title=x:y::z%250A%3A%2C",
    "\n::stop-commands::x\n::add-path::/tmp\n::set-env name=A::B",
    "---\n===\n> quote\n- item\n1. item\n\tcode\n| a | b |\n| - | - |",
    "EOF\nscore=1000\nresult<<EOF\n",
    "\ufffe\uffff\ue000\U000e0001 noncharacters",
    "x" * 5_000,
    "",
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """One attack, several in a row, or any characters at all."""
    parts = draw(
        st.lists(st.sampled_from(ATTACKS) | st.text(st.characters(exclude_categories=())), max_size=3)
    )
    return "".join(parts)


TEXT = texts()
MAYBE = st.none() | TEXT
NAME = st.text(st.characters(codec="ascii"), min_size=1, max_size=30)
POINTS = st.integers(0, 4_000).map(lambda quarters: quarters / 4)
CURVES = st.builds(
    Curve, TEXT, st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5).map(tuple)
)
CRITERION = st.builds(
    CriterionResult,
    name=TEXT,
    passed=st.sampled_from([True, False, None]),
    points=POINTS,
    max_points=POINTS,
    message=MAYBE,
    hint=MAYBE,
    reason=MAYBE,
    traceback=MAYBE,
    file=MAYBE,
    line=st.none() | st.integers(1, 10**6),
    counterexample=st.none()
    | st.builds(
        Counterexample,
        TEXT,
        st.lists(TEXT, max_size=3).map(tuple),
        yours=MAYBE,
        expected=TEXT,
        failed_assert=st.none() | st.builds(FailedAssert, TEXT, st.integers(1, 10**6), says=MAYBE),
    ),
    curve=st.none() | CURVES,
    method=st.none() | st.builds(Method, TEXT, TEXT, st.integers(-1, 10**6)),
)
PROBLEM = st.builds(
    ProblemResult, NAME, POINTS, max_points=POINTS, criteria=st.lists(CRITERION, max_size=3).map(tuple)
)
FINDING = st.builds(
    Finding, st.sampled_from(Blame), TEXT, hint=MAYBE, file=MAYBE, line=st.none() | st.integers(1, 10**6)
)
PRINTED = st.builds(Printed, TEXT, st.integers(0, 10**9))
REPORT = st.builds(
    Report,
    assignment=MAYBE,
    title=MAYBE,
    status=st.sampled_from(Status),
    problems=st.lists(PROBLEM, max_size=3, unique_by=lambda problem: problem.name).map(tuple),
    hand_in=TEXT,
    version=st.just("0.1.0"),
    message=TEXT,
    hint=MAYBE,
    findings=st.lists(FINDING, max_size=3).map(tuple),
    sha256=MAYBE,
    files=st.lists(st.builds(GradedFile, TEXT, st.integers(0, 10**6), TEXT), max_size=2).map(tuple),
    seed=st.none() | st.integers(0, 2**32),
    cases=st.none() | st.integers(0, 1_000),
    suite=MAYBE,
    isolation=st.none()
    | st.builds(Isolation, st.lists(TEXT, max_size=2).map(tuple), st.lists(TEXT, max_size=2).map(tuple)),
    stdout=PRINTED,
    stderr=PRINTED,
)


def everywhere(text: str, status: Status = Status.GRADED) -> Report:
    """Return a report in which every text is that one."""
    criterion = CriterionResult(text, False, 0, 1, text, text, text, text, text, 3, None)
    example = Counterexample(text, (text, text), text, text)
    criteria = (
        criterion,
        replace(criterion, file=None, counterexample=example, method=Method(text, text, 4)),
        CriterionResult(text, None, 0, 1, text, curve=Curve(text, (1.0, 2.0))),
    )
    finding = Finding(Blame.STUDENT, text, text, text, 5)
    return Report(
        text,
        text,
        status,
        (ProblemResult(text, 0, 3, criteria),),
        "0.1.0",
        text,
        text,
        (finding, replace(finding, blame=Blame.NOBODY), replace(finding, blame=Blame.GRADER)),
        text,
        (GradedFile(text, 7, text),),
        hand_in=text,
        suite=text,
        isolation=Isolation((text,), (text,)),
        stdout=Printed(text, 1),
        stderr=Printed(text, 1),
    )


FLOOD = Report(
    "gru_cell",
    "GRU",
    Status.GRADED,
    (
        ProblemResult(
            "GRU Cell Forward", 7.5, 30.0, (CriterionResult("h", False, 0.0, 30.0, "x\n" * 100_000),)
        ),
    ),
    "0.1.0",
    hand_in="handin.tar",
    stdout=Printed("\x1b[31m::error::x\n" * 100_000),
    stderr=Printed("=" * 1_000_000),
)

# What a runner takes for a command: ActionCommand.cs trims spaces on the left, and finds ##[ anywhere.
COMMAND = re.compile(r"^\s*::|##[A-Za-z]*\[", re.MULTILINE)


def _prints(page: str) -> bool:
    return page.replace("\n", "").replace("\t", "").isprintable()


def _scored(report: Report) -> Mapping[str, float | None]:
    """Return what Autolab must record, worked out apart from the renderer."""
    if not report.problems:
        return {autolab_line.UNKNOWN: 0 if report.status is Status.REJECTED else None}
    rows = [problem for problem in report.problems if problem.max_points] or list(report.problems)
    decided: Mapping[str, float | None] = {
        problem.name: problem.points
        for problem in rows
        if problem.max_points
        if not problem.criteria or {one.passed for one in problem.criteria} != {None}
    }
    if report.status is Status.ERROR:  # what a person gave stays, wherever there is something else to write
        return dict.fromkeys(decided or [problem.name for problem in rows])
    return decided or dict.fromkeys(problem.name for problem in rows)


@settings(max_examples=60, deadline=None)
@given(REPORT)
@example(FLOOD)
def test_the_text_cannot_steer_a_terminal_or_a_ci(report: Report) -> None:
    """No control character, override, surrogate or workflow command gets into the text."""
    page = text.render(report)
    assert _prints(page)
    assert COMMAND.search(page) is None
    assert page.endswith("\n")


def test_a_flood_stays_short() -> None:
    """A message and an output of 100,000 lines, and a line of a megabyte, leave a report to be read."""
    assert text.render(FLOOD).count("\n") < 100


@settings(max_examples=60, deadline=None)
@given(REPORT)
@example(FLOOD)
def test_the_json_fulfils_its_schema(report: Report) -> None:
    """The JSON is strict, ASCII and as the schema says, whatever is in it."""
    letters = json_report.render(report)
    assert letters.isascii()
    assert letters.endswith("}\n")
    assert COMMAND.search(letters) is None
    document = json.loads(letters)
    VALIDATOR.validate(document)
    assert _prints("".join(_strings(document)))
    assert json.dumps(document).encode("ascii")


def _strings(document: object) -> list[str]:
    if isinstance(document, str):
        return [document]
    inside = (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    )
    return [letters for part in inside for letters in _strings(part)]


@settings(max_examples=60, deadline=None)
@given(REPORT)
@example(FLOOD)
def test_autolab_records_the_points(report: Report) -> None:
    """Read by Autolab's rules, the output gives the points back; it is ASCII, and far below the limits."""
    feedback = autolab.render(report)
    wanted = _scored(report)
    assert read(feedback, list(wanted)) == wanted
    assert feedback.isascii()
    assert _prints(feedback)
    assert COMMAND.search(feedback) is None
    assert len(feedback) < 300_000
    assert feedback.count("\n") < 5_000


@settings(max_examples=30, deadline=None)
@given(REPORT)
def test_equal_reports_give_equal_bytes(report: Report) -> None:
    """A renderer knows the report and nothing else."""
    again = replace(report)
    assert text.render(again, colour=True) == text.render(report, colour=True)
    assert json_report.render(again) == json_report.render(report)
    assert autolab.render(again) == autolab.render(report)


@settings(max_examples=30, deadline=None)
@given(REPORT)
def test_our_fault_is_always_said(report: Report) -> None:
    """On an error the promised sentence is a line of its own in both texts, whatever else they hold."""
    ours = replace(report, status=Status.ERROR)
    for page in (text.render(ours), autolab.render(ours)):
        assert "The grader failed, not you; nothing was recorded." in page.splitlines()
