"""What parses is taken, and what does not is said with its lines and names; nothing hostile takes long."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.inside.blocks import Lost, Parsed, recover
from grader.inside.outline import Outline

GOOD = "import numpy as np\n\n\ndef f(x):\n    return x\n\n\nclass C:\n    def g(self):\n        return 1\n"


def names(parsed: Parsed) -> list[str]:
    return [name for one in parsed.body if (name := getattr(one, "name", ""))]


@pytest.mark.parametrize(
    ("text", "kept", "lost"),
    [
        ("def a():\n  return (1\n\ndef b():\n  return 2\n", ["b"], [(1, 2, ("a",))]),
        ("@one\ndef a():\n  return [\n@two\ndef b(): return 1\n", ["b"], [(1, 3, ("a",))]),
        ("x = (1,\n2\n)\ny = [\ndef a(): pass\n", ["a"], [(4, 4, ())]),
        ('def a():\n  """doc\n  return 1\n\ndef b():\n  """doc"""\n  return 2\n', ["b"], [(1, 3, ("a",))]),
        ('t = """\ndef no():\n"""\ndef a(): return (\n', [], [(4, 4, ("a",))]),
        ("def a():\n  pass\n else_\ndef b(): pass\n", ["b"], [(1, 3, ("a",))]),
        ("if x:\n  y = (\nelse:\n  y = 1\ndef a(): pass\n", ["a"], [(1, 4, ())]),
        ("a[4] = \n [ 0.5 0.1]\na.shape = (5, 1)\ndef a(): pass", ["a"], [(1, 2, ())]),
        ("cd '/content'\ndef a(): pass\npip install numpy\n", ["a"], [(1, 1, ()), (3, 3, ())]),
        ("<<<<<<< HEAD\ndef a(): pass\n=======\n>>>>>>> b\n", ["a"], [(1, 1, ()), (3, 3, ()), (4, 4, ())]),
        ("x = 1 \\\n  + 2\ndef a(): return )\ndef b(): pass", ["b"], [(3, 3, ("a",))]),
        ("async def a():\n  x = = 1\nasync def b(): pass", ["b"], [(1, 2, ("a",))]),
    ],
)
def test_a_statement_is_lost_by_itself(
    text: str, kept: list[str], lost: list[tuple[int, int, tuple[str, ...]]]
) -> None:
    """What stands above and below is there; the lines and the names of what is lost are right."""
    found = recover(text, "gru.py")
    assert names(found) == kept
    assert [(one.first, one.last, one.names) for one in found.lost] == lost


def test_a_method_is_lost_by_itself() -> None:
    """A class keeps the methods that parse, decorators and all, on their own lines."""
    text = (
        "class C(object):\n    x = 1\n    @property\n    def bad(self):\n        return (1\n\n"
        "    # about good\n    @staticmethod\n    def good():\n        return 2\n    def worse(self: return\n"
    )
    found = recover(text, "gru.py")
    (kept,) = found.body
    assert isinstance(kept, ast.ClassDef)
    good = kept.body[-1]
    assert isinstance(good, ast.FunctionDef)
    assert (good.name, good.lineno) == ("good", 9)
    assert [(one.names, one.first) for one in found.lost] == [(("C.bad",), 3), (("C.worse",), 11)]


def test_a_class_without_a_method_that_parses_is_lost() -> None:
    """Then its name and its methods' are told."""
    (lost,) = recover("class C:\n  def a(self): return (\n  def b(self: pass\nx = 1\n", "gru.py").lost
    assert lost.names == ("C", "C.a", "C.b")


