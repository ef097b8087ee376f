"""What is read out of a hand-in's source, and what becomes of imports of packages that are not there."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_sources import facts_of

from grader.inside import blocks, facts, source
from grader.inside.trees import walk

LOCAL = {"activation", "mytorch"}


def is_local(package: str) -> bool:
    return package in LOCAL


def imports(text: str) -> list[tuple[int, str, bool, int | None]]:
    """(line, package, guarded, first line of use) of every foreign import."""
    found = source.foreign_imports(walk(ast.parse(text)), is_local)
    return [(one.line, one.package, one.guarded, one.used) for one in found]


def run(text: str) -> dict[str, Any]:
    """Return the names that are left after running the text as a job would."""
    tree = source.without_missing(blocks.parse(text, "gru.py"), is_local)
    names: dict[str, Any] = {source.MISSING_NAME: source.Missing}
    exec(compile(tree, "gru.py", "exec", dont_inherit=True), names)
    return names


def line_that_raises(text: str, error: type[BaseException]) -> int | None:
    """Line of gru.py on which running it raises `error`."""
    with pytest.raises(error) as raised:
        run(text)
    frames = traceback.extract_tb(raised.value.__traceback__)
    return [frame.lineno for frame in frames if frame.filename == "gru.py"][-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch", [(1, "torch", False, None)]),
        ("import torch\n\ny = torch.zeros(3)\ntorch.y", [(1, "torch", False, 3)]),
        ("import torch.nn as nn\nclass A(nn.Module): pass", [(1, "torch", False, 2)]),
        ("import torch.nn.functional\nx = torch", [(1, "torch", False, 2)]),
        ("import torch.nn as nn\ntorch = 1\nx = torch", [(1, "torch", False, None)]),
        ("from torch import nn, tanh as t\n\nt(1)\nnn", [(1, "torch", False, 3)]),
        ("import numpy, torch, os, scipy", [(1, "scipy", False, None), (1, "torch", False, None)]),
        ("def f():\n  import torch\n  return torch.ones(1)", [(2, "torch", False, 3)]),
        ("if 1:\n  import torch", [(2, "torch", False, None)]),
        (
            "try:\n  import torch\nexcept ImportError:\n  import scipy",
            [(2, "torch", True, None), (4, "scipy", False, None)],
        ),
        ("try:\n  if 1:\n    import torch\nfinally: pass", [(3, "torch", True, None)]),
        ("from torch import *\nimport numpy as np\nx = [np.pi, abs(1)]\nzeros(3)", [(1, "torch", False, 4)]),
        (
            "from torch import *\ndef f(a, *b, c=1, **d):\n  e = a\n  return e, b, c, d, f",
            [(1, "torch", False, None)],
        ),
        ("from torch import *\nfrom activation import *\nSigmoid()", [(1, "torch", False, None)]),
        ("x = __import__('torch')", [(1, "torch", False, 1)]),
        ("def f():\n  return __import__('torch').nn", [(2, "torch", False, 2)]),
        ("import importlib\nx = importlib.import_module('torch.nn')", [(2, "torch", False, 2)]),
        ("try:\n  __import__('torch')\nexcept ImportError: pass", [(2, "torch", True, 2)]),
        ("import_module('.activation', 'hw3')\n__import__('')\n__import__(name)\n__import__()", []),
        (
            "import numpy as np, os.path, json\nfrom collections import abc\nfrom __future__ import division",
            [],
        ),
        ("import activation\nfrom mytorch.nn import Linear\nfrom . import gru\nfrom ..a import b", []),
        ("x = 'import torch'  # import torch", []),
    ],
)
def test_foreign_imports(text: str, expected: list[tuple[int, str, bool, int | None]]) -> None:
    """Line, package, whether it stands under `try`, and first use of every import of what is not there."""
    assert imports(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "import torch",
        "import torch.nn as nn, torch.optim",
        "from torch import nn, tanh as t",
        "from torch import *",
        "from torch.nn import functional as F\ndef f(x: F): return F.relu(x)",
        "def f():\n  import torch\nf()",
        "class A:\n  import torch\n  from torch import nn as __nn",
        "if True:\n  from torch import *",
        "def f():\n  global torch\n  import torch\nf()",
        "import torch\ntorch = 3\nassert torch + 1 == 4",
        "'''doc'''\nfrom __future__ import annotations\nimport torch\ndef f(x: torch.Tensor): ...",
    ],
)
def test_what_is_never_used_costs_nothing(text: str) -> None:
    """An import of a package that is not there runs, in whatever form it is written."""
    run(text)


@pytest.mark.parametrize(
    "use",
    [
        "class Net(torch.nn.Module):\n  pass",
        "class Net(Module):\n  pass",
        "class Net(object, Module):\n  pass",
        "@torch.no_grad()\ndef f(): pass",
        "@Module\ndef f(): pass",
        "def f(x=torch.zeros(3)): pass",
        "torch.zeros(3)",
        "x = Module(3)",
        "x = Module[3]",
        "for x in Module: pass",
        "with torch.no_grad(): pass",
        "with Module: pass",
        "x, y = Module",
        "if Module: pass",
        "print(hasattr(torch, 'nn'))",
        "def f(): return torch.zeros(3)\nf()",
    ],
)
def test_a_use_raises_on_its_own_line(use: str) -> None:
    """What uses a missing package raises ModuleNotFoundError on that line of the source as it was written."""
    text = "# 1\nimport torch, numpy as np\nfrom torch.nn import (\n  Module,\n  functional as F)\n\n" + use
    assert line_that_raises(text, ModuleNotFoundError) == 7


def test_a_use_says_what_is_not_there() -> None:
    """The message names the package or name that was used, and what may be imported."""
    with pytest.raises(
        ModuleNotFoundError, match=r"^torch\.nn is used here, but only NumPy and Python's own"
    ):
        run("import torch.nn as nn\nnn.Linear(1, 2)")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("try:\n  import torch_\nexcept ImportError:\n  torch_ = None", "torch_", None),
        ("try:\n  from torch_ import nn\nexcept ModuleNotFoundError:\n  nn = 5", "nn", 5),
        (
            "try:\n  import torch_.nn\nexcept Exception as e:\n  kind = type(e).__name__",
            "kind",
            "ModuleNotFoundError",
        ),
        (
            "import json, os.path as p, numpy as np\ny = json.dumps(p.join('a', str(np.pi)[:4]))",
            "y",
            '"a/3.14"',
        ),
    ],
)
def test_what_works_without_the_package_works_here(text: str, name: str, value: object) -> None:
    """Under `try` the import raises as on any machine without it; NumPy and Python's own are there."""
    assert run(text)[name] == value


