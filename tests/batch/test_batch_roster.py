"""The list of a class: columns by header, platforms' own lists, and every wrong line named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.collect.roster import Roster, read
from grader.batch.entry import Entry
from grader.errors import UsageError


def roster(tmp_path: Path, text: str | bytes) -> Roster:
    path = tmp_path / "class.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


def entry(student: str, name: str | None = None) -> Entry:
    return Entry(student, 1, Path("x"), name)


def test_identifiers_of_all_kinds_lead_to_one_student(tmp_path: Path) -> None:
    """Whatever a file name has, the student is the one of the column `student`."""
    known = roster(tmp_path, "student,name,E-Mail,login,canvas_id\nada,Ada L,ada@x.edu,al1,4711\n")
    for identifier in ("ada", "ADA@x.edu", "al1", "4711", " al1 "):
        found = known.of(identifier)
        assert found is not None
        assert (found.student, found.name) == ("ada", "Ada L")
    assert known.of("Ada L") is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbflogin,email\r\nal,ada@x.edu\r\n",
        b"login;email\nal;ada@x.edu\n",
        b'"login"\t"email"\n"al"\t"ada@x.edu"\n',
        b"login,email\n\nal , ada@x.edu\n,,\n",
    ],
)
def test_a_spreadsheets_ways_to_write_csv_are_read(tmp_path: Path, data: bytes) -> None:
    """A BOM, semicolons, tabs, CRLF, quotes, blank lines and blanks around cells."""
    assert [one.student for one in roster(tmp_path, data).students] == ["ada@x.edu"]


def test_canvass_own_gradebook_is_a_list_of_the_class(tmp_path: Path) -> None:
    """There `Student` is the name, the ID identifies, and two rows are no roster."""
    known = roster(
        tmp_path,
        "Student,ID,SIS User ID,SIS Login ID,Section,GRU (12)\n,,,,,Manual Posting\n"
        '    Points Possible,,,,,100\n"Lovelace, Ada",4711,S1,al1,A,\n"Student, Test",9,,,A,\n',
    )
    assert [(one.name, one.values) for one in known.students] == [("Lovelace, Ada", ("4711", "S1", "al1"))]
    assert known.of("4711") is known.of("al1")


def test_moodles_worksheet_is_a_list_of_the_class(tmp_path: Path) -> None:
    """Its "Participant 123" is the 123 of the downloaded files."""
    known = roster(tmp_path, "Identifier,Full name,Email address\nParticipant 123,Ada L,ada@x.edu\n")
    found = known.of("123")
    assert found is not None
    assert found.student == "ada@x.edu"


def test_a_person_may_be_known_by_name_alone(tmp_path: Path) -> None:
    """Moodle's list of participants has no number of theirs: the full name tells, if only one has it."""
    known = roster(
        tmp_path,
        "First name,Last name,Email address\nAda,Lovelace,a@x.edu\n"
        "Bob,Twin,b1@x.edu\nBob,Twin,b2@x.edu\nC,D,c@x.edu\n",
    )
    matched = known.applied(
        [entry("1", "Ada  Lovelace"), entry("2", "Bob Twin"), entry("3", "C D"), entry("4", "C D")]
    )
    assert [one.student for one in matched.entries] == ["a@x.edu", "2", "3", "4"]
    assert [one.student for one in matched.unmatched] == ["2", "3", "4"]
    assert [one.student for one in matched.absent] == ["b1@x.edu", "b2@x.edu", "c@x.edu"]


def test_a_name_never_outweighs_an_identifier(tmp_path: Path) -> None:
    """Who is known by login keeps the place, though another hand-in bears the same name."""
    known = roster(tmp_path, "login,name\nada,Ada L\n")
    matched = known.applied([entry("ada", "Ada L"), entry("77", "Ada L")])
    assert [one.student for one in matched.unmatched] == ["77"]


def test_what_is_one_students_login_and_anothers_number_identifies_nobody(tmp_path: Path) -> None:
    """No grade goes to somebody else by chance."""
    known = roster(tmp_path, "student,login,canvas id\nada,100,1\nbob,b,100\n")
    assert known.of("100") is None


def test_versions_of_one_student_stay_together(tmp_path: Path) -> None:
    """Two hand-ins under two identifiers are one student's."""
    known = roster(tmp_path, "student,email\nada,ada@x.edu\n")
    matched = known.applied([entry("ada"), entry("ada@x.edu")])
    assert [one.student for one in matched.entries] == ["ada", "ada"]
    assert not matched.absent


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("email\na@x.edu\nb@x.edu\nA@x.edu\n", "line 4: 'A@x.edu' stands in line 2"),
        ("email,name\n,Ada\n", "line 2 has nothing"),
        ("colour,size\nred,1\n", "no column that identifies students.*'colour', 'size'"),
        ("email\n", "lists no students"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(tmp_path: Path, text: str, says: str) -> None:
    """Every wrong line is named."""
    with pytest.raises(UsageError, match=says):
        roster(tmp_path, text)


def test_a_list_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """No traceback for a typing error."""
    with pytest.raises(UsageError, match=r"nowhere\.csv cannot be read"):
        read(tmp_path / "nowhere.csv")
