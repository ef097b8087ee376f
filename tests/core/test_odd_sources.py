"""Hand-ins as they really come, graded from end to end: odd bytes, other imports, noise, Python 2.

Each is made here from the model hand-in, so that what it should get is known.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader import discovery, engine
from grader.declaration import Loaded
from grader.errors import SandboxError
from grader.records import Blame, Finding, Report, Status
from grader.sandbox import environment

MODEL = (Path(__file__).parents[2] / "src" / "gru_cell" / "hw3" / "gru.py").read_bytes()
Grade = Callable[[bytes], Report]


@pytest.fixture(scope="module")
def assignment() -> Loaded:
    """Return the real assignment, whose suite is drawn once for all tests here."""
    try:
        environment.student_python()
    except SandboxError as error:
        pytest.skip(str(error))
    declared = discovery.by_name("gru_cell", discovery.assignments())
    return replace(declared, suites={key: functools.cache(draw) for key, draw in declared.suites.items()})


@pytest.fixture
def grade(assignment: Loaded, tmp_path: Path) -> Grade:
    """Grades a gru.py of these bytes, handed in as a folder."""

    def graded(content: bytes, **beside: bytes) -> Report:
        for path, text in {"hw3/gru.py": content, **beside}.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_bytes(text)
        return engine.grade(tmp_path, [assignment], engine.Options())

    return graded


def changed(old: str, new: str) -> bytes:
    """Return the model hand-in with one passage replaced, or something put before its first line."""
    text = MODEL.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def first_line_of(content: bytes, passage: bytes) -> int:
    return content[: content.index(passage)].count(b"\n") + 1


def by_student(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.blame is not Blame.NOBODY]


IMPORTS = "import numpy as np\n"
BEFORE = '"""Homework 3'
FORWARD = "        # Eq. (1)  z = sigmoid(Wzh h + Wzx x)\n"

FULL_POINTS = {
    "unchanged": MODEL,
    "CRLF": MODEL.replace(b"\n", b"\r\n"),
    "CR alone": MODEL.replace(b"\n", b"\r"),
    "byte order mark": b"\xef\xbb\xbf" + MODEL,
    "byte order mark and CRLF": b"\xef\xbb\xbf" + MODEL.replace(b"\n", b"\r\n"),
    "tabs throughout": MODEL.replace(b"    ", b"\t"),
    "no newline at the end": MODEL.rstrip(),
    "form feeds": MODEL.replace(b"\nclass ", b"\n\x0cclass "),
    "Latin-1 that says so": b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + MODEL,
    "GBK that says so": "# coding: gbk\n# 门控循环单元\n".encode("gbk") + MODEL,
    "import torch under try": changed(
        IMPORTS, IMPORTS + "try:\n    import torch\nexcept ImportError:\n    torch = None\n"
    ),
    "seed, print, train at import": changed(
        "class Sigmoid", "np.random.seed(11785)\nprint(np.random.randn(3) @ np.ones(3))\n\n\nclass Sigmoid"
    ),
    "chdir to a Windows path": changed(
        IMPORTS, IMPORTS + "import os\ntry:\n    os.chdir('C:\\\\Users\\\\me')\nexcept Exception:\n    pass\n"
    ),
    "test() when run as main": MODEL + b"\n\nif __name__ == '__main__':\n    import torch_test\n    test()\n",
    "prints 4 KB at each call": changed(FORWARD, "        print(self.Wzh, 'x' * 4096)\n" + FORWARD),
    "future import": changed(IMPORTS, "from __future__ import annotations\n" + IMPORTS),
    "sys.path towards mytorch": changed(IMPORTS, "import os, sys\nsys.path.append('mytorch')\n" + IMPORTS),
    "accumulates": MODEL.replace(b"self.dWh = np.outer", b"self.dWh += np.outer"),
    "inputs changed in place": changed(FORWARD, "        x += 0\n" + FORWARD),
    "warnings": changed(FORWARD, "        np.log(np.zeros(1))\n" + FORWARD),
    "numpy.matrix": MODEL.replace(
        b"self.dWh = np.outer(da_n, r * h)", b"self.dWh = np.asmatrix(np.outer(da_n, r * h))"
    ),
    "reseeds and sets errors": changed(
        FORWARD, "        np.random.seed(0); np.seterr(all='raise')\n" + FORWARD
    ),
}


@pytest.mark.parametrize("name", FULL_POINTS)
def test_what_is_right_gets_full_points(grade: Grade, name: str) -> None:
    """A right answer in an odd form gets all points, and nothing is held against it."""
    report = grade(FULL_POINTS[name])
    assert (report.status, report.score) == (Status.GRADED, 100)
    assert by_student(report) == []


