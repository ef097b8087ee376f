"""Hand-ins are collected from folders, patterns, files and exports, each named by its platform's rule."""

from __future__ import annotations

import io
import os
import shutil
import stat
import zipfile
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock

import pytest

from grader import intake
from grader.batch.collect import doubt as doubt_
from grader.batch.collect import inputs, versions
from grader.batch.collect.inputs import Gathered
from grader.batch.collect.platforms import yaml_reader
from grader.batch.entry import Entry
from grader.batch.journal.journal import Journal
from grader.errors import UsageError
from grader.intake.bounds import ARCHIVE_BYTES

SOURCE = "class GRU_Cell:\n    pass\n"

METADATA = """\
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0071'
    :email: ada@x.edu
  :created_at: 2026-03-01 10:00:00.000000000 Z
  :score: 12.0
submission_102:
  :submitters:
  - :name: Bob B
    :sid: '0072'
    :email: bob@x.edu
  - :name: Cy C
    :sid: '0073'
    :email:
submission_103:
  :submitters: []
submission_104:
  :submitters:
  - :name: Gone
    :email: gone@x.edu
"""

AUTOLAB = [
    "ada@x.edu_1_handin.tar",
    "ada@x.edu_12_handin.tar",
    "ada@x.edu_2_handin.tar",
    "b_o_b@cs.x.edu_3_handin.tar",
]
CANVAS = [
    "lovelaceada_4711_90001_handin.tar",
    "o_neill2bob_LATE_4712_90002_handin.tar",
    "muellerzoë_4713_90003_gru-2.py",
    "muellerzoë_4713_90004_activation-1.py",
    "grayida_4714_90005_lab-3.zip",
]
MOODLE = ["Ada Lovelace_101_assignsubmission_file", "Bob B_102_assignsubmission_file_"]


def make(folder: Path, *names: str, content: str = SOURCE) -> Path:
    """Files of these names; one that ends in a slash is a folder."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text(content)
    return folder


def collect(tmp_path: Path, *texts: str | Path, **options: object) -> Gathered:
    scratch = tmp_path / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    return inputs.collect([str(text) for text in texts], scratch=scratch, **options)  # type: ignore[arg-type]


def who(collected: Gathered) -> list[tuple[str, int]]:
    return [(entry.student, entry.version) for entry in collected.entries]


def reasons(collected: Gathered) -> dict[str, str]:
    return {os.path.basename(one.path): one.reason for one in collected.ignored}


def zipped(path: Path, folder: Path, *, wrapper: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{wrapper}{file.relative_to(folder)}")
    return path


def test_a_folder_is_a_class(tmp_path: Path) -> None:
    """Archives, sources and folders are named by their student; litter is passed over, the rest is listed."""
    folder = make(
        tmp_path / "class",
        *(
            "ada.tar",
            "bob.tar.gz",
            "cy.TGZ",
            "dan.zip",
            "eve.py",
            "fay.ipynb",
            "gil/hw3/gru.py",
            "hal/handin.tar",
        ),
        *(".DS_Store", "__MACOSX/x.tar", "._ada.tar", "notes.docx", "empty/"),
    )
    found = collect(tmp_path, folder)
    assert [student for student, _ in who(found)] == ["ada", "bob", "cy", "dan", "eve", "fay", "gil", "hal"]
    assert found.entries[-1].path == folder / "hal" / "handin.tar"
    assert found.entries[-2].path == folder / "gil"
    assert set(reasons(found)) == {"notes.docx", "empty", ".DS_Store", "__MACOSX", "._ada.tar"}
    assert found.platforms == ("plain",)


@pytest.mark.parametrize(
    "name",
    ["venv/gru.py", "ada.py~", "__pycache__/gru.py", ".hidden/gru.py", ".ada.tar", "._bob.tar", "x.pyc"],
)
@pytest.mark.parametrize("names", [["ada.tar"], AUTOLAB, CANVAS, [f"{MOODLE[0]}/handin.tar"]])
def test_every_name_that_is_passed_over_is_listed(tmp_path: Path, names: list[str], name: str) -> None:
    """A student called `venv`, or whose file an editor has renamed, is missed by a person, not by nobody."""
    folder = make(tmp_path / "c", *names, name)
    assert name.split("/")[0] in reasons(collect(tmp_path, folder))


def test_litter_in_an_export_is_listed(tmp_path: Path) -> None:
    """At its top and beside the folder around it; what a hand-in itself holds is its own report's affair."""
    folder = make(tmp_path / "c", "e/submission_101/gru.py", "e/submission_101/.DS_Store", "e/venv/gru.py")
    make(folder, "__MACOSX/e/._x", "e/.y")
    (folder / "e" / "submission_metadata.yml").write_text(METADATA)
    found = collect(tmp_path, zipped(tmp_path / "x.zip", folder), platform="gradescope")
    listed = {one.path.partition(": ")[2] for one in found.ignored if "leave behind" in one.reason}
    assert listed == {"__MACOSX", "e/venv", "e/.y"}


