"""The summary: right figures, everyone who needs a person, the same bytes in any order, nothing that runs."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from graded_class import failed, graded, rejected
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.collect.roster import Student
from grader.batch.entry import Entry, Graded, Ignored
from grader.batch.gradebook.marks import Overruled
from grader.batch.gradebook.summary import Remarks, Summary

CLASS = (
    graded("ada"),
    graded("bob", forward=False, backward=(True, False), theory=False),
    graded("cy", theory=None, identical=("dan",)),
    graded("dan", theory=None, identical=("cy",)),
    rejected("eve", "This is no tar."),
    failed("fay"),
    graded("gil", off=("network: no namespaces",)),
)
REMARKS = Remarks(
    platforms=("canvas",),
    ignored=(Ignored("class/notes.docx", "is no archive"),),
    superseded=(Ignored("class/ada_1.tar", "is version 1 of ada"),),
    unmatched=(Entry("zed", 1, Path("class/zed.tar")),),
    absent=(Student("hal", "Hal H", {"login": ("hal",)}, 2),),
    overruled=(Overruled("ada", "GRU Forward", 12.0, 30.0, "a typo"),),
)


def rendered(class_: Iterable[Graded], remarks: Remarks | None = None) -> str:
    summary = Summary()
    for one in class_:
        summary.add(one)
    return summary.render(remarks)


def test_everything_that_a_ta_asks_is_there() -> None:
    """Numbers first, then who needs a person and why, then what was left out."""
    text = rendered(CLASS, REMARKS)
    for line in (
        "GRU Cell",
        "7 hand-ins of 7 students",
        "5 graded, 1 rejected (0 points), 1 on which the grader failed (no grade); 4 final",
        "Platform: canvas",
        "fay (handin.tar): the job did not start",
        "cy: Theory (10 points): read page 2",
        "eve (handin.tar): This is no tar.",
        "NOT ISOLATED (network: no namespaces): 1",
        "The same files handed in by several: 1",
        "  cy, dan",
        "ada: GRU Forward: 30 in place of 12: a typo",
        "hal (Hal H)",
        "zed: zed.tar",
        "class/ada_1.tar is version 1 of ada",
        "class/notes.docx is no archive",
    ):
        assert line in text, line


def test_the_spread_is_what_the_statistics_module_says() -> None:
    """An independent oracle for mean, median and quartiles; an error of ours is no zero."""
    totals = [100, 30, 90, 90, 0, 100]
    first, median, third = statistics.quantiles(totals, n=4, method="inclusive")
    text = rendered(CLASS)
    assert f"mean {statistics.mean(totals):.2f}, median {median:g}, quartiles {first:g} and {third:g}" in text
    assert "lowest 0, highest 100" in text


def test_the_histogram_counts_everyone_once() -> None:
    """Ten bars; full points are in the last."""
    lines = [line for line in rendered(CLASS).splitlines() if " - " in line and "#" in line]
    assert [(line.split()[0], int(line.split()[3]), line.split()[4]) for line in lines] == [
        ("0", 1, "#" * 10),
        ("30", 1, "#" * 10),
        ("90", 4, "#" * 40),
    ]


def test_criteria_say_how_many_passed_and_why_not() -> None:
    """Of those that were graded; who waits is counted apart."""
    text = rendered(CLASS)
    lines = [line.split() for line in text[text.index("  GRU Backward\n") :].splitlines()]
    assert lines[1] == ["d0", "5", "of", "5", "100", "%"]
    assert lines[2] == ["d1", "4", "of", "5", "80", "%", "failed", "by:", "value", "1"]
    theory = text[text.index("  Theory\n") :].splitlines()[1].split()
    assert theory == ["d0", "2", "of", "3", "67", "%", *"failed by: value 1 2 waiting for a person".split()]


def test_problems_stand_in_the_order_of_the_reports() -> None:
    """Forward before backward, wherever problems are listed."""
    text = rendered(CLASS)
    for end in (":", "\n"):
        places = [text.index(f"  {name}{end}") for name in ("GRU Forward", "GRU Backward", "Theory")]
        assert places == sorted(places)


def test_assignments_are_not_added_up() -> None:
    """Where a class has several, each has its own figures, though problems may share their names."""
    other = graded("zoe", forward=False)
    problems = tuple(replace(one, max_points=5 * one.max_points) for one in other.report.problems)
    report = replace(other.report, assignment="other", title="Another", problems=problems)
    text = rendered([*CLASS, replace(other, report=report)])
    assert text.count("Problems:") == text.count("by criterion:") == 2
    first, second = text.split("\nAnother\n=======\n")
    assert "Points, of 100" in first
    assert "Points, of 500" in second
    assert "  GRU Forward: mean 20 of 30, 4 in full" in first
    assert "  GRU Forward: mean 0 of 150, 0 in full, 1 with nothing" in second


def test_a_number_is_called_by_the_name_too() -> None:
    """Canvas and Moodle know students by numbers, a TA does not."""
    class_ = [graded("4711", theory=None, name="Ada L", identical=("12",)), graded("12", name="Bob B")]
    text = rendered(class_)
    assert "  4711 Ada L: Theory (10 points)" in text
    assert "  12 Bob B, 4711 Ada L\n" in text


def test_the_same_class_in_any_order_has_the_same_bytes() -> None:
    """Nothing depends on who was graded first."""
    assert rendered(CLASS, REMARKS) == rendered(reversed(CLASS), REMARKS)


def test_a_class_that_needs_nobody_says_so() -> None:
    """And an empty one has no figures to divide by."""
    assert "Nobody needs a person." in rendered([graded("ada")])
    assert "0 hand-ins" in rendered([])


@given(st.text(max_size=30), st.text(max_size=60))
def test_nothing_that_a_student_wrote_is_obeyed(student: str, message: str) -> None:
    """No control character of a name, a path or a message comes through, and no line is forged."""
    hostile = [rejected(student or "x", message)]
    remarks = Remarks(ignored=(Ignored(student, message),), unmatched=(Entry(student, 0, Path("x")),))
    text = rendered(hostile, remarks)
    assert all(char.isprintable() or char == "\n" for char in text)
    plain: list[Graded] = [rejected("x", "y")]
    usual = rendered(plain, Remarks(ignored=(Ignored("x", "y"),), unmatched=(Entry("x", 0, Path("x")),)))
    assert text.count("\n") == usual.count("\n")
