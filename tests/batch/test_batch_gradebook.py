"""Gradebooks: one for people, and what Canvas and Moodle import, by the rules of their importers."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from graded_class import BACKWARD, FORWARD, THEORY, all_grades, failed, graded, rejected
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.collect.roster import Roster, read
from grader.batch.gradebook import canvas, moodle, own
from grader.batch.gradebook.grades import Grade
from grader.errors import UsageError

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,GRU Cell (501),Quiz (502),"
    "Current Score,Final Score\r\n"
    ",,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,100.00,5.00,(read only),(read only)\r\n"
    '"Lovelace, Ada",4711,S1,ada,"CS, ""A""",12.00,5.00,80,80\r\n'
    '"B, Bob",4712,S2,bob,A,,4.00,,\r\n'
    '"\'=Cy",4713,S3,cy,A,EX,,,\r\n'
    '"D, Dan",4714,S4,dan,A,50.00,,,\r\n'
    '"Student, Test",4799,,x99,A,,,,\r\n'
)
WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 101,Ada Lovelace,1,ada@x.edu,"Submitted for grading",,100.00,Yes,-,-,\r\n'
    'Participant 102,Bob B,2,bob@x.edu,"Submitted for grading",55.00,100.00,Yes,-,-,"old, kept"\r\n'
    "Participant 103,Cy C,3,cy@x.edu,No submission,,100.00,No,-,-,\r\n"
)


def rows_of(content: bytes | str) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def roster(tmp_path: Path, text: str) -> Roster:
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")
    return read(path)


def many(*ids: str) -> list[Grade]:
    return all_grades(*(graded(one) for one in ids))


def test_our_own_gradebook_has_a_row_for_each(tmp_path: Path) -> None:
    """Points, what waits, and no points at all where the grader failed."""
    found = all_grades(
        graded("bob", backward=(True, False), theory=None, name="Bob B", identical=("cy",)),
        failed("ada"),
        rejected("eve"),
    )
    text = own.render(found)
    assert text.count("\r\n") == text.count("\n") == 4
    ada, bob, eve = rows_of(text)
    assert (ada["student"], ada["status"], ada["total"], ada[FORWARD]) == ("ada", "error", "", "")
    assert (bob["total"], bob["max"], bob[BACKWARD], bob[THEORY]) == ("60", "100", "30", "")
    assert (bob["waiting for a person"], bob["identical to"], bob["version"]) == (THEORY, "cy", "3")
    assert (eve["status"], eve["total"], eve["message"]) == ("rejected", "0", "This is no tar.")


def test_a_cell_never_holds_a_whole_class() -> None:
    """A spreadsheet cuts a cell of 32,767 characters; the first names and a count are enough."""
    everybody = tuple(f"student{number:04}@university.example.edu" for number in range(1_000))
    (row,) = rows_of(own.render(all_grades(graded("ada", identical=everybody))))
    assert row["identical to"].startswith(", ".join(everybody[:3]))
    assert row["identical to"].endswith(" more")
    assert len(row["identical to"]) < 1_000


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_name_breaks_the_gradebook_or_is_run(student: str, name: str) -> None:
    """There are as many cells as columns, and none begins with a formula."""
    grade = replace(many("x")[0], student=student, name=name)
    rows = list(csv.reader(io.StringIO(own.render([grade]), newline=""), strict=True))
    assert len(rows) == 2
    assert len(rows[0]) == len(rows[1])
    for cell in rows[1]:
        assert cell.strip()[:1] not in set("=@") or not cell


def test_canvas_gets_its_own_export_back_with_one_column_filled() -> None:
    """Every other byte of the rows that stay is as it was; header, points and hidden row are kept."""
    upload = canvas.fill(many("4711", "4712"), CANVAS.encode(), column="501")
    lines = CANVAS.splitlines(keepends=True)
    expected = [*lines[:3], lines[3].replace(",12.00,", ",100,"), lines[4].replace(",A,,", ",A,100,")]
    assert upload.content.decode() == "".join(expected)
    assert upload.filled == 2


def test_a_student_without_a_grade_has_no_row_for_canvas() -> None:
    """A blank cell would take away what is there. Each is listed with why."""
    found = all_grades(
        failed("4711"), graded("4712", theory=None), graded("4714"), graded("4713"), graded("9")
    )
    upload = canvas.fill(found, CANVAS.encode(), column="GRU Cell")
    assert [row["ID"] for row in rows_of(upload.content)] == ["", "", "4714"]
    told = "\n".join(upload.notes)
    for says in (
        "4711 was left out: the grader failed",
        "4712 was left out: Theory still waits for a person",
        "4713 was left out: Canvas has EX there",
        "9 was left out: the template has nobody",
    ):
        assert says in told


@pytest.mark.parametrize("column", [None, "501", "GRU Cell", "gru cell (501)"])
def test_the_column_of_canvas_is_found(column: str | None) -> None:
    """By title, id or both; and alone, where one title is the assignment's."""
    upload = canvas.fill(many("bob"), CANVAS.encode(), column=column)
    assert rows_of(upload.content)[-1]["GRU Cell (501)"] == "100"


@pytest.mark.parametrize(
    ("template", "column", "says"),
    [
        (CANVAS, "Essay", r"has no column 'Essay'; the assignments are:\n  GRU Cell \(501\)\n  Quiz \(502\)"),
        (
            CANVAS.replace("GRU Cell", "Homework 3"),
            None,
            r"Say it by --column, one of:\n  Homework 3 \(501\)",
        ),
        (CANVAS.replace("Quiz", "GRU Cell"), "GRU Cell", "has several columns"),
        (CANVAS.replace("100.00", "(read only)"), "501", "read only"),
        (CANVAS.replace(" (501)", "").replace(" (502)", ""), None, "has no column of an assignment"),
        ("a,b\n1,2\n", None, "no export of Canvas's gradebook: its columns are 'a', 'b'"),
    ],
)
def test_a_template_that_does_not_fit_is_said(template: str, column: str | None, says: str) -> None:
    """With the columns that there are."""
    with pytest.raises(UsageError, match=says):
        canvas.fill(many("4711"), template.encode(), column=column)