def test_our_own_results_are_no_hand_in(tmp_path: Path) -> None:
    """Neither this run's folder nor an earlier one's."""
    folder = make(tmp_path / "class", "ada.tar", "out/journal.db", "old/reports/ada.json")
    Journal(folder / "old").__exit__()
    found = collect(tmp_path, folder, results=folder / "out")
    assert who(found) == [("ada", 0)]
    assert reasons(found) == {
        "out": "is where this batch writes its results",
        "old": "holds the results of a batch, and nothing else",
    }


@pytest.mark.parametrize(
    "names",
    [
        ["reports/ada.json", "gradebook.csv", "hw3/gru.py"],
        ["reports/ada.json", "gradebook.csv"],
        ["reports/ada.json", "gradebook.csv", "reports/gru.py", "journal.sqlite"],
    ],
)
def test_a_hand_in_that_looks_like_results_is_graded(tmp_path: Path, names: list[str]) -> None:
    """A student's folder with a gradebook is a student's folder, a journal of ours in it or not."""
    folder = make(tmp_path / "class", "ada.tar", *(f"eve/{name}" for name in names if "journal" not in name))
    if "journal.sqlite" in names:
        Journal(folder / "eve").__exit__()
    assert who(collect(tmp_path, folder)) == [("ada", 0), ("eve", 0)]


def test_links_inside_are_not_followed(tmp_path: Path) -> None:
    """A student may have put one into a repository; the INPUT itself may be one, since the TA means it."""
    secret = make(tmp_path / "secret", "key.py")
    folder = make(tmp_path / "class", "ada.tar", "bob/gru.py")
    (folder / "eve").symlink_to(secret)
    (folder / "mal.tar").symlink_to(secret / "key.py")
    (folder / "bob" / "handin.tar").symlink_to(secret / "key.py")
    (tmp_path / "link").symlink_to(folder)
    found = collect(tmp_path, tmp_path / "link")
    assert [entry.student for entry in found.entries] == ["ada", "bob"]
    assert found.entries[1].path.name == "bob"
    assert "is a link" in reasons(found)["eve"]
    assert "is a link" in reasons(found)["mal.tar"]
    assert who(collect(tmp_path, f"{folder}/**/*.tar")) == [("ada", 0)]
    assert who(collect(tmp_path, f"{folder}/**/*.py")) == [("gru", 0)]
    (folder / "bob" / "gru.py").unlink()
    assert reasons(collect(tmp_path, folder))["bob"] == "holds no files"


@pytest.mark.parametrize(
    ("pattern", "students"),
    [
        ("*.tar", ["cy"]),
        ("*/handin.tar", ["ada", "bob"]),
        ("[ab]*/hand?n.tar", ["ada", "bob"]),
        ("**/hw3", ["hw3"]),
        ("**/gru.py", ["gru"]),
    ],
)
def test_a_pattern_is_expanded(tmp_path: Path, pattern: str, students: list[str]) -> None:
    """Its matches are hand-ins, called by their own names, or by the folders in which they differ."""
    folder = make(
        tmp_path / "c", "ada/handin.tar", "bob/handin.tar", "ada/deep/hw3/gru.py", "cy.tar", ".x/handin.tar"
    )
    found = collect(tmp_path, f"{folder}/{pattern}")
    assert [entry.student for entry in found.entries] == students


def test_a_name_with_brackets_is_no_pattern_where_it_is_there(tmp_path: Path) -> None:
    """What exists is meant."""
    folder = make(tmp_path / "hw [3]", "ada.tar")
    assert who(collect(tmp_path, folder)) == [("ada", 0)]


