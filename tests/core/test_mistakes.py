"""mistakes.toml: what comes of an entry, and which entries are refused, with what to do about them."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from shipped import NAMES, ROOT, answers, known, wrong

from grader import discovery, mistakes
from grader.declaration import Loaded
from grader.errors import DeclarationError
from grader.mistakes.substitution import substituted

REHEARSAL = ROOT / "tests" / "data" / "rehearsal"
ENTRY = """
[forward.no_tanh]
says = "The tanh is left out."
of = "model"
"""
TANH = "self.y = np.tanh(x @ self.W_x.T + h @ self.W_h.T + self.b)"
SPOIL = f"spoil = [['{TANH}', 'self.y = x']]"
RIGHT = f"""
[right.rows]
says = "The input comes first."
of = "model"
change = [['{TANH}', 'self.y = np.tanh(self.b + x @ self.W_x.T + h @ self.W_h.T)']]
"""


@pytest.fixture
def elman(tmp_path: Path) -> Loaded:
    """Return a course's assignment, with no mistakes yet."""
    shutil.copytree(REHEARSAL / "assignments" / "elman", tmp_path / "elman")
    (tmp_path / "elman" / "mistakes.toml").unlink()
    return discovery.by_name("elman", discovery.assignments(tmp_path))


def read(assignment: Loaded, text: str) -> mistakes.Answers:
    """Return what is read where this is the mistakes.toml."""
    (assignment.folder / "mistakes.toml").write_text(text)
    return mistakes.read(assignment, REHEARSAL / "model" / "elman")


def refusal(assignment: Loaded, text: str) -> str:
    """Why it is refused; the file is named."""
    with pytest.raises(DeclarationError) as error:
        read(assignment, text)
    assert str(assignment.folder) in str(error.value)
    return str(error.value)


# What an entry makes


TEXT = {
    "a.py": b"def f():\n    a = 1\n    b = 2\n\n    if a:\n        b = 3\n    return b\n",
    "b.bin": b"\xff\n",
}


@pytest.mark.parametrize(
    ("right", "wrong_", "made"),
    [
        ("a = 1", "a = 7", "def f():\n    a = 7\n    b = 2\n\n    if a:\n        b = 3\n    return b\n"),
        ("b = 2", "", "def f():\n    a = 1\n\n    if a:\n        b = 3\n    return b\n"),
        ("if a:\n    b = 3", "b = 4", "def f():\n    a = 1\n    b = 2\n\n    b = 4\n    return b\n"),
        ("    b = 3", "    pass\n    b = 5", None),
        ("b = 2\n\nif a:", "if b:", "def f():\n    a = 1\n    if b:\n        b = 3\n    return b\n"),
    ],
    ids=["one line", "taken out", "several", "written with its indentation", "with an empty line"],
)
def test_lines_are_found_by_their_own_indentation_and_keep_it(
    right: str, wrong_: str, made: str | None
) -> None:
    """Whole lines are replaced, wherever they are indented to; all else stays, byte for byte."""
    made = made or "def f():\n    a = 1\n    b = 2\n\n    if a:\n        pass\n        b = 5\n    return b\n"
    assert substituted(TEXT, [(right, wrong_)], "x") == {"a.py": made.encode(), "b.bin": b"\xff\n"}


def test_all_are_looked_for_in_the_right_answer() -> None:
    """One substitution is not the place of another, whatever their order."""
    found = substituted(TEXT, [("b = 2", "a = 1"), ("a = 1", "b = 2")], "x")
    assert found["a.py"].startswith(b"def f():\n    b = 2\n    a = 1\n")


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (
            [("c = 1", "c = 2")],
            "substitution 1: 'c = 1' does not stand in x, where whole lines are looked for",
        ),
        ([("a = 11", "")], "did you mean 'a = 1' (a.py:2)?"),
        ([("a = 1", ""), ("a =", "")], "substitution 2: 'a =' does not stand in x"),
        ([("return b", "return b")], "substitution 1 changes nothing"),
        ([("a = 1\nb = 2", ""), ("b = 2", "")], "two substitutions change line 3 of a.py: make them one"),
    ],
)
def test_what_is_not_there_is_refused(pairs: list[tuple[str, str]], says: str) -> None:
    """A stale line, part of a line, nothing at all, or two for one place."""
    with pytest.raises(ValueError, match="substitution") as error:
        substituted(TEXT, pairs, "x")
    assert says in str(error.value)