def test_canvas_is_told_where_the_points_differ() -> None:
    """The grade is entered as it is; whoever uploads it should know."""
    upload = canvas.fill(many("4711"), CANVAS.replace("100.00", "50.00").encode(), column="501")
    assert "GRU Cell (501) has 50.00 points in Canvas, but 100 here." in upload.notes


def test_a_semicolon_export_of_canvas_stays_one() -> None:
    """As Canvas writes it in some languages."""
    template = 'Student;ID;SIS Login ID;Section;GRU (5)\n    Points Possible;;;;100,00\n"B; Bob";7;bob;A;\n'
    upload = canvas.fill(many("bob"), template.encode())
    assert upload.content.decode() == template.replace(";A;\n", ";A;100\n")


def test_an_export_of_canvas_with_first_and_last_names() -> None:
    """Then the ID is the third column."""
    template = (
        "LastName,FirstName,ID,SIS Login ID,Section,GRU (5)\n    Points Possible,,,,,100\nB,Bob,7,bob,A,\n"
    )
    assert canvas.fill(many("7"), template.encode()).content.decode().endswith("B,Bob,7,bob,A,100\n")


def test_the_list_of_students_leads_to_canvass_row(tmp_path: Path) -> None:
    """Hand-ins came by email; Canvas knows an id."""
    known = roster(tmp_path, "email,canvas id\nada@x.edu,4711\n")
    upload = canvas.fill(many("ada@x.edu"), CANVAS.encode(), column="501", roster=known)
    assert upload.filled == 1


def test_no_grade_goes_to_somebody_else() -> None:
    """Where an identifier is one student's number and another's login, both are left out and listed."""
    template = CANVAS.replace("4712,S2,bob", "4712,4711,bob")
    upload = canvas.fill(many("4711"), template.encode(), column="501")
    assert upload.filled == 0
    assert "could be any of these rows: Lovelace, Ada, B, Bob" in upload.notes[0]
    upload = canvas.fill(many("4711", "ada"), CANVAS.encode(), column="501")
    assert upload.filled == 0
    assert "the row Lovelace, Ada fits all of 4711, ada" in upload.notes[0]


def test_moodles_worksheet_is_filled_in() -> None:
    """Grade and feedback are set; whoever has no grade has no row, so that no feedback is lost."""
    upload = moodle.fill(many("101"), WORKSHEET.encode())
    (row,) = rows_of(upload.content)
    assert (row["Identifier"], row["Grade"], row["Full name"]) == ("Participant 101", "100", "Ada Lovelace")
    assert row["Feedback comments"] == "GRU Forward: 30 / 30; GRU Backward: 60 / 60; Theory: 10 / 10"
    lines = WORKSHEET.splitlines(keepends=True)
    assert upload.content.decode().startswith(lines[0] + lines[1].partition(",,100.00")[0])


def test_moodle_drops_what_is_locked_or_too_high_so_we_say_it() -> None:
    """Its import would pass over both without a word."""
    sheet = WORKSHEET.replace("55.00,100.00", "55.00,50.00")
    upload = moodle.fill(many("102", "103", "104"), sheet.encode())
    assert not rows_of(upload.content)
    told = "\n".join(upload.notes)
    assert "Participant 102 was left out: 100 is above the maximum of 50.00" in told
    assert "Participant 103 was left out: Moodle says that the grade cannot be changed" in told
    assert "104 was left out: the worksheet has nobody" in told


def test_a_worksheet_in_another_language_needs_the_column() -> None:
    """The identifier is known by its numbers; the grades' column must be named."""
    sheet = "ID;Vollst\u00e4ndiger Name;Bewertung\r\nTeilnehmer/in 101;Ada;\r\n"
    with pytest.raises(UsageError, match=r"'Bewertung'(.|\n)*--column"):
        moodle.fill(many("101"), sheet.encode())
    upload = moodle.fill(many("101"), sheet.encode(), column="Bewertung")
    assert upload.content.decode() == sheet.replace("Ada;", "Ada;100")


def test_moodles_grade_import_goes_by_email(tmp_path: Path) -> None:
    """Without a worksheet: three columns, and nobody who would abort the import."""
    known = roster(tmp_path, "student,email,moodle participant\nada,ada@x.edu,101\nbob,,102\n")
    upload = moodle.for_import(many("ada", "bob", "eve"), roster=known)
    assert [list(row.values())[:2] for row in rows_of(upload.content)] == [["ada@x.edu", "100"]]
    assert list(rows_of(upload.content)[0]) == ["Email address", "Grade", "Feedback"]
    assert any(note.startswith("bob was left out") for note in upload.notes)
    assert any(note.startswith("eve was left out") for note in upload.notes)
    assert moodle.for_import(many("a@x.edu")).filled == 1


def test_moodles_participant_number_is_no_user() -> None:
    """Its grade import cannot know it: the TA is told what to give."""
    with pytest.raises(UsageError, match="offline grading worksheet"):
        moodle.for_import(many("101"))


def test_a_rejected_hand_in_is_a_grade_and_says_why() -> None:
    """Zero points, once nothing waits."""
    upload = moodle.fill(all_grades(rejected("101", "=1+1 is no tar.")), WORKSHEET.encode())
    (row,) = rows_of(upload.content)
    assert (row["Grade"], row["Feedback comments"]) == ("0", "Not graded: =1+1 is no tar.")