@pytest.mark.parametrize(("text", "says"), [("nowhere", "there is no"), ("no*where", "nothing matches")])
def test_what_is_not_there_is_said(tmp_path: Path, text: str, says: str) -> None:
    """A typing error is a sentence."""
    with pytest.raises(UsageError, match=says):
        collect(tmp_path, tmp_path / text)


def test_a_class_without_hand_ins_is_said_with_what_is_there(tmp_path: Path) -> None:
    """And what a hand-in is called."""
    with pytest.raises(UsageError, match=r"no hand-ins.*\.tar(.|\n)*notes\.docx"):
        collect(tmp_path, make(tmp_path / "class", "notes.docx"))


def test_folders_that_a_shell_has_listed_are_not_taken_for_one_student(tmp_path: Path) -> None:
    """Two folders with a handin.tar each: nothing is overwritten, and the TA is told what to type."""
    folder = make(tmp_path / "c", "ada/handin.tar", "bob/handin.tar")
    with pytest.raises(
        UsageError, match=r"both be the hand-in of 'handin'(.|\n)*give the folder around them"
    ):
        collect(tmp_path, folder / "ada", folder / "bob")


def test_the_latest_version_counts(tmp_path: Path) -> None:
    """Version 12 is later than 2, and whatever does not count is listed."""
    found = collect(tmp_path, make(tmp_path / "class", *AUTOLAB))
    kept, passed_over = versions.latest(found.entries)
    assert [(entry.student, entry.version) for entry in kept] == [("ada@x.edu", 12), ("b_o_b@cs.x.edu", 3)]
    assert [os.path.basename(one.path) for one in passed_over] == [AUTOLAB[0], AUTOLAB[2]]


def test_hand_ins_that_nothing_tells_apart_are_listed(tmp_path: Path) -> None:
    """One counts, always the same, and the other's reason asks to check it."""
    found = collect(tmp_path, make(tmp_path / "class", "ada.tar", "ada.zip", "bob.tar"))
    kept, passed_over = versions.latest(reversed(found.entries))
    assert [entry.path.name for entry in kept] == ["ada.zip", "bob.tar"]
    assert "check which one counts" in passed_over[0].reason


def test_autolabs_download(tmp_path: Path) -> None:
    """The email may hold underscores, the number is the version; copies and odd files are listed."""
    folder = make(tmp_path / "c", *AUTOLAB, "annotated_ada@x.edu_1_handin.tar", "roster.csv", ".x")
    found = collect(tmp_path, folder)
    assert who(found) == [("ada@x.edu", 1), ("ada@x.edu", 2), ("ada@x.edu", 12), ("b_o_b@cs.x.edu", 3)]
    assert found.platforms == ("autolab",)
    assert set(reasons(found)) == {"annotated_ada@x.edu_1_handin.tar", "roster.csv", ".x"}


@pytest.mark.parametrize("handin", ["handin.tar", "my_handin.tar"])
def test_autolab_puts_the_email_before_the_last_two_pieces(tmp_path: Path, handin: str) -> None:
    """So its own function, written again here, names a homework with an underscore in another order."""

    def download_filename(stored: str, email: str) -> str:
        pieces = stored.split("_")
        pieces.insert(len(pieces) - 2, email)
        return "_".join(pieces)

    emails = ["ada@x.edu", "b_o_b@x.edu", "7@x.edu"]
    names = [download_filename(f"{version}_{handin}", email) for email in emails for version in (4, 11)]
    found = collect(tmp_path, make(tmp_path / "c", *names))
    assert who(found) == sorted((email, version) for email in emails for version in (4, 11))


def test_autolabs_folder_on_the_server(tmp_path: Path) -> None:
    """A folder for each email; feedback is no hand-in."""
    folder = make(tmp_path / "c", "a@x.edu/1_handin.tar", "a@x.edu/10_handin.tar", "a@x.edu/1_autograde.txt")
    make(folder, "b@x.edu/2_handin.tar", "b@x.edu/annotated_2_handin.tar", "archive/a@x.edu/3_handin.tar")
    found = collect(tmp_path, folder)
    assert who(found) == [("a@x.edu", 1), ("a@x.edu", 10), ("b@x.edu", 2)]
    assert set(reasons(found)) == {"1_autograde.txt", "annotated_2_handin.tar", "archive"}