def test_what_is_there_twice_is_refused() -> None:
    """In one file or in two, with where it stands, and what to do."""
    twice = {"a.py": b"a = 1\nif a:\n    a = 1\n", "b.py": b"a = 1\n"}
    with pytest.raises(ValueError, match="stands 3 times") as error:
        substituted(twice, [("a = 1", "a = 2")], "right/x")
    assert str(error.value) == (
        "substitution 1: 'a = 1' stands 3 times in right/x (a.py:1, a.py:3, b.py:1), and must "
        "stand there once: add a line above or below to both sides"
    )


def test_an_entry_makes_a_hand_in(elman: Loaded, tmp_path: Path) -> None:
    """The right answer's files, with the lines changed; and what it says and fails."""
    backward = '"Elman Backward" = { value = ["dx"], shape = ["db"] }'
    fails = f'fails = {{ "Elman Forward" = {{ value = "all" }}, {backward} }}'
    (made,) = read(elman, f"{ENTRY}{SPOIL}\n{fails}\n").mistakes
    assert (made.path, made.says, made.varies) == ("forward/no_tanh", "The tanh is left out.", False)
    assert made.fails == {"Elman Forward": {"h": "value"}, "Elman Backward": {"dx": "value", "db": "shape"}}
    model = (REHEARSAL / "model" / "elman" / "elman.py").read_text()
    assert (made.laid(tmp_path / "made") / "elman.py").read_text() == model.replace(TANH, "self.y = x")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["elman.py"]


def test_right_answers_and_mistakes_are_made_of_a_right_answer_that_is_made(elman: Loaded) -> None:
    """In the order of the file; what is left out of them is a file, or what a file defines."""
    more = "[right.bare]\nsays = 'x'\nof = 'rows'\nleaves_out = ['elman.py::ElmanCell']\n"
    wrong = f"{ENTRY}spoil = [['self.y = np.tanh(self.b + x @ self.W_x.T + h @ self.W_h.T)', 'self.y = x']]"
    found = read(elman, RIGHT + more + wrong.replace('"model"', '"rows"'))
    model = (REHEARSAL / "model" / "elman" / "elman.py").read_text()
    rows = model.replace(TANH, "self.y = np.tanh(self.b + x @ self.W_x.T + h @ self.W_h.T)")
    assert found.right["rows"] == {"elman.py": rows.encode()}
    assert (
        found.right["bare"]["elman.py"] == (rows.partition("class ElmanCell")[0].rstrip("\n") + "\n").encode()
    )
    assert found.mistakes[0].files == {"elman.py": model.replace(TANH, "self.y = x").encode()}


def test_a_whole_hand_in_stands_in_its_folder(elman: Loaded) -> None:
    """What is no substitution lies in wrong/, and its entry says what is wrong and what fails."""
    whole = elman.folder / "wrong" / "forward" / "no_tanh"
    whole.mkdir(parents=True)
    (whole / "elman.py").write_text("class ElmanCell: pass\n")
    says = '[forward.no_tanh]\nsays = "Nothing is there."\n'
    assert read(elman, says).mistakes[0].files == {"elman.py": b"class ElmanCell: pass\n"}
    assert "has its own files in" in refusal(elman, f"{says}{SPOIL}")
    assert "has no entry in" in refusal(elman, "")
    assert "write [forward.no_tanh] with says = ..." in refusal(elman, "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[forward", "is not TOML"),
        ("forward = 1", "[forward]: is no group of entries: write [PROBLEM.MISTAKE] above each"),
        ("[forward]\nno_tanh = 1", "[forward.no_tanh]: is no entry"),
        ('[forward."../x"]\nsays = "x"', "a name is made of a-z, A-Z, 0-9 and _"),
        (f"[forward.x]\nof = 'model'\n{SPOIL}", '[forward.x]: says = "..." must say in one sentence'),
        (f"[forward.x]\nsays = 'x'\n{SPOIL}", '[forward.x]: lacks of = "..."'),
        (ENTRY, "[forward.no_tanh]: needs spoil = [['lines there', 'in their place']], or its files in"),
        (f"{ENTRY}spoil = [['a']]", "spoil is a list of pairs"),
        (f"{ENTRY}{SPOIL}\nspoils = 1", "spoils: there is no such key; there are: says, of, spoil"),
        (f"{ENTRY}{SPOIL}\nvaries = 1", "varies is true or false"),
        (f"{ENTRY}leaves_out = ['x.py']", "leaves out 'x.py', and model has no x.py"),
        (f"{ENTRY}leaves_out = ['elman.py::Lstm']", "'Lstm', which elman.py of model does not define"),
        ("[right.rows]\nsays = 'x'\nof = 'model'", "needs change = [['lines there', 'in their place']], or"),
        (RIGHT.replace("[right.rows]", "[right.sample_by_sample]"), "there is a right answer of that name"),
        (RIGHT + "fails = {}", "fails: there is no such key; there are: says, of, change, leaves_out"),
        (f"{ENTRY}{SPOIL}\nfails = []", 'fails is like { "Problem" = { value = ["criterion", ...] } }'),
        (f"{ENTRY}{SPOIL}\nfails = {{ Elman = {{ value = 'all' }} }}", "the problems are 'Elman Forward', "),
        (
            f'{ENTRY}{SPOIL}\nfails = {{ "Elman Forward" = {{ value = ["dx"] }} }}',
            "fails: dx: Elman Forward has no such criterion",
        ),
        (
            f'{ENTRY}{SPOIL}\nfails = {{ "Elman Forward" = {{ value = ["h"], shape = "all" }} }}',
            "fails: h: is named twice",
        ),
        (
            ENTRY.replace("model", "rows") + SPOIL,
            "is made of 'rows', and there is: model, sample_by_sample",
        ),
        (f"{ENTRY}spoil = [['self.y = x', '']]", "substitution 1: 'self.y = x' does not stand in model"),
    ],
)
def test_what_does_not_fit_is_refused(elman: Loaded, text: str, says: str) -> None:
    """The file, the entry, and a sentence on what to do."""
    assert says in refusal(elman, text)


