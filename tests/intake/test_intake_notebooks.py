"""A notebook becomes the Python in it, whatever it is called; hostile JSON becomes a sentence."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from recipes import notebook, old_notebook

from grader.errors import Rejection
from grader.intake import bounds, unpack
from grader.intake.magics import as_python
from grader.intake.notebooks import looks_like_one, read

CODE = ["import numpy as np", "def f(x):\n    return x"]


@pytest.mark.parametrize("minor", [0, 1, 2, 4, 5])
def test_each_minor_version(minor: int) -> None:
    """The code cells in their order, numbered through all cells."""
    found = read(notebook([CODE[0], ("markdown", "# Title"), ("raw", "x"), CODE[1]], minor))
    assert found.cells == ((1, CODE[0]), (4, CODE[1]))
    assert (found.problem, found.left_out) == (None, ())


def test_the_version_before() -> None:
    """Version 3, with its sheets and headings, is converted."""
    assert read(old_notebook(CODE)).cells == ((2, CODE[0]), (3, CODE[1]))


def test_line_ends_and_texts() -> None:
    """Sources as one text or as lines, with carriage returns or half a character, are Python's lines."""
    assert read(notebook(["a = 1\r\nb = 2\rc = 3"], lines=False)).cells == ((1, "a = 1\nb = 2\nc = 3"),)
    assert read(notebook(["a = 1"]).replace(b"a = 1", b"a = '\\ud800'")).cells == ((1, "a = '?'"),)


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1"),
        ("!ls -la\nx = 1", "\nx = 1"),
        ("!wget \\\n  url\nx = 1", "\n\nx = 1"),
        ("files = !ls\nt = %timeit -o f()\nx = 1", "\n\nx = 1"),
        ("cd '/content/drive'\npip install numpy\nls\nx = 1", "\n\n\nx = 1"),
        ("if x:\n    !pip install a\ny = 1", "if x:\n    pass\ny = 1"),
        ("np.dot?\n?np\nf??\nx = 1", "\n\n\nx = 1"),
        ("%%time\nx = 1", "\nx = 1"),
        ("\n%%bash\nls (\n", "\n\n\n"),
        ("%%writefile a.py\nx = 1", "\n"),
        ("x = '''\n%no\n!no\ncd /tmp\n'''", None),
        ("x = (1\n% y)", None),
        ("x = 7 \\\n  %y", None),
        ("cat = 1\nrm = [cat]\ncat += 1\ngit.x = 1\nls.append(3)\ntar == cat\nless in rm", None),
        ("x = {  # don't\n  'a': 1}\n'it\\'s'\n", None),
        ("print('100%')  # %no\ny = x % z", None),
    ],
)
def test_what_only_a_notebook_understands(cell: str, python: str | None) -> None:
    """It is taken out line by line; what may be Python stays, above all in texts and brackets."""
    text, left_out = as_python(cell)
    assert text == (cell if python is None else python)
    assert bool(left_out) is (python is not None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{}", "does not say which nbformat"),
        (b"[1]", "does not say which nbformat"),
        (notebook([]), "without any code in it"),
        (notebook(["", " \n"]), "without any code in it"),
        (notebook(CODE, metadata={"kernelspec": {"language": "R"}}), "is a notebook in R, not in Python"),
        (notebook(CODE, metadata={"language_info": {"name": "julia"}}), "is a notebook in julia"),
        (old_notebook(CODE, "ruby"), "is a notebook in ruby"),
        (notebook(CODE)[:-40], "its JSON breaks at line "),
        (notebook(CODE).replace(b'"nbformat": 4', b'"nbformat": 1'), "of format 1"),
        (notebook(CODE).replace(b'"nbformat": 4', b'"nbformat": ' + b"9" * 5_000), "of format 0"),
        (notebook(CODE).replace(b"import", b"\xff\xfe"), "is not UTF-8"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "nested deeper than any"),
        (notebook(["x = 1"] * 5_001), "more than 5,000 cells"),
        (notebook(["x = 1 # " + "y" * (1 << 20)]), "more than 1 MiB of code"),
        (b'{"nbformat": 4, "x": [' + b"[]," * 1_100_000, "values in its JSON"),
        (notebook(["x"]) + b" " * bounds.NOTEBOOK_BYTES, "more than 24 MiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_notebook_that_cannot_be_graded_is_a_sentence(content: bytes, problem: str) -> None:
    """Each says what is wrong, to stand behind the file's name."""
    found = read(content)
    assert problem in (found.problem or "")
    assert found.cells == ()


def test_odd_json_is_read_or_a_sentence() -> None:
    """Whatever stands where cells and sources should, nothing is raised, and no text is made of it."""
    odd: list[Any] = [None, 5, "x", [], {}, [1, None, "y = 1\n"], {"a": 1}, True]
    dice = random.Random(7)
    for _ in range(300):
        made = json.loads(
            notebook(CODE, dice.choice((0, 4, 5))) if dice.random() < 0.6 else old_notebook(CODE)
        )
        for _ in range(dice.randrange(1, 4)):
            at: Any = made
            while isinstance(at, dict | list) and at and dice.random() < 0.85:
                key = dice.choice(list(at) if isinstance(at, dict) else range(len(at)))
                if dice.random() < 0.4 or not isinstance(at[key], dict | list):
                    at[key] = copy.deepcopy(dice.choice(odd))
                    break
                at = at[key]
        found = read(json.dumps(made).encode())
        assert all(isinstance(text, str) for _, text in found.cells)
        assert found.problem is None or found.problem.startswith("is ")


def test_a_hostile_notebook_takes_little_memory_and_time() -> None:
    """As many values, as large a file and as odd letters as are read at all."""
    many = (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [], "outputs": ['
        + b"{}," * 990_000
        + b"1]}]}"
    )
    wide = json.dumps({"x": "\U0001f600" * 5_000_000, "nbformat": 4}, ensure_ascii=False).encode()
    for content in (many, wide):
        tracemalloc.start()
        began = time.process_time()
        read(content)
        assert time.process_time() - began < 30  # seconds, with every allocation traced
        assert tracemalloc.get_traced_memory()[1] < 250 << 20
        tracemalloc.stop()


def test_nbformat_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Odd notebooks do not make it talk."""
    read(b'{"nbformat": 4, "nbformat_minor": 99, "cells": [{"cell_type": "code", "source": "x = 1"}, 5]}')
    assert capfd.readouterr() == ("", "")


def test_a_hand_in_without_notebooks_does_not_import_nbformat(tmp_path: Path) -> None:
    """It would cost every grading a tenth of a second."""
    (tmp_path / "gru.py").write_text("x = 1\n")
    code = (
        "import sys; from pathlib import Path; from grader import intake, engine;"
        f"intake.unpack(Path({str(tmp_path)!r})); assert not {{'nbformat', 'jsonschema'}} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["a.ipynb", "gru.py", "ada@school.edu_1_handin.tar", "homework"])
def test_a_lone_notebook_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    """Autolab gives an upload the name that the assignment asks for, whatever it is."""
    (tmp_path / name).write_bytes(notebook(CODE))
    hand_in = unpack(tmp_path / name)
    assert hand_in.form == "file"
    assert hand_in.notebooks[name].cells == ((1, CODE[0]), (2, CODE[1]))
    assert hand_in.code(name).decode() == "\n".join(CODE)


def test_other_json_is_no_notebook(tmp_path: Path) -> None:
    """Settings and data are what they were."""
    assert not looks_like_one(b'{"name": "x", "cells": []}')
    assert not looks_like_one(b'{"metadata": {}, "rows": [1]}')
    (tmp_path / "handin.tar").write_bytes(b'{"metadata": {}}')
    with pytest.raises(Rejection, match="is a plain-text file, not an archive"):
        unpack(tmp_path / "handin.tar")


def test_a_large_notebook_in_an_archive(tmp_path: Path) -> None:
    """Pictures may take more than any source may; beyond that the sentence says what to do."""
    made = json.loads(notebook(CODE))
    made["cells"][0]["outputs"] = [{"data": {"image/png": "A" * (20 << 20)}}]
    (tmp_path / "a.ipynb").write_bytes(json.dumps(made).encode())
    assert unpack(tmp_path).notebooks["a.ipynb"].cells[0] == (1, CODE[0])
    made["cells"][0]["outputs"] = [{"data": {"image/png": "A" * (25 << 20)}}]
    (tmp_path / "a.ipynb").write_bytes(json.dumps(made).encode())
    with pytest.raises(Rejection, match=r"a\.ipynb, which is larger than 24 MiB") as caught:
        unpack(tmp_path)
    assert "Clear the notebook's outputs" in (caught.value.hint or "")
