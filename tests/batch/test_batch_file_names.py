"""Names of report files: safe on every disk, one for each student, stable."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.entry import Entry
from grader.batch.gradebook import file_names

LETTERS = st.text(st.characters(exclude_categories=()), min_size=1, max_size=300)
ODD = st.sampled_from(
    (
        *(
            "con",
            "CON.tar",
            "aux",
            ".",
            "..",
            "-rf",
            ".bashrc",
            "a/b",
            "a\\b",
            "A",
            "a",
            "é",
            "e\u0301",
            "a.",
        ),
        *(
            "a ",
            "ß",
            "ss",
            "\ud800",
            "a\0b",
            "x" * 400,
            "ü" * 200,
            "a~12345678",
            "@",
            "ﬁ",
            "fi",
            "Å",
            "\u212b",
        ),
    )
)
STUDENTS = st.lists(st.one_of(ODD, LETTERS), min_size=1, max_size=12, unique=True)


def entries(*students: str) -> list[Entry]:
    return [Entry(student, 0, Path("x")) for student in students]


@given(STUDENTS)
def test_a_name_is_safe_on_every_disk(students: list[str]) -> None:
    """No folder, no device of Windows, no hidden file, no option, nothing that does not print; short."""
    for stem in file_names.stems(entries(*students)).values():
        assert stem
        assert not set(stem) & set('/\\:*?"<>|')
        assert stem.isprintable()
        assert " " not in stem
        assert stem[0] not in ".-"
        assert stem[-1] not in ". "
        assert len(stem.encode()) <= file_names.STEM_BYTES
        assert stem.split(".")[0].casefold() not in ("con", "prn", "aux", "nul", "com1", "lpt9")
        assert stem == unicodedata.normalize("NFC", stem)


@given(STUDENTS)
def test_no_two_students_share_a_file(students: list[str]) -> None:
    """Names differ on a disk that ignores case or normalises Unicode, in any form."""
    stems = file_names.stems(entries(*students))
    assert set(stems) == set(students)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        folded = {unicodedata.normalize(form, stem).casefold() for stem in stems.values()}
        assert len(folded) == len(students)


@given(STUDENTS, st.randoms())
def test_a_name_does_not_depend_on_order(students: list[str], random: object) -> None:
    """The same class in another order has the same names."""
    assert file_names.stems(entries(*students)) == file_names.stems(entries(*reversed(students)))


@given(STUDENTS)
def test_a_name_depends_on_the_others_only_where_they_clash(students: list[str]) -> None:
    """Who has the file alone keeps it, whoever joins; who has not, gets a hash."""
    together = file_names.stems(entries(*students))
    for student in students:
        alone = file_names.stems(entries(student))[student]
        assert together[student] == alone or re.search("~[0-9a-f]{8}$", together[student])


@pytest.mark.parametrize("student", ["alice@example.edu", "alice", "anna-lena_2", "Zoë", "a.b+c"])
def test_an_ordinary_name_is_left_as_it_is(student: str) -> None:
    """What is safe is not changed."""
    assert file_names.stems(entries(student)) == {student: student}


def test_a_number_is_called_by_the_name_too() -> None:
    """Canvas's and Moodle's numbers tell a person nothing."""
    known = [Entry("4711", 0, Path("x"), "Ada Lovelace"), Entry("4712", 0, Path("x"), "../../etc")]
    stems = file_names.stems(known)
    assert stems["4711"] == "Ada_Lovelace_4711"
    assert "/" not in stems["4712"]
    assert not stems["4712"].startswith(".")


def test_an_ordinary_name_is_kept_beside_one_that_had_to_be_changed() -> None:
    """The changed one has a hash, so that neither depends on the other."""
    stems = file_names.stems(entries("a_b", "a/b"))
    assert stems["a_b"] == "a_b"
    assert stems["a/b"] == file_names.stems(entries("a/b"))["a/b"] != "a_b"


def test_two_that_differ_by_case_alone_are_both_hashed() -> None:
    """Neither is the other's on a disk that ignores case, and neither depends on who came first."""
    stems = file_names.stems(entries("Anna", "anna", "Bob"))
    assert stems["Bob"] == "Bob"
    assert stems["Anna"].startswith("Anna~")
    assert stems["anna"].startswith("anna~")