def test_prints_of_python_2_are_left_out() -> None:
    """Wherever they stand, over several lines too; the lines below stay where they are."""
    text = (
        "def f(x):\n  if x: print 'a', x\n  print 'b %d' % (1,\n     2), 'c',\n  y = 1; print y\n  return y\n"
    )
    found = recover(text, "gru.py")
    assert found.prints == [2, 3, 5]
    scope: dict[str, object] = {}
    exec(compile(ast.Module(found.body, []), "gru.py", "exec"), scope)
    assert scope["f"](1) == 1  # type: ignore[operator]
    assert found.body[0].end_lineno == 6


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("def f():\n\tx = 1\n        return x\n", True),  # only with eight columns
        ("def f():\n\tx = 1\n    return x\n", True),  # only with four
        (
            "for a in b:\n    for c in d:\n        x = 1\n\tx = 2\n",
            False,
        ),  # inside with eight, outside with four
        ("def f():\n\tx = 1\n  return x\n", False),
    ],
)
def test_tabs_are_read_where_they_mean_one_thing(text: str, *, read: bool) -> None:
    """Two readings that differ are none."""
    found = recover(f"{text}y = 1\n", "gru.py")
    assert bool(found.tabs) is read
    assert bool(found.lost) is not read


def test_errors_name_lines_of_the_file() -> None:
    """Python's words about a piece do not name a line of the piece."""
    (lost,) = recover(GOOD + "\n\ndef h(:\n  pass\n", "gru.py").lost
    assert lost.line == GOOD.count("\n") + 3
    for text in ("x = 'a\n", "def f():\ny = (1,]\n", "def g():\n  return [1)\n"):
        for one in recover(GOOD + text, "gru.py").lost:
            assert " line " not in one.error


def test_a_notebook_is_read_cell_by_cell() -> None:
    """A cell that does not parse costs itself; lines are those of the cell."""
    cells = [
        (2, "import numpy as np\n"),
        (3, "The RNN:\n"),
        (5, "x = 1\n\ndef f(:\n    pass"),
        (9, "def g():\n    pass"),
    ]
    outline = Outline.of("a.ipynb", "", cells)
    assert [getattr(one, "name", "") for one in outline.tree.body] == ["", "", "g"]
    assert [(one["cell"], one["first"], one["names"]) for one in map(outline.of_lost, outline.lost)] == [
        (3, 1, ()),
        (5, 3, ("f",)),
    ]
    assert outline.place(outline.tree.body[-1].lineno) == {"cell": 9, "line": 1}


def test_a_notebook_of_which_nothing_parses_is_an_error() -> None:
    """It is that of its first broken cell, with the line there."""
    with pytest.raises(SyntaxError) as raised:
        Outline.of("a.ipynb", "", [(1, "\n"), (4, "\nThe RNN:"), (5, "x = = 1")])
    assert (raised.value.filename, raised.value.lineno) == ("a.ipynb, cell 4", 2)


@pytest.mark.parametrize(
    "text",
    [
        "x = (\n" * 100_000,
        "def f(:\n  pass\n" * 40_000,
        "'''\n'x\n" * 50_000,
        "class C:\n" + "  def f(:\n" * 60_000,
        "print 'x'\n" * 60_000 + "(",
        "if 1:\n\tx\n        y\n" * 20_000,
        "@a\n" * 150_000 + "(",
        "(" * 500_000,
    ],
    ids=lambda text: text[:9],
)
def test_no_text_takes_long(text: str) -> None:
    """Half a megabyte that does not parse is given up in little time."""
    began = time.process_time()
    found = recover(text, "gru.py")
    assert time.process_time() - began < 20  # seconds; a few are usual
    assert len(found.lost) <= 12


lines = st.sampled_from(
    [
        "x = 1",
        "def f():",
        "  return (",
        "class C:",
        "  def g(self):",
        "    pass",
        "'''",
        "print 'a'",
        "\ty",
        ")",
        "@d",
        "",
    ]
)


@given(st.lists(lines, max_size=30))
def test_any_lines_are_taken_apart(drawn: list[str]) -> None:
    """Whatever is drawn, what is kept stands on its own lines, and what is lost within the text."""
    text = "\n".join(drawn)
    found = recover(text, "gru.py")
    for one in found.body:
        first = drawn[min([one.lineno, *(d.lineno for d in getattr(one, "decorator_list", []))]) - 1]
        assert first.strip()
    for lost in found.lost:
        assert isinstance(lost, Lost)
        assert 1 <= lost.first <= lost.last <= max(1, len(drawn))