def test_canvass_download(tmp_path: Path) -> None:
    """Students are their ids; loose files of one are one hand-in, under the names that they had."""
    folder = make(
        tmp_path / "c", *CANVAS, "typedtess_4715_text.html", "linkliz_LATE_4716_link.html", "grades.csv"
    )
    found = collect(tmp_path, folder)
    assert found.platforms == ("canvas",)
    assert [(one.student, one.name) for one in found.entries] == [
        ("4711", "lovelaceada"),
        ("4712", "o_neill2bob"),
        ("4713", "muellerzoë"),
        ("4714", "grayida"),
    ]
    loose = found.entries[2]
    assert set(intake.unpack(loose.path).files) == {"gru.py", "activation.py"}
    assert found.entries[3].path.name == CANVAS[4]
    assert set(reasons(found)) == {"typedtess_4715_text.html", "linkliz_LATE_4716_link.html", "grades.csv"}


def test_a_name_chosen_to_look_like_anothers_id_adds_nothing_to_the_others_hand_in(tmp_path: Path) -> None:
    """Canvas lets students edit their names, and would itself read this one as user 4712."""
    folder = make(tmp_path / "c", "bob_4712_90001_gru.py", "bob_4712_90002_activation.py")
    make(folder, "aeve_4712_4799_90003_gru.py", content="stolen = 1\n")
    found = collect(tmp_path, folder)
    (kept,), passed_over = versions.latest(found.entries)
    assert intake.unpack(kept.path).files["gru.py"] == SOURCE.encode()
    assert [os.path.basename(one.path) for one in passed_over] == ["aeve_4712_4799_90003_gru.py"]


def test_an_anonymous_download_of_canvas(tmp_path: Path) -> None:
    """A code is all that there is of a student."""
    found = collect(
        tmp_path, make(tmp_path / "c", "anon_x7Zq1_900_handin.tar", "LATE_anon_9Kd3f_901_handin.tar")
    )
    assert [entry.student for entry in found.entries] == ["9Kd3f", "x7Zq1"]


def test_a_lone_source_of_canvas_keeps_its_module_name(tmp_path: Path) -> None:
    """Two students who hand in the same gru.py hand in the same files."""
    folder = make(tmp_path / "c", "a_1_2_gru.py", "b_3_4_gru-1.py")
    digests = {intake.unpack(entry.path).sha256 for entry in collect(tmp_path, folder).entries}
    assert len(digests) == 1


@pytest.mark.parametrize("flat", [False, True])
def test_moodles_download(tmp_path: Path, flat: bool) -> None:
    """Folders with the student's own inside, or all files in one; typed texts are listed."""
    folder = tmp_path / "c"
    if flat:
        make(folder, *(f"{name.rstrip('_')}_handin.tar" for name in MOODLE))
        make(
            folder,
            "Cy_de C_103_assignsubmission_file_gru.py",
            "Cy_de C_103_assignsubmission_file_activation.py",
        )
        make(folder, "Ada Lovelace_101_assignsubmission_onlinetext_onlinetext.html")
    else:
        make(
            folder,
            f"{MOODLE[0]}/handin.tar",
            f"{MOODLE[1]}/hw3/gru.py",
            "Cy_de C_103_assignsubmission_file/gru.py",
        )
        make(folder, "Ada Lovelace_101_assignsubmission_onlinetext/onlinetext.html")
    found = collect(tmp_path, folder)
    assert [(one.student, one.name) for one in found.entries] == [
        ("101", "Ada Lovelace"),
        ("102", "Bob B"),
        ("103", "Cy_de C"),
    ]
    assert found.entries[0].path.is_file()
    assert found.entries[2].path.is_dir()
    assert [one.reason for one in found.ignored] == ["is a text that was typed into Moodle"]


