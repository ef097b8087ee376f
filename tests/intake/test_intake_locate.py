"""Finding the wanted files: at their own places, at the usual wrong ones, or nowhere."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.declaration import Assignment, Check, Output, Problem, Wanted
from grader.errors import Rejection, UsageError
from grader.intake import locate, recognise, unpack
from grader.intake.candidates import defines_all
from grader.intake.recognising import may_be
from grader.records import Blame, Finding, HandIn, Suite, notice

GRU = b"import numpy as np\n\n\nclass GRU_Cell:\n    pass\n"
OTHER = GRU + b"# another one\n"
NOTHING = b"# to do\n"


def no_suite(seed: int) -> Suite:
    raise AssertionError("intake draws no cases")


def homework(name: str, *wanted: Wanted, archive: str | None = "tar.gz") -> Assignment:
    problem = Problem("Forward", 30, (Check("forward", "random", (Output("h"),)),))
    return Assignment(name, name.title(), wanted, (problem,), {"random": no_suite}, archive)


ONE = homework("gru_cell", Wanted("hw3/gru.py", also=("gru_cell.py", "gru_*.py"), defines=("GRU_Cell",)))
TWO = homework(
    "lstm",
    Wanted("hw4/lstm.py", defines=("lstm_forward", "lstm_backward")),
    Wanted("hw4/loss.py", defines=("Loss",)),
)


def hand_in(
    files: Mapping[str, bytes],
    form: str = "tar.gz",
    name: str = "handin.tar",
    findings: tuple[Finding, ...] = (),
) -> HandIn:
    return HandIn(name, form, files, "0" * 64, findings)


def test_its_own_place() -> None:
    """A file where the statement puts it is taken without a word, whatever else lies around."""
    everything = {"hw3/gru.py": NOTHING, "gru.py": GRU, "old/hw3/gru.py": GRU, "gru_cell.py": GRU}
    submission = locate(hand_in(everything), ONE)
    assert dict(submission.found) == {"hw3/gru.py": "hw3/gru.py"}
    assert submission.findings == ()


@pytest.mark.parametrize(
    "path",
    [
        "gru.py",
        "handin/hw3/gru.py",
        "handin/gru.py",
        "11-785/homework/hw3p1/src/gru.py",
        "hw3/gru_cell.py",
        "gru_cell.py",
        "mytorch/nn/gru_cell.py",
        "hw3/gru_final.py",
        "HW3/GRU.py",
        "hw3/hw3/gru.py",
        "hw3/my_solution.py",
    ],
)
def test_the_usual_wrong_places(path: str) -> None:
    """A file that lies or is called a little differently is found, and the notice says so."""
    files = {path: GRU, "README.md": b"", "hw3/activation.py": b"class Sigmoid: ...", "setup.py": NOTHING}
    submission = locate(hand_in(files), ONE)
    assert dict(submission.found) == {"hw3/gru.py": path}
    (finding,) = submission.findings
    assert (finding.blame, finding.file) == (Blame.NOBODY, path)
    assert finding.message == f"hw3/gru.py was expected; {path} was taken for it."
    assert finding.hint is not None
    assert "tar -czf handin.tar hw3" in finding.hint


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("wrapper/hw3/gru.py", "gru.py"),
        ("a/b/c/hw3/gru.py", "a/gru.py"),
        ("gru.py", "hw3/gru_cell.py"),
        ("gru.py", "Gru.py"),
        ("Gru.py", "gru_cell.py"),
        ("gru.py", "a/gru.py"),
        ("hw3/gru_cell.py", "gru_cell.py"),
        ("gru.py", "hw3/solution.py"),
    ],
)
def test_the_better_place_wins(better: str, worse: str) -> None:
    """Of two that both define the class: the name first, then the folder, then the depth."""
    submission = locate(hand_in({worse: OTHER, better: GRU}), ONE)
    assert submission.found["hw3/gru.py"] == better


@pytest.mark.parametrize(("definer", "empty"), [("b/gru.py", "a/gru.py"), ("gru_cell.py", "gru.py")])
def test_the_one_that_defines_the_class_wins(definer: str, empty: str) -> None:
    """Beside the place that the statement names, a file without the class can only be the wrong one."""
    submission = locate(hand_in({definer: GRU, empty: NOTHING}), ONE)
    assert submission.found["hw3/gru.py"] == definer
    assert (
        submission.findings[0].message
        == f"hw3/gru.py was expected; {definer} was taken for it, rather than {empty}."
    )


@given(seed=st.integers(0, 10_000))
def test_the_order_of_the_archive_does_not_matter(seed: int) -> None:
    """The same files in another order are found the same."""
    paths = ["x/gru.py", "y/z/gru.py", "hw3/gru_cell.py", "w/hw3/gru.py", "w/gru_1.py", "GRU.PY"]
    files = {path: GRU + path.encode() for path in paths}
    shuffled = random.Random(seed).sample(paths, len(paths))
    assert locate(hand_in({path: files[path] for path in shuffled}), ONE) == locate(hand_in(files), ONE)


def test_two_that_are_equally_good() -> None:
    """Two different files of equal rank are named, and neither is graded."""
    with pytest.raises(Rejection) as caught:
        locate(hand_in({"a/gru.py": GRU, "b/gru.py": OTHER}), ONE)
    assert caught.value.message == (
        "handin.tar holds 2 different files that could be hw3/gru.py: a/gru.py and b/gru.py."
    )
    assert caught.value.hint == "Hand in only the one that is to be graded, as hw3/gru.py."


def test_two_copies() -> None:
    """Two copies of one file are no riddle."""
    assert locate(hand_in({"b/gru.py": GRU, "a/gru.py": GRU}), ONE).found["hw3/gru.py"] == "a/gru.py"


def test_nothing_there() -> None:
    """The rejection says what is there, what was expected and how to build the archive."""
    names = ["notes.txt", "src/main.py", "a.md", "b.md", "c.md", "d.md", "e.md"]
    with pytest.raises(Rejection) as caught:
        locate(hand_in(dict.fromkeys(names, NOTHING)), ONE)
    assert caught.value.message == (
        "handin.tar has no file hw3/gru.py: it holds src/main.py, a.md, b.md, c.md, d.md and 2 more."
    )
    assert caught.value.hint == (
        "Put your work into hw3/gru.py and build the archive again: tar -czf handin.tar hw3"
    )


def test_a_link_instead(tmp_path: Path) -> None:
    """Who hands in a link hears of the link; so does who links the whole folder."""
    (tmp_path / "hw3").mkdir()
    (tmp_path / "README").write_bytes(b"")
    (tmp_path / "hw3" / "gru.py").symlink_to("../mine/gru.py")
    with pytest.raises(
        Rejection, match=r"has no file hw3/gru\.py: hw3/gru\.py is a link to \.\./mine/gru\.py; links are"
    ):
        locate(unpack(tmp_path), ONE)
    (tmp_path / "hw3" / "gru.py").unlink()
    (tmp_path / "hw3").rmdir()
    (tmp_path / "hw3").symlink_to("/home/me/hw3")
    with pytest.raises(Rejection, match="hw3 is a link to /home/me/hw3"):
        locate(unpack(tmp_path), ONE)


def test_an_archive_in_the_archive() -> None:
    """Who packs the old archive once more hears of it."""
    with pytest.raises(Rejection, match=r"it holds hw3/handin\.tar, an archive inside of the archive\."):
        locate(hand_in({"hw3/handin.tar": b"...", "README": b""}), ONE)


@pytest.mark.parametrize(
    ("form", "words"), [("tar", "a plain tar"), ("zip", "a zip"), ("tar.xz", "a tar compressed by xz")]
)
def test_another_form_than_the_statement_asks_for(form: str, words: str) -> None:
    """It is graded, with a notice of what to type next time."""
    (finding,) = locate(hand_in({"hw3/gru.py": GRU}, form), ONE).findings
    assert finding == notice(
        f"handin.tar is {words}; the statement asks for a tar compressed by gzip.",
        "Build it with: tar -czf handin.tar hw3",
    )


@pytest.mark.parametrize("form", ["tar.gz", "folder"])
def test_no_word_about_the_form(form: str) -> None:
    """The right form needs none, and a folder is a look before handing in."""
    assert locate(hand_in({"hw3/gru.py": GRU}, form), ONE).findings == ()


def test_a_statement_that_asks_for_no_form() -> None:
    """Where the statement leaves it open, every form is right."""
    open_homework = homework("gru_cell", *ONE.wanted, archive=None)
    assert locate(hand_in({"hw3/gru.py": GRU}, "zip"), open_homework).findings == ()


def test_a_folder_or_a_file_named_on_the_command_line() -> None:
    """`cellgrade grade hw3` and `cellgrade grade hw3/gru.py` hold the file at its root, where it is right."""
    for found in (hand_in({"gru.py": GRU}, "folder", "hw3"), hand_in({"gru.py": GRU}, "file", "gru.py")):
        submission = locate(found, ONE)
        assert dict(submission.found) == {"hw3/gru.py": "gru.py"}
        assert submission.findings == ()
    (finding,) = locate(hand_in({"gru.py": GRU}, "folder", "homework"), ONE).findings
    assert finding.message == "hw3/gru.py was expected; gru.py was taken for it."


@pytest.mark.parametrize("content", [GRU, NOTHING])
def test_a_single_file_of_any_name(content: bytes) -> None:
    """A lone .py is what is to be graded, whatever it is called, even if the class is not in it."""
    submission = locate(hand_in({"try 7.py": content}, "file", "try 7.py"), ONE)
    assert submission.found["hw3/gru.py"] == "try 7.py"
    assert submission.findings[0].message == "hw3/gru.py was expected; try 7.py was taken for it."


def test_several_files() -> None:
    """Each wanted file is found on its own; one file never stands for two."""
    lstm, loss = b"def lstm_forward(x): ...\ndef lstm_backward(d): ...\n", b"class Loss: ...\n"
    submission = locate(hand_in({"hw4/lstm.py": lstm, "loss.py": loss}), TWO)
    assert dict(submission.found) == {"hw4/lstm.py": "hw4/lstm.py", "hw4/loss.py": "loss.py"}
    with pytest.raises(Rejection, match=r"has no file hw4/loss\.py: it holds hw4/lstm\.py\."):
        locate(hand_in({"hw4/lstm.py": lstm + loss}), TWO)


@pytest.mark.parametrize(
    "source",
    [
        b"class GRU_Cell:",
        b"class GRU_Cell(object):\r\n\tpass",
        b"\xef\xbb\xbfclass GRU_Cell(object):",
        b"# caf\xe9\rclass GRU_Cell ( nn.Module ) :",
        b"import x\nclass \t GRU_Cell:",
        b"\ndef GRU_Cell(x):",
        b"async \t def  GRU_Cell(x):",
    ],
)
def test_a_definition(source: bytes) -> None:
    """A definition is seen behind every line end, mark and odd byte."""
    assert defines_all(source, ONE.wanted[0])


@pytest.mark.parametrize(
    "source",
    [
        b"class GRU_Cells:",
        b"class MyGRU_Cell:",
        b"    class GRU_Cell:",
        b"# class GRU_Cell:",
        b"GRU_Cell()",
        b"GRU_Cell == 1",
        b"GRU_Cell = imageio.imread('gru.png')",
        b"from gru import GRU_Cell",
        b"",
    ],
)
def test_no_definition(source: bytes) -> None:
    """A use, an import, a comment and another name are none."""
    assert not defines_all(source, ONE.wanted[0])


def test_recognised_by_definitions() -> None:
    """What a file defines tells the assignment, before its name does."""
    assert recognise(hand_in({"final.py": GRU, "notes.txt": b"def lstm_forward"}), [TWO, ONE]) is ONE
    assert recognise(hand_in({"gru.py": b"def lstm_forward(x): ...\n"}), [TWO, ONE]) is TWO
    same_name = homework("other_gru", Wanted("gru.py", defines=("GRUCell",)))
    assert recognise(hand_in({"gru.py": GRU}), [same_name, ONE]) is ONE
    assert recognise(hand_in({"gru.py": GRU.replace(b"GRU_Cell", b"GRUCell")}), [same_name, ONE]) is same_name


def test_recognised_by_any_of_its_functions() -> None:
    """One function of several is enough, in whatever file; what is merely assigned is none."""
    assert recognise(hand_in({"a.py": b"def lstm_backward(): ..."}), [TWO, ONE]) is TWO
    spread = {"a.py": b"def lstm_forward(): ...", "b.py": b"def lstm_backward(): ..."}
    assert recognise(hand_in(spread), [TWO, ONE]) is TWO
    with pytest.raises(UsageError):
        recognise(hand_in({"a.py": b"GRU_Cell = imageio.imread('gru.png')\n"}), [TWO, ONE])


def test_recognised_by_name() -> None:
    """Where nothing is defined, the name of a wanted file tells the assignment, wherever it lies."""
    assert recognise(hand_in({"x/gru.py": NOTHING}), [TWO, ONE]) is ONE
    assert recognise(hand_in({"x/loss.py": NOTHING}), [TWO, ONE]) is TWO


def test_of_several_that_are_defined_names_and_then_numbers_decide() -> None:
    """The one whose file name fits what it defines; else the one of which most is there."""
    both = GRU + b"def lstm_forward(): ...\ndef lstm_backward(): ...\n"
    assert recognise(hand_in({"gru.py": both}), [TWO, ONE]) is ONE
    assert recognise(hand_in({"hw4/lstm.py": both}), [TWO, ONE]) is TWO
    assert recognise(hand_in({"final.py": both}), [TWO, ONE]) is TWO
    with pytest.raises(UsageError, match=r"it could be any of gru_cell, lstm\)"):
        recognise(hand_in({"final.py": GRU + b"def lstm_forward(): ...\n"}), [TWO, ONE])


def test_a_hand_in_of_a_class_may_spell_it_otherwise() -> None:
    """In a class of one assignment a file name, or a name spelt otherwise, is enough."""
    assert may_be(hand_in({"x.py": b"class grucell:\n"}), ONE)
    assert may_be(hand_in({"hw3/gru.py": NOTHING}), ONE)
    assert not may_be(hand_in({"x.py": b"class GRU_Cells:\n", "lstm.py": NOTHING}), ONE)


@pytest.mark.parametrize(
    "unit", [b"class ", b"async ", b"async\t", b"def G_", b"class GRU_Cel\n", b"GRU_Cell ", b"\r", b"def "]
)
def test_recognising_takes_linear_time(unit: bytes) -> None:
    """Four times as many hostile bytes take about four times as long: far less than sixteen times."""

    def taken_s(count: int) -> float:
        times = []
        for _ in range(3):
            before = time.process_time()
            may_be(hand_in({"a.py": unit * count}), ONE)
            recognise_or_not(unit * count)
            times.append(time.process_time() - before)
        return min(times)

    def recognise_or_not(content: bytes) -> None:
        with pytest.raises(UsageError):
            recognise(hand_in({"a.py": content}), [TWO, ONE])

    assert taken_s(200_000) < 10 * taken_s(50_000) + 0.05


def test_not_recognised() -> None:
    """One sentence that lists the choices."""
    with pytest.raises(UsageError) as caught:
        recognise(hand_in({"a.py": NOTHING}), [TWO, ONE])
    assert str(caught.value) == (
        "Cannot tell which assignment handin.tar is for (it holds none of the files that they ask for): "
        "say it with --assignment NAME, one of gru_cell, lstm."
    )


def test_ambiguous() -> None:
    """Two that fit are both named."""
    third = homework("rnn", Wanted("rnn.py"))
    with pytest.raises(
        UsageError, match=r"it could be any of gru_cell, rnn\): .* one of gru_cell, lstm, rnn\."
    ):
        recognise(hand_in({"rnn.py": NOTHING, "gru.py": NOTHING}), [third, TWO, ONE])


@pytest.mark.parametrize("path", ["mytorch/cell.py", "cell.py", "hw3/cell.py"])
def test_other_places_may_be_as_right(path: str) -> None:
    """A file in one of the places that the assignment allows is taken without a word."""
    wanted = Wanted("hw3/cell.py", places=("mytorch", ""), defines=("Cell",))
    found = locate(hand_in({path: b"class Cell: pass\n"}), homework("cells", wanted))
    assert found.findings == ()


def test_its_own_name_goes_before_one_that_is_accepted_too() -> None:
    """Where sources tell nothing, the assignment that asks for this name is it."""
    first = homework("first", Wanted("a.py", also=("b.py",), defines=("A",)))
    second = homework("second", Wanted("b.py", also=("a.py",), defines=("B",)))
    assert recognise(hand_in({"b.py": b"x = 1\n"}), [first, second]).name == "second"


def test_a_class_that_is_spelt_otherwise_is_found_where_no_name_fits() -> None:
    """Only where nothing defines the name itself; the file that defines most goes first."""
    files = {"README.md": b"", "code/cells.py": b"class GRUCell:\n", "code/x.py": b"def helper(): ...\n"}
    assert dict(locate(hand_in(files), ONE).found) == {"hw3/gru.py": "code/cells.py"}
    files["code/y.py"] = GRU
    assert dict(locate(hand_in(files), ONE).found) == {"hw3/gru.py": "code/y.py"}
    some = {
        "a.py": b"def lstm_forward(): ...\n",
        "b.py": b"def lstm_forward(): ...\ndef lstm_backward(): ...\n",
    }
    some["loss.py"] = NOTHING
    assert locate(hand_in(some), TWO).found["hw4/lstm.py"] == "b.py"
