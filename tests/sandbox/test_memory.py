"""A hand-in's files are imported from memory, in a real job, the way their authors expect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from real_jobs import handed_in, started_zygote

from grader.sandbox.zygote import Zygote


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as zygote:
        yield zygote


F = "\ndef f(x): return N + 0*x"
PATH = "import os, sys\nsys.path.append({})\n"


@pytest.mark.parametrize(
    ("main", "files"),
    [
        ("from activation import N", {"hw3/activation.py": "N = 1"}),
        ("from activation import *", {"activation.py": "N = 1"}),
        ("from mytorch.activation import N", {"mytorch/activation.py": "N = 1"}),
        ("from activation import N", {"mytorch/activation.py": "N = 1"}),
        ("from nn.activation import N", {"hw3/mytorch/nn/activation.py": "N = 1"}),
        ("from nn import N", {"mytorch/nn/__init__.py": "from .act import N", "mytorch/nn/act.py": "N = 1"}),
        (
            "from mytorch import N",
            {"mytorch/__init__.py": "from mytorch.a import *", "mytorch/a.py": "N = 1"},
        ),
        ("import a.b.c as c\nN = c.N", {"a/b/c.py": "from ..d import N", "a/d.py": "N = 1"}),
        ("from .activation import N", {"hw3/activation.py": "N = 1"}),
        (
            "from .activation import N",
            {"hw3/activation.py": "N = 1", "hw3/__init__.py": "from .gru import *"},
        ),
        ("from other import M\nN = 1", {"hw3/other.py": "import gru\nM = 2"}),
        ("import hw3.act\nN = hw3.act.N", {"hw3/act.py": "N = 1"}),
        (PATH.format("os.path.dirname(__file__) + '/../lib'") + "from a import N", {"lib/a.py": "N = 1"}),
        (PATH.format("'../lib'") + "from a import N", {"lib/a.py": "N = 0", "hw3/a.py": "N = 1"}),
        (PATH.format("'lib'") + "from a import N", {"lib/a.py": "N = 1"}),
        (PATH.format("os.path.abspath('lib')") + "from a import N", {"lib/a.py": "N = 1"}),
        (PATH.format("os.path.join(os.getcwd(), 'lib')") + "from a import N", {"lib/a.py": "N = 1"}),
        (PATH.format("os.getcwd() + 'no such'") + "from a import N", {"hw3/a.py": "N = 1"}),
        ("import importlib\nN = importlib.import_module('a').N", {"hw3/a.py": "N = 1"}),
        ("exec('from a import N')", {"hw3/a.py": "N = 1"}),
        ("def get():\n  from a import N\n  return N\nN = get()", {"hw3/a.py": "N = 1"}),
        ("import torch\nfrom a import N", {"hw3/a.py": "import torch.nn as nn\nN = 1"}),
    ],
)
def test_layouts_that_work(zygote: Zygote, main: str, files: dict[str, str]) -> None:
    """Modules beside the file, above it, in mytorch, in packages and where sys.path is bent to are found."""
    with handed_in(zygote, main + F, files=files) as hand_in:
        assert hand_in.value().tolist() == [1, 1, 1]


def test_modules_everyone_has_cannot_be_shadowed(zygote: Zygote) -> None:
    """A numpy.py, json.py, sitecustomize.py or inside.py in the hand-in takes nobody's place."""
    bad = "raise SystemExit('shadowed')"
    names = (
        "numpy",
        "json",
        "sitecustomize",
        "usercustomize",
        "inside",
        "random",
        "conftest",
        "os",
        "adapter",
    )
    files = {f"{folder}{name}.py": bad for name in names for folder in ("", "hw3/")}
    main = "import numpy, json, random, os\nN = numpy.ones(1)[0] * len(json.loads('[1]'))"
    with handed_in(zygote, main + F, files=files) as hand_in:
        assert hand_in.value().tolist() == [1, 1, 1]