def test_gradescopes_export(tmp_path: Path) -> None:
    """The list of the submissions says whose each folder is; a group's is each one's; the rest is listed."""
    folder = make(
        tmp_path / "c" / "assignment_9_export", "submission_101/gru.py", "submission_102/hw3/gru.py"
    )
    make(folder, "submission_103/gru.py", "submission_105/gru.py")
    (folder / "submission_metadata.yml").write_text(METADATA)
    with pytest.raises(UsageError, match=r"assignment_9_export holds names .*Gradescope.*--platform plain"):
        collect(tmp_path, folder.parent)  # of one student's, it could say whatever that student likes
    assert who(collect(tmp_path, folder.parent, platform="plain")) == [("assignment_9_export", 0)]
    assert who(collect(tmp_path, folder)) == who(collect(tmp_path, folder.parent, is_class=doubt_.agree))
    found = collect(tmp_path, folder.parent, platform="gradescope")
    assert [(one.student, one.name) for one in found.entries] == [
        ("0073", "Cy C"),
        ("ada@x.edu", "Ada Lovelace"),
        ("bob@x.edu", "Bob B"),
    ]
    assert [one.handed_in for one in found.entries] == [None, "2026-03-01T10:00:00+00:00", None]
    assert found.platforms == ("gradescope",)
    told = reasons(found)
    assert "no submitter" in told["submission_103"]
    assert "not there" in told["submission_104"]
    assert "name as Gradescope" in told["submission_105"]


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "\x00", ""])
def test_a_broken_list_of_gradescopes_is_a_sentence(tmp_path: Path, text: str) -> None:
    """No traceback of the YAML reader."""
    folder = make(tmp_path / "c", "submission_101/gru.py")
    (folder / "submission_metadata.yml").write_text(text)
    with pytest.raises(UsageError, match=r"submission_metadata\.yml"):
        collect(tmp_path, folder)


def test_gradescopes_list_makes_no_objects(tmp_path: Path) -> None:
    """A tag in it is read as text: nothing is built, nothing runs."""
    folder = make(tmp_path / "c", "submission_101/gru.py")
    (folder / "submission_metadata.yml").write_text(
        "submission_101:\n  :submitters:\n"
        f"  - :email: !!python/object/apply:os.mkdir ['{tmp_path / 'made'}']\n"
    )
    collect(tmp_path, folder)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("around", ["gru-submissions", "clones"])
def test_clones_of_github_classroom(tmp_path: Path, around: str) -> None:
    """The assignment's slug comes off, and the login, which may hold dashes, is left."""
    folder = tmp_path / around
    for login in ("ada-l", "bob", "cy-2"):
        make(folder, f"gru-{login}/.git/HEAD", f"gru-{login}/hw3/gru.py")
    found = collect(tmp_path, folder)
    assert [entry.student for entry in found.entries] == ["ada-l", "bob", "cy-2"]
    assert found.platforms == ("github",)


def test_one_odd_file_breaks_nothing(tmp_path: Path) -> None:
    """Most names decide; what does not fit is listed."""
    found = collect(tmp_path, make(tmp_path / "c", *CANVAS, "ada@x.edu_1_handin.tar"))
    assert found.platforms == ("canvas",)
    assert reasons(found) == {"ada@x.edu_1_handin.tar": "does not have a name as Canvas writes it"}


def test_a_few_names_like_a_platforms_make_no_export(tmp_path: Path) -> None:
    """Most names decide the other way too: nobody is taken for a number, nothing is left out."""
    found = collect(tmp_path, make(tmp_path / "c", "ada.tar", "bob.tar", "team_12_34_gru.py"))
    assert [entry.student for entry in found.entries] == ["ada", "bob", "team_12_34_gru"]


def test_a_platform_can_be_said(tmp_path: Path) -> None:
    """Then its rule is taken, though most names are another's; plain takes names as they are."""
    folder = make(tmp_path / "c", *CANVAS[:2], *AUTOLAB)
    assert {one.student for one in collect(tmp_path, folder, platform="canvas").entries} == {"4711", "4712"}
    assert "lovelaceada_4711_90001_handin" in {
        one.student for one in collect(tmp_path, folder, platform="plain").entries
    }
    with pytest.raises(UsageError, match="there are: gradescope"):
        collect(tmp_path, folder, platform="blackboard")
    with pytest.raises(UsageError, match=r"no hand-ins(.|\n)*does not have a name as Moodle"):
        collect(tmp_path, folder, platform="moodle")