def test_an_import_under_try_that_nobody_catches_raises_where_it_stands() -> None:
    """With `finally` alone, or an `except` for something else, the import itself is the error."""
    assert line_that_raises("try:\n  import torch_\nexcept ValueError: pass", ModuleNotFoundError) == 2


names = st.sampled_from(["torch", "torch.nn", "scipy.special", "numpy", "os.path", "json"])
statements = st.one_of(
    st.builds("import {}".format, names),
    st.builds("import {} as m".format, names),
    st.builds("import {}, {} as k".format, names, names),
    st.sampled_from(["from torch import nn", "from torch import *", "x = 1", "# c", "", "pass"]),
)


@given(st.lists(statements, max_size=8))
def test_line_numbers_stay(lines: list[str]) -> None:
    """Whatever imports stand above, an error is reported on the line on which it was written."""
    assert line_that_raises("\n".join([*lines, "1 / 0"]), ZeroDivisionError) == len(lines) + 1


@pytest.mark.parametrize(
    "expression", ["+".join(["1"] * 900), "f(" * 80 + "1" + ")" * 80, "[" * 150 + "]" * 150]
)
def test_deep_expressions_that_python_runs_are_run(expression: str) -> None:
    """An expression nested as deep as Python allows is no problem of ours."""
    text = f"import torch\nf = lambda x: x\ny = {expression}"
    assert run(text)["y"] == eval(expression, {"f": lambda x: x})
    found = facts_of(f"{text}\ndef g(): return {expression}", "gru.py", is_local)
    assert found["imports"][0]["package"] == "torch"
    assert set(found["definitions"]) == {"g"}