def test_the_module_is_never_run_as_main(zygote: Zygote) -> None:
    """`if __name__ == "__main__"` is not entered, and the module knows its name and file."""
    main = (
        "if __name__ == '__main__':\n  1 / 0\nassert __name__ == 'gru'\n"
        "assert __file__.endswith('/hw3/gru.py')\nN = 1"
    )
    with handed_in(zygote, main + F) as hand_in:
        assert hand_in.value().tolist() == [1, 1, 1]


def test_tracebacks_show_the_line_that_was_written(zygote: Zygote) -> None:
    """File, line and text of an error are right, also behind what other tools take for line ends."""
    other = "# \x0c \x85 \u2028 \x1c\n\x0c\ndef boom():\n    return 1 / 0  # here\n"
    with handed_in(zygote, "from a import boom\ndef f(x):\n    boom()", files={"hw3/a.py": other}) as hand_in:
        failure = hand_in.failure()
    assert (failure.file, failure.line) == ("hw3/a.py", 4)
    assert failure.traceback == (
        "Traceback (most recent call last):\n"
        '  File "hw3/gru.py", line 3, in f\n    boom()\n'
        '  File "hw3/a.py", line 4, in boom\n    return 1 / 0  # here\n'
        "ZeroDivisionError: division by zero"
    )


def test_source_can_be_inspected(zygote: Zygote) -> None:
    """inspect.getsource, which some hand-ins use for fun, reads from memory."""
    with handed_in(zygote, "import inspect\ndef f(x):\n    return len(inspect.getsource(f))") as hand_in:
        assert hand_in.value() == len("def f(x):\n    return len(inspect.getsource(f))\n") - 1


def test_a_syntax_error_in_another_file_names_it(zygote: Zygote) -> None:
    """An import that fails on another file's syntax says which file and line."""
    with handed_in(zygote, "import a" + F, files={"hw3/a.py": "\nx = = 2\n"}) as hand_in:
        hand_in.failure()
    (stopped,) = hand_in.session.importing.stopped
    assert stopped.failure is not None
    assert stopped.failure.message.startswith("`import a` raised SyntaxError: ")
    assert (stopped.failure.file, stopped.failure.line) == ("hw3/a.py", 2)


def test_what_is_not_there_is_not_found(zygote: Zygote) -> None:
    """A module that is neither in the hand-in nor Python's own raises ModuleNotFoundError, as anywhere."""
    with handed_in(zygote, "def f(x):\n  exec('import activation')") as hand_in:
        assert "ModuleNotFoundError: No module named 'activation'" in hand_in.failure().message


def test_files_that_are_imported_are_inspected_too(zygote: Zygote) -> None:
    """Foreign imports are found in local modules, by whatever import they are reached, and in no others."""
    files = {
        "hw3/__init__.py": "",
        "hw3/a.py": "import torch",
        "mytorch/nn/b.py": "import scipy",
        "hw3/never.py": "import keras",
    }
    main = "from . import a\nfrom mytorch.nn import b\ndef f(x): return x"
    with handed_in(zygote, main, files=files, starter="def f(x): pass") as hand_in:
        facts = hand_in.session.inspect()
    packages = {path: [one["package"] for one in found["imports"]] for path, found in facts.items()}
    assert packages == {
        "hw3/gru.py": [],
        "hw3/__init__.py": [],
        "hw3/a.py": ["torch"],
        "mytorch/nn/b.py": ["scipy"],
    }
    assert facts["hw3/gru.py"]["definitions"].keys() == {"f"}


def test_facts_of_a_hostile_hand_in_fit(zygote: Zygote) -> None:
    """Thousands of imports, functions and files still leave the first of them to be told."""
    imports = "".join(f"import {'é' * 90}{number}\n" for number in range(2_000))
    functions = "".join(f"def g{number}(): pass\n" for number in range(2_000))
    files = {f"hw3/m{number}.py": imports for number in range(9)}
    main = "import torch\n" + "".join(f"import m{number}\n" for number in range(9)) + imports + functions
    with handed_in(zygote, main, files=files) as hand_in:
        facts = hand_in.session.inspect()
    assert facts["hw3/gru.py"]["imports"][0]["package"] == "torch"