def test_files_that_a_shell_has_listed_are_read_by_the_same_rules(tmp_path: Path) -> None:
    """`batch export/*` is what many type."""
    folder = make(tmp_path / "c", *AUTOLAB)
    assert who(collect(tmp_path, *sorted(folder.iterdir()))) == who(collect(tmp_path, folder))
    moodle = make(tmp_path / "m", *(f"{name}/handin.tar" for name in MOODLE))
    assert who(collect(tmp_path, *sorted(moodle.iterdir()))) == [("101", 0), ("102", 0)]


def test_a_file_that_is_named_twice_is_one_hand_in(tmp_path: Path) -> None:
    """By its name and by a pattern."""
    folder = make(tmp_path / "c", "ada.tar", "bob.tar")
    assert who(collect(tmp_path, folder, folder / "ada.tar", f"{folder}/*.tar")) == [("ada", 0), ("bob", 0)]


@pytest.mark.parametrize("names", [AUTOLAB, CANVAS, [f"{MOODLE[0]}/handin.tar", f"{MOODLE[1]}/hw3/gru.py"]])
def test_an_export_may_come_as_the_zip_that_it_was_downloaded_as(tmp_path: Path, names: list[str]) -> None:
    """What is in it is found as in the folder, and called by the zip and the name in it."""
    folder = make(tmp_path / "c", *names)
    (tmp_path / "scratch").mkdir()
    (tmp_path / "other").mkdir()
    unpacked = inputs.collect([str(folder)], scratch=tmp_path / "other")
    found = collect(tmp_path, zipped(tmp_path / "submissions.zip", folder), platform=unpacked.platforms[0])
    assert who(found) == who(unpacked)
    assert who(collect(tmp_path / "2", tmp_path / "submissions.zip", is_class=doubt_.agree)) == who(unpacked)
    assert all(entry.shown.startswith(f"{tmp_path}/submissions.zip: ") for entry in found.entries)
    assert [intake.unpack(one.path).sha256 for one in found.entries if one.path.is_dir()] == [
        intake.unpack(one.path).sha256 for one in unpacked.entries if one.path.is_dir()
    ]


EXPORTS = {
    "canvas": CANVAS,
    "autolab": AUTOLAB,
    "moodle": [f"{MOODLE[0]}/handin.tar", f"{MOODLE[1]}/hw3/gru.py"],
    "gradescope": ["submission_101/gru.py", "submission_102/gru.py", "submission_metadata.yml"],
    "plain": ["ada.tar", "bob.tar"],
}


@pytest.mark.parametrize("platform", EXPORTS)
def test_a_zip_is_a_class_only_by_word(tmp_path: Path, platform: str) -> None:
    """A student may have put the names of others into it: without a word, nothing of it is read."""
    folder = make(tmp_path / "c", *EXPORTS[platform])
    if platform == "gradescope":
        (folder / "submission_metadata.yml").write_text(METADATA)
    path = zipped(tmp_path / "eve.zip", folder)
    named = "--yes" if platform == "plain" else f"--platform {platform}"
    for text in (path, f"{tmp_path}/*.zip"):
        with pytest.raises(UsageError, match=rf"eve\.zip holds .*say {named};.*--platform plain"):
            collect(tmp_path, text)
        no = Mock(return_value=False)
        assert who(collect(tmp_path, text, is_class=no)) == [("eve", 0)]
        no.assert_called_once_with(doubt_.Doubt(path, platform))
        assert who(collect(tmp_path, text, platform="plain")) == [("eve", 0)]
        assert len(who(collect(tmp_path, text, is_class=doubt_.agree))) >= 2


@pytest.mark.parametrize("platform", ["canvas", "autolab", "moodle"])
def test_a_zip_in_a_listed_export_is_a_hand_in(tmp_path: Path, platform: str) -> None:
    """The platform is named, and a shell lists its files: a student's zip among them is no export itself."""
    theirs = {"canvas": "evegrey_4799_9_x.zip", "autolab": "eve@x.edu_1_x.zip"}
    name = theirs.get(platform, "Eve_199_assignsubmission_file_x.zip")
    folder = tmp_path / "c"
    folder.mkdir()
    zipped(folder / name, make(tmp_path / "x", *EXPORTS[platform]))
    for text in (folder / name, f"{folder}/*", folder):
        (entry,) = collect(tmp_path, text, platform=platform).entries
        assert entry.student in ("4799", "eve@x.edu", "199")