def test_latin_1_gets_a_notice(grade: Grade) -> None:
    """An accent in Latin-1 costs nothing; file and line are named."""
    content = MODEL.replace(b"# For backward.", b"# Pour la r\xe9trop.")
    report = grade(content)
    assert report.score == 100
    (finding,) = [finding for finding in report.findings if "UTF-8" in finding.message]
    assert (finding.blame, finding.file) == (Blame.NOBODY, "hw3/gru.py")
    assert finding.line == first_line_of(content, b"# Pour la")


def test_an_unused_torch_gets_a_notice(grade: Grade) -> None:
    """The import that the statement forbids costs nothing if unused: file, line and name are told."""
    content = changed(IMPORTS, IMPORTS + "import torch.nn as nn\n")
    report = grade(content)
    assert report.score == 100
    (finding,) = [finding for finding in report.findings if "torch" in finding.message]
    assert (finding.blame, finding.file) == (Blame.NOBODY, "hw3/gru.py")
    assert finding.line == first_line_of(content, b"import torch")


def test_a_class_of_torch_fails_on_its_line(grade: Grade) -> None:
    """`class GRU_Cell(nn.Module)` gets no points, and the line of the class is the error."""
    content = changed(IMPORTS, IMPORTS + "import torch.nn as nn\n").replace(
        b"class GRU_Cell:", b"class GRU_Cell(nn.Module):"
    )
    line = first_line_of(content, b"class GRU_Cell")
    report = grade(content)
    assert (report.status, report.score) == (Status.GRADED, 0)
    unused, undefined = by_student(report)
    assert unused.message.endswith(f"it is used in line {line}")
    assert "`class GRU_Cell` raised ModuleNotFoundError" in undefined.message
    assert (undefined.file, undefined.line) == ("hw3/gru.py", line)
    traceback = report.problems[0].criteria[0].traceback or ""
    assert f'File "hw3/gru.py", line {line}, in <module>\n    class GRU_Cell(nn.Module):' in traceback
    assert "torch.nn is used here" in traceback


UNREADABLE = {
    "mixed tabs": (
        changed(
            FORWARD,
            f"        if x is h:\n            y = 1\n\t    y = 2\n\ty = 3\n    \ty = 4\n{FORWARD}        "
            f"for y in x:\n            z = 1\n\t  z = 2\n",
        ),
        b"\t    y = 2",
        "TabError",
        "Tabs and spaces are mixed",
    ),
    "Python 2": (
        changed(FORWARD, "        exec 'y = 1'\n" + FORWARD),
        b"exec 'y",
        "SyntaxError",
        "Python 2",
    ),
    "unfinished": (changed(FORWARD, "        y = \n" + FORWARD), b"y = \n", "SyntaxError", "py_compile"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_python_cannot_read_gets_nothing_and_a_reason(grade: Grade, name: str) -> None:
    """No points; the error is a finding with its line and a hint, and each criterion carries it as well."""
    content, passage, error, hint = UNREADABLE[name]
    report = grade(content)
    assert (report.status, report.score) == (Status.GRADED, 0)
    (finding,) = by_student(report)
    assert error in finding.message
    assert hint in (finding.hint or "")
    assert (finding.file, finding.line) == ("hw3/gru.py", first_line_of(content, passage))


def test_an_alias_that_numpy_dropped_works_and_is_named(grade: Grade) -> None:
    """`np.float`, which old hand-ins use, means what it did, and is told with its line."""
    content = changed(FORWARD, "        x = np.array(x, dtype=np.float)\n" + FORWARD)
    report = grade(content)
    assert report.score == 100
    (finding,) = [one for one in report.findings if "np.float" in one.message]
    assert (finding.blame, finding.line) == (Blame.NOBODY, first_line_of(content, b"x = np.array"))


def test_what_is_printed_is_in_the_report(grade: Grade) -> None:
    """What a hand-in prints is shown, cut, with a count of what was cut."""
    report = grade(FULL_POINTS["prints 4 KB at each call"])
    assert report.stdout.text.startswith("[[")
    assert report.stdout.dropped_bytes > 128 * 4096 // 2


def test_the_report_repeats(grade: Grade) -> None:
    """A hand-in that draws random weights and prints them gets the same report twice."""
    content = changed(FORWARD, "        print(np.random.randn(2), id is None, {'a', 'b'})\n" + FORWARD)
    assert grade(content) == grade(content)


MAGIC = b"get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().system('ls')\n"


@pytest.mark.parametrize(
    "files",
    [
        {
            "john.doe/hw3/activation.py": b"ONE = 1\n",
            "john.doe/hw3/gru.py": b"from .activation import ONE\n" + MODEL,
        },
        {"hw3/GRU.PY": MODEL},
        {"hw3/gru.py": MAGIC + MODEL},
    ],
    ids=["a folder with a dot around a relative import", "a suffix in capitals", "the magic of a notebook"],
)
def test_odd_places_and_exports_cost_nothing(
    assignment: Loaded, tmp_path: Path, files: dict[str, bytes]
) -> None:
    """What its author runs every day is right here too."""
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert engine.grade(tmp_path, [assignment], engine.Options(assignment="gru_cell")).score == 100