def test_a_function_nested_too_deep_to_be_followed_is_told_all_the_same() -> None:
    """Nothing that looks at a tree recurses: what Python's own tools cannot print has its digest."""
    found = facts_of(f"import torch\ndef f(): return {'+'.join(['1'] * 2000)}", "gru.py", is_local)
    assert [one["package"] for one in found["imports"]] == ["torch"]
    assert re.fullmatch("[0-9a-f]{16}", found["definitions"]["f"])


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "-" * 100_000 + "1",
        "x" + "[0]" * 50_000,
        "a\0b",
        "\0",
        "if 1:\n" * 200,
        "0" * 10_000,
        "9" * 10_000,
    ],
    ids=lambda text: text[:4],
)
def test_what_python_cannot_read_is_a_syntax_error(text: str) -> None:
    """Odd sources are described as an error or read; no other exception leaves `facts`."""
    found = facts_of(text, "gru.py", is_local)
    assert found.get("error", "SyntaxError").startswith(("SyntaxError", "IndentationError"))
    assert len(found.get("error", "")) <= blocks.MAX_ERROR


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("x = 1\nexec 'hello'", "SyntaxError: Missing parentheses in call", 2),
        ("if a:\n    if b:\n        x = 1\n\ty = 2", "TabError: inconsistent use of tabs", 4),
        ("def f():\nreturn 1", "IndentationError: expected an indented block", 1),
        ("x = (1,\n", "SyntaxError: '(' was never closed", 1),
        ("x = 'é\n", "SyntaxError: unterminated string literal", 1),
    ],
)
def test_a_syntax_error_is_told_with_its_line(text: str, error: str, line: int) -> None:
    """The kind of error and the line are Python's own."""
    found = facts_of(text, "gru.py", is_local)
    found = found if "error" in found else found["lost"][0]
    assert found["error"].startswith(error)
    assert found["line"] == line


METHOD = 'class GRU:\n  def forward(self, x):\n    """doc"""\n    return x + 1  # add\n'


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (METHOD, True),
        (METHOD.replace("  # add", "").replace("doc", "other"), True),
        (METHOD.replace('    """doc"""\n', ""), True),
        (METHOD.replace("x + 1", "(x  +\n 1)"), True),
        (METHOD.replace("x + 1", "x + 2"), False),
        (METHOD.replace("self, x", "self, x=0"), False),
    ],
)
def test_definitions_see_code_and_nothing_else(other: str, *, same: bool) -> None:
    """Comments, docstrings and layout do not change a definition; code and arguments do."""
    ours, theirs = (
        facts_of(text, "gru.py", is_local)["definitions"]["GRU.forward"] for text in (METHOD, other)
    )
    assert (ours == theirs) is same


def test_an_empty_body_is_a_definition() -> None:
    """A function that holds nothing but its docstring has a digest as well."""
    assert set(facts_of('def f():\n  """doc"""', "gru.py", is_local)["definitions"]) == {"f"}


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("import activation", {"activation"}),
        ("from mytorch.nn import linear", {"mytorch.nn", "mytorch.nn.linear"}),
        ("from .activation import tanh", {"hw3.activation"}),
        ("from ...mytorch import nn", {"mytorch.nn"}),
        ("from . import activation", {"hw3.activation"}),
        ("from ..mytorch import nn", {"mytorch.nn"}),
        ("def f():\n  import activation", {"activation"}),
        ("import torch, numpy", set()),
    ],
)
def test_local_modules_are_followed(text: str, reached: set[str]) -> None:
    """Modules of the hand-in are reached by absolute and by relative imports."""
    local: Callable[[str], bool] = {"activation", "mytorch", "hw3"}.__contains__
    assert reached <= set(facts_of(text, "hw3/gru.py", local)["locals"])