def test_the_only_folder_of_a_class_is_a_students(tmp_path: Path) -> None:
    """Late hand-ins may be one: a list of Gradescope's in it speaks for nobody else."""
    folder = make(tmp_path / "late", "eve/gru.py", "eve/submission_101/gru.py")
    (folder / "eve" / "submission_metadata.yml").write_text(METADATA)
    with pytest.raises(UsageError, match=r"eve holds names .*--platform gradescope"):
        collect(tmp_path, folder)
    assert who(collect(tmp_path, folder, is_class=lambda _: False)) == [("eve", 0)]


def test_a_terminal_is_asked() -> None:
    """Yes is a class, everything else a hand-in, silence neither; no terminal, no question."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    doubt = doubt_.Doubt(Path("a\nb.zip"), "canvas")
    for said, answer in (("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False)):
        shown = Terminal()
        ask = doubt_.at_terminal(Terminal(said), shown)
        assert ask is not None
        assert ask(doubt) is answer
        assert shown.getvalue().startswith("a\\nb.zip holds names as Canvas writes them.")
    ask = doubt_.at_terminal(Terminal(), Terminal())
    assert ask is not None
    with pytest.raises(UsageError, match="--platform"):
        ask(doubt)
    for answers, questions in ((io.StringIO(), Terminal()), (Terminal(), io.StringIO()), (None, Terminal())):
        assert doubt_.at_terminal(answers, questions) is None


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB + "submission_101: {:submitters: [{:name: *i}]}\n", "aliases"),
        ("submission_101: &x {:submitters: []}\n", "aliases"),
        ("submission_101: " + "[" * 100_000, "nested"),
        ("submission_101: [" + "{}," * 60_000 + "]", "larger"),
        ("? [a]\n: b\n", "as a key"),
        ("a: 1\n---\nb: 2\n", "one document"),
    ],
)
def test_a_list_that_unfolds_is_refused(
    tmp_path: Path, text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some hundred bytes of YAML can stand for gigabytes: it is refused before anything is built."""
    folder = make(tmp_path / "c", "submission_101/gru.py")
    (folder / "submission_metadata.yml").write_text(text)
    monkeypatch.setattr(yaml_reader, "MOST_NODES", 50_000)
    with pytest.raises(UsageError, match=says):
        collect(tmp_path, folder)


def test_a_gradescope_zip_with_its_folder_around(tmp_path: Path) -> None:
    """The folder around everything is looked through."""
    folder = make(tmp_path / "c", "submission_101/gru.py", "submission_102/gru.py")
    (folder / "submission_metadata.yml").write_text(METADATA)
    found = collect(
        tmp_path, zipped(tmp_path / "x.zip", folder, wrapper="assignment_9_export/"), is_class=doubt_.agree
    )
    assert [entry.student for entry in found.entries] == ["0073", "ada@x.edu", "bob@x.edu"]


def test_a_zip_of_a_students_own_is_a_hand_in(tmp_path: Path) -> None:
    """Its names are nobody's but the student's: it is not unpacked."""
    folder = make(tmp_path / "c", "hw3/gru.py", "hw3/activation.py", "README.md")
    found = collect(tmp_path, zipped(tmp_path / "ada.zip", folder))
    assert [entry.path for entry in found.entries] == [tmp_path / "ada.zip"]


def test_a_zip_in_a_class_is_a_hand_in_whatever_is_in_it(tmp_path: Path) -> None:
    """A student who hands in a zip with a platform's names gets no class of one's own."""
    make(tmp_path / "x", *CANVAS)
    folder = make(tmp_path / "c", "ada.tar")
    zipped(folder / "bob.zip", tmp_path / "x")
    assert who(collect(tmp_path, folder)) == [("ada", 0), ("bob", 0)]