def test_no_right_answer_is_called_model(elman: Loaded) -> None:
    """That is the model hand-in's name."""
    (elman.folder / "right" / "model").mkdir()
    assert "give this right answer another name" in refusal(elman, "")


# What fails, written


def test_what_fails_is_written_below_its_entry(elman: Loaded) -> None:
    """All else of the file stays; a line in a substitution that looks like an entry is none."""
    text = f"""# by hand
{ENTRY}spoil = [['{TANH}', '''
[forward.other]
self.y = [
    x][0]''']]

# a remark
[forward.other]   # another
says = "The input is left out."
of = "model"
{SPOIL.replace("= x'", "= h'")}"""
    first, second = read(elman, text).mistakes
    fails = {"Elman Forward": {"h": "value"}, "Elman Backward": {"dx": "shape", "db": "value"}}
    line = mistakes.fails_line(fails, elman)
    backward = '"Elman Backward" = { shape = ["dx"], value = ["db"] }'
    assert line == f'fails = {{ "Elman Forward" = {{ value = "all" }}, {backward} }}'
    written = mistakes.with_fails(text, second, line)
    assert written == f"{text}\n{line}"
    both = mistakes.with_fails(written, first, line)
    assert both == written.replace("x][0]''']]\n", f"x][0]''']]\n{line}\n")
    assert [one.fails for one in read(elman, both).mistakes] == [fails, fails]


def test_a_long_list_stays_readable() -> None:
    """It is broken into lines, and reads back the same."""
    assignment = known("rnn_step_by_step")
    (problem,) = (one for one in assignment.problems if one.name == "lstm_backward")
    fails = {problem.name: dict.fromkeys(problem.criteria[1:], "value")}
    line = mistakes.fails_line(fails, assignment)
    assert max(map(len, line.splitlines())) <= 120
    assert tomllib.loads(line)["fails"] == {problem.name: {"value": list(problem.criteria[1:])}}


# Those of this repository


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_read_on_one_screen(name: str) -> None:
    """No entry is longer than 45 lines, and most have a handful."""
    entries = (ROOT / "grader" / "assignments" / name / "mistakes.toml").read_text().split("\n\n[")
    lengths = sorted(entry.count("\n") + 1 for entry in entries)
    assert lengths[-1] <= 45
    assert lengths[len(lengths) // 2] <= 6


def test_a_mistake_is_laid_into_a_folder_of_its_own() -> None:
    """The tests' folders: made once, with the mistake's files and nothing else."""
    folder = wrong("gru_cell/backward/carry_dropped")
    assert folder is wrong("gru_cell/backward/carry_dropped")
    assert mistakes.files_of(folder) == answers("gru_cell").mistake("backward/carry_dropped").files