def test_facts_are_bounded() -> None:
    """Of very many imports the first are told, and of very long names the beginning."""
    text = "".join(f"import {'x' * 500}{number}\n" for number in range(1000))
    found = facts_of(text, "gru.py", is_local)["imports"]
    assert [one["line"] for one in found] == list(range(1, facts.MAX_IMPORTS + 1))
    assert all(len(one["package"]) == source.MAX_NAME for one in found)


E_ACUTE, EURO = "é", "€"


@pytest.mark.parametrize(
    ("content", "text", "odd_line"),
    [
        (b"x = 1\n", "x = 1\n", None),
        (b"", "", None),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", None),
        (b"a\r\nb\rc\n", "a\nb\nc\n", None),
        ("# é\n".encode(), "# é\n", None),
        (b"a\n# \xe9\n", "a\n# é\n", 2),
        (b"a\r\n# \xe9\r\n", "a\n# é\n", 2),
        (b"a\r# \xe9\r", "a\n# é\n", 2),
        (b"# -*- coding: latin-1 -*-\n# \xe9\n", "# -*- coding: latin-1 -*-\n# é\n", None),
        (b"# -*- coding: latin-1 -*-\n# \xc3\xa9\n", "# -*- coding: latin-1 -*-\n# Ã©\n", None),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n# \x80\n", None, None),
        (b"# coding: gbk\n# \xc4\xe3\xba\xc3\n", "# coding: gbk\n# 你好\n", None),
        (b"# coding: gbk\n# \xff\n", "# coding: gbk\n# ÿ\n", 2),
        (b"x = 1\n# coding: latin-1\n# \xe9\n", "x = 1\n# coding: latin-1\n# é\n", 3),
        (b"\n\n# coding: latin-1\n# \xe9\n", "\n\n# coding: latin-1\n# é\n", 4),
        (b"# coding: utf-8\n# \xe9\n", "# coding: utf-8\n# é\n", 2),
        (b"# coding: no-such\n# \xc3\xa9\n", "# coding: no-such\n# é\n", None),
        (b"# coding: zlib\nx = 1\n", "# coding: zlib\nx = 1\n", None),
        (b"# coding: punycode\nx = 1\n", "# coding: punycode\nx = 1\n", None),
        (b"# coding: unicode_escape\n#\\nimport os\n", "# coding: unicode_escape\n#\\nimport os\n", None),
        (b"# coding: \xff\n", "# coding: ÿ\n", 1),
    ],
)
def test_bytes_become_text_as_python_reads_them(
    content: bytes, text: str | None, odd_line: int | None
) -> None:
    """Byte order mark, line ends, named encodings; Latin-1 as a last resort, with the first odd line."""
    got, got_line = source.decode(content)
    assert got_line == odd_line
    assert got == text if text is not None else EURO in got


@given(
    st.binary(max_size=80), st.sampled_from([b"", b"# coding: gbk\n", b"\xef\xbb\xbf", b"# coding: cp037\n"])
)
def test_any_bytes_become_text(content: bytes, beginning: bytes) -> None:
    """Decoding takes anything; the text has no carriage return, and the odd line is one of its lines."""
    text, odd_line = source.decode(beginning + content)
    assert "\r" not in text or b"cp037" in beginning
    assert odd_line is None or 1 <= odd_line <= text.count("\n") + 1


def test_form_feeds_are_whitespace() -> None:
    """A form feed between functions, as some editors put it, neither ends a line nor breaks the source."""
    assert line_that_raises("x = 1\n\x0c\ndef f():\n  1 / 0\n\x0cf()", ZeroDivisionError) == 4


def test_the_line_of_each_definition_is_told() -> None:
    """A report points at the `def`: below decorators, above the docstring; of two, the one that counts."""
    text = "import a\n\n@a.b\ndef f():\n  pass\nclass C:\n  def g(self): pass\n\n  def g(self):\n    'doc'\n"
    assert facts_of(text, "gru.py", is_local)["lines"] == {"f": 4, "C.g": 9}