@pytest.mark.parametrize("beside", ["ada.tar", "ada.zip"])
def test_a_hand_in_cannot_pass_itself_off_as_a_class(tmp_path: Path, beside: str) -> None:
    """A shell lists a class; one of the hand-ins holds names of others, as Canvas writes them."""
    folder = make(tmp_path / "c", "bob.tar" if beside == "ada.tar" else "bob/")
    make(tmp_path / "honest", "gru.py")
    make(tmp_path / "hostile", *CANVAS)
    zipped(folder / beside, tmp_path / "honest")
    zipped(folder / "eve.zip", tmp_path / "hostile")
    for texts in (sorted(folder.iterdir()), [f"{folder}/*"]):
        assert (
            {"ada", "eve"}
            <= {one.student for one in collect(tmp_path, *texts).entries}
            <= {"ada", "bob", "eve"}
        )


def test_two_exports_are_two(tmp_path: Path) -> None:
    """Of two sections, named together."""
    one, two = make(tmp_path / "1", *CANVAS), make(tmp_path / "2", "newnell_5000_7_handin.tar")
    found = collect(
        tmp_path, zipped(tmp_path / "1.zip", one), zipped(tmp_path / "2.zip", two), platform="canvas"
    )
    assert [entry.student for entry in found.entries] == ["4711", "4712", "4713", "4714", "5000"]


def test_an_empty_input_is_not_the_current_folder(tmp_path: Path) -> None:
    """As when a variable of the shell is not set."""
    with pytest.raises(UsageError, match="is empty"):
        collect(tmp_path, "")


def test_a_hostile_zip_writes_nothing_outside(tmp_path: Path) -> None:
    """Paths that lead out, links and what is there twice are listed, and nothing of them is written."""
    path = tmp_path / "submissions.zip"
    link = zipfile.ZipInfo("linklou_1_2_handin.tar")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        for name in CANVAS:
            archive.writestr(name, SOURCE)
        archive.writestr("../../../evil_1_2_handin.tar", "x")
        archive.writestr("/abs_1_2_handin.tar", "x")
        archive.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(CANVAS[0], "x")
    before = {file for file in tmp_path.rglob("*") if "scratch" not in file.parts}
    found = collect(tmp_path, path, platform="canvas")
    assert len(found.entries) == 4
    assert sum(one.reason == "leads out of the zip" for one in found.ignored) == 2
    assert {one.reason for one in found.ignored} == {
        "leads out of the zip",
        "is a link or a device",
        "is there a second time",
    }
    assert {file for file in tmp_path.rglob("*") if "scratch" not in file.parts} == before
    assert not any(file.is_symlink() for file in tmp_path.rglob("*"))


def test_a_file_too_large_to_be_graded_is_not_unpacked_to_the_end(tmp_path: Path) -> None:
    """A few kilobytes of zip must not fill the disk; the student still gets the right sentence."""
    path = tmp_path / "submissions.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("bigben_1_2_handin.tar", "w", force_zip64=True) as member:
            for _ in range(3):
                member.write(bytes(ARCHIVE_BYTES))
        archive.writestr(CANVAS[0], SOURCE)
    found = collect(tmp_path, path, platform="canvas")
    assert found.entries[0].path.stat().st_size == ARCHIVE_BYTES + 1


def test_a_damaged_export_is_a_sentence(tmp_path: Path) -> None:
    """A download that broke off, or has a wrong checksum, is no class of damaged hand-ins."""
    path = zipped(tmp_path / "s.zip", make(tmp_path / "c", *CANVAS))
    data = bytearray(path.read_bytes())
    data[data.index(b"class GRU")] ^= 1
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"s\.zip cannot be unpacked"):
        collect(tmp_path, path, platform="canvas")


def test_order_does_not_depend_on_the_order_of_the_inputs(tmp_path: Path) -> None:
    """The same hand-ins come in the same order."""
    one, two = make(tmp_path / "a", "bob.tar", "cy.tar"), make(tmp_path / "b", "ada.tar", "dan.tar")
    forwards, backwards = collect(tmp_path, one, two), collect(tmp_path, two, one)
    assert forwards == backwards
    assert [entry.student for entry in forwards.entries] == ["ada", "bob", "cy", "dan"]


def test_an_entry_knows_where_a_person_finds_it() -> None:
    """At its path, unless it came from elsewhere."""
    assert Entry("ada", 0, Path("c/ada.tar")).shown == "c/ada.tar"
    assert Entry("ada", 0, Path("tmp/x"), source="c.zip: ada.tar").shown == "c.zip: ada.tar"
