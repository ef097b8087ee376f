"""Marks: every line checked, all errors at once, and a report that says who gave the points."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from graded_class import BACKWARD, FORWARD, THEORY, all_grades, failed, graded, rejected

from grader.batch.collect import roster
from grader.batch.entry import Graded
from grader.batch.gradebook import grades, marks
from grader.errors import UsageError
from grader.report import json_report

HEADER = "student,problem,points,comment\n"
VALIDATOR = jsonschema.Draft202012Validator(json_report.schema())


def read(tmp_path: Path, text: str, *outcomes: Graded) -> marks.Marks:
    path = tmp_path / "marks.csv"
    path.write_text(text, encoding="utf-8")
    return marks.read(path, all_grades(*outcomes))


def as_json(graded: Graded) -> Any:
    return json.loads(json_report.render(graded.report))


def test_what_waited_for_a_person_gets_its_points(tmp_path: Path) -> None:
    """The total grows, nothing waits any more, and the report is still one."""
    waits = graded("ada", theory=None)
    assert [one.problem for one in marks.waiting(all_grades(waits))] == [THEORY]
    marked = read(tmp_path, f"{HEADER}ada,{THEORY},7.5,good; page 2\n", waits).applied(waits)
    grade = grades.of(marked)
    assert (grade.total, grade.is_final) == (97.5, True)
    assert not marks.waiting([grade])
    VALIDATOR.validate(as_json(marked))
    assert "A person gave 7.5 of 10 points for Theory: good; page 2" in str(marked.report.findings)
    assert waits.report.score == 90


def test_others_are_left_as_they_are(tmp_path: Path) -> None:
    """Marks of one student change no other's report."""
    ada, bob = graded("ada", theory=None), graded("bob", theory=None)
    assert read(tmp_path, f"{HEADER}ada,{THEORY},1,\n", ada, bob).applied(bob) is bob


def test_a_line_without_points_and_comment_still_waits(tmp_path: Path) -> None:
    """The form that lists what waits can be given back half filled in."""
    ada, bob = graded("ada", theory=None), graded("=bob", theory=None)
    form = marks.form(all_grades(ada, bob))
    rows = list(csv.reader(io.StringIO(form, newline="")))
    assert rows == [
        ["student", "problem", "points", "comment"],
        ["'=bob", THEORY, "", ""],
        ["ada", THEORY, "", ""],
    ]
    filled = form.replace("'=bob,Theory,", "'=bob,Theory,10")
    read_back = read(tmp_path, filled, ada, bob)
    assert [(one.student, one.points) for one in read_back.marks] == [("=bob", 10.0)]


def test_the_grader_is_overruled_only_with_a_comment(tmp_path: Path) -> None:
    """And who is overruled is listed, with what the grader gave."""
    ada = graded("ada", backward=(True, False))
    with pytest.raises(UsageError, match=r"line 2: 'GRU Backward' waits for nobody \(the grader gave 30\)"):
        read(tmp_path, f"{HEADER}ada,{BACKWARD},60,\n", ada)
    found = read(tmp_path, f"{HEADER}ada,{BACKWARD},60,right but for a typo\n", ada)
    assert [(one.points, one.mark) for one in found.overruled] == [(30, 60.0)]
    assert grades.of(found.applied(ada)).total == 100
    VALIDATOR.validate(as_json(found.applied(ada)))


def test_a_person_can_grade_where_the_grader_failed(tmp_path: Path) -> None:
    """All problems marked make a grade; some do not."""
    lou = failed("lou")
    some = f"{HEADER}lou,{FORWARD},30,by hand\nlou,{BACKWARD},10,by hand\n"
    part = grades.of(read(tmp_path, some, lou).applied(lou))
    assert (part.total, part.is_final) == (None, False)
    whole = read(tmp_path, f"{some}lou,{THEORY},5,by hand\n", lou).applied(lou)
    assert (grades.of(whole).total, grades.of(whole).status) == (45, "graded")
    VALIDATOR.validate(as_json(whole))


def test_a_rejected_hand_in_can_be_marked(tmp_path: Path) -> None:
    """It stays rejected, with the points that a person gives."""
    eve = rejected("eve")
    grade = grades.of(read(tmp_path, f"{HEADER}eve,{FORWARD},12,sent by mail\n", eve).applied(eve))
    assert (grade.total, grade.status) == (12, "rejected")


def test_every_wrong_line_is_named_at_once(tmp_path: Path) -> None:
    """With its number, what is wrong, and what there is."""
    text = (
        f"{HEADER}zoe,{THEORY},1,\nada,Essay,1,\nada,{THEORY},11,\nada,{THEORY},-1,\nada,{THEORY},nan,\n"
        f"ada,{THEORY},ten,\nada,{THEORY},,a comment\nada,{THEORY},1,\nada,{THEORY},2,\n"
    )
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text, graded("ada", theory=None))
    lines = str(caught.value).splitlines()
    assert lines[0] == "marks.csv cannot be used:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        f"line {n}" for n in (2, 3, 4, 5, 6, 7, 8, 10)
    ]
    for says in (
        "no hand-in of a student 'zoe'",
        "'Essay'; there are: 'GRU Forward'",
        "0 to 10 points, not 11",
    ):
        assert says in str(caught.value)
    assert "line 9 already" in lines[-1]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("student,points\n", "lacks problem"),
        ("a;b\n", "lacks student and problem"),
        (HEADER[:-1] + ",points\n", "twice"),
    ],
)
def test_wrong_columns_are_said(tmp_path: Path, header: str, says: str) -> None:
    """And which are expected."""
    with pytest.raises(UsageError, match=says):
        read(tmp_path, header, graded("ada"))


def test_a_decimal_comma_is_read_where_semicolons_separate(tmp_path: Path) -> None:
    """As a spreadsheet in Europe saves it."""
    found = read(tmp_path, f"Student;Problem;Points;Comment\nada;{THEORY};7,5;\n", graded("ada", theory=None))
    assert found.marks[0].points == 7.5


@pytest.mark.parametrize("points", ["1_0", "\uff15", "1e1", "inf", "0x5", "5 %"])
def test_only_plain_numbers_are_points(tmp_path: Path, points: str) -> None:
    """What Python alone would take for a number is asked about."""
    with pytest.raises(UsageError, match="points are a number"):
        read(tmp_path, f"{HEADER}ada,{THEORY},{points},\n", graded("ada", theory=None))


def test_a_line_may_call_its_student_as_the_list_does(tmp_path: Path) -> None:
    """By any identifier of the list of students."""
    (tmp_path / "class.csv").write_text("email,login\nada@x.edu,al1\n")
    (tmp_path / "marks.csv").write_text(f"{HEADER}al1,{THEORY},4,\n")
    known = roster.read(tmp_path / "class.csv")
    found = marks.read(tmp_path / "marks.csv", all_grades(graded("ada@x.edu", theory=None)), known)
    assert [one.student for one in found.marks] == ["ada@x.edu"]


def test_lines_may_come_in_any_columns(tmp_path: Path) -> None:
    """Columns go by their names; the comment may be left out."""
    found = read(tmp_path, f"Points,Problem,Student\n3,{THEORY},ada\n", graded("ada", theory=None))
    assert [(one.student, one.points, one.comment) for one in found.marks] == [("ada", 3.0, "")]
