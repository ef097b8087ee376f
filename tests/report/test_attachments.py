"""Files that come out of a grading: named in the report, kept in a batch's journal, and written beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from graded_class import graded
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.entry import Graded
from grader.batch.gradebook.files import ForStudents, ResultsFiles
from grader.batch.journal import report_codec
from grader.batch.journal.journal import Journal, hand_in_row
from grader.batch.journal.tables import ResultRow
from grader.cli import writing
from grader.errors import UsageError
from grader.hints import for_staff
from grader.records import Attachment, Report
from grader.report import json_form, json_reading, json_report
from grader.report.forms import rendered

NOTEBOOK, PICTURE = Attachment("executed.ipynb", b"{}"), Attachment("picture-1.png", bytes(range(256)))


def with_files(of: Graded, *attached: Attachment) -> Graded:
    """Return a graded hand-in whose first criterion has these files."""
    row, *rest = of.report.problems
    first, *others = row.criteria
    row = replace(row, criteria=(replace(first, attached=attached), *others))
    return replace(of, report=replace(of.report, problems=(row, *rest)))


def report(*attached: Attachment) -> Report:
    return with_files(graded("ada"), *attached).report


def test_the_reports_name_them() -> None:
    """The JSON report says name, length and digest, and nothing of what is in them; the text the names."""
    said = json.loads(json_report.render(report(NOTEBOOK, PICTURE)))
    jsonschema.Draft202012Validator(json_form.schema()).validate(said)
    (named, picture) = said["problems"][0]["criteria"][0]["attached"]
    assert (named["name"], named["size_bytes"]) == ("executed.ipynb", 2)
    assert picture["sha256"] == PICTURE.sha256
    text = rendered("text", report(NOTEBOOK, PICTURE))
    assert "Beside this report: executed.ipynb (2 bytes), picture-1.png (256 bytes)." in text
    assert "attached" not in json_report.render(report())


def test_a_report_that_is_read_back_still_names_them() -> None:
    """What `present` reads has no content, and gives the same JSON again."""
    written = json_report.render(report(NOTEBOOK))
    again = json_reading.read(written)
    assert [(one.name, one.content, one.size_bytes) for one in again.attached] == [
        ("executed.ipynb", None, 2)
    ]
    assert json_report.render(again) == written


@given(st.text(max_size=12))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    """A name has no folder and an ending, on every system."""
    try:
        made = Attachment(name, b"")
    except ValueError:
        return
    assert Path(made.name).name == made.name
    assert not made.name.startswith(".")


def test_they_are_written_where_the_caller_says(tmp_path: Path) -> None:
    """`grade --files` makes the folder, and says so where it cannot."""
    folder = tmp_path / "new" / "files"
    writing.write_files(report(NOTEBOOK, PICTURE).attached, folder)
    assert folder.joinpath("picture-1.png").read_bytes() == PICTURE.content
    with pytest.raises(UsageError, match="files cannot be written into"):
        writing.write_files(report(NOTEBOOK).attached, folder / "executed.ipynb" / "below")


def test_a_batch_keeps_them_and_lays_them_beside_its_reports(tmp_path: Path) -> None:
    """They come from the journal; what a later grading does not make any more is moved away."""
    for attached in ((NOTEBOOK, PICTURE), (NOTEBOOK,), ()):
        one = with_files(graded("ada"), *attached)
        assert report_codec.report_of(report_codec.report_text(one.report)) == one.report
        key = str(len(attached))
        with Journal(tmp_path) as kept:
            kept.plan([one.entry], {"ada": "ada"})
            row = hand_in_row(one.entry, content="c", key=key, name="ada.tar", notices="[]")
            text = report_codec.report_text(for_staff(one.report))
            kept.keep(row, ResultRow(key, "{}", text, one.report.score, one.report.max_score))
            ResultsFiles(tmp_path, kept, ForStudents()).reports()
        folder = tmp_path / "reports" / "ada.files"
        there = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
        assert there == {file.name: file.content for file in attached}
    assert (tmp_path / "earlier" / "reports" / "ada.files" / "picture-1.png").is_file()
