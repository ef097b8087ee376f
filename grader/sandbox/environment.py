"""Where a student's process comes from: its interpreter, its variables, the modules it may need.

The student's environment is a virtual environment of its own that holds NumPy alone. It stands beside the
grader's: `.venv-student` beside `.venv`. CELLGRADE_STUDENT_PYTHON names another interpreter.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from grader import threads
from grader.declaration import Environment
from grader.errors import SandboxError

VARIABLES = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    # The order of a set of strings would differ from run to run otherwise, and with it what is printed.
    "PYTHONHASHSEED": "0",
    # More threads would only wait for one another, and count against the limit on processes.
    **dict.fromkeys(threads.VARIABLES, "1"),
}

if sys.platform == "win32":  # by these Windows finds its own libraries
    VARIABLES |= {name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR") if name in os.environ}

# `import a.b as c, d`, `from a.b import (c, d`, `__import__("a")`, `import_module("a")`: wherever they stand.
IMPORT = re.compile(r"\bimport[ \t]+([\w., \t]+)")
IMPORT_FROM = re.compile(r"\bfrom[ \t]+([\w.]{1,100})[ \t]+import\b[ \t(]*([\w., \t]*)")
IMPORT_CALL = re.compile(r"""(?:__import__|import_module)\([ \t]*["']([\w.]+)["']""")
MAX_NEEDED = 1_000
MAX_NAMED = 20_000
# Modules of the standard library that do something when they are imported: they open a browser, print a
# poem, install pip.
NEVER_PRELOADED = {"antigravity", "this", "idlelib", "turtledemo", "__main__", "test", "tests", "ensurepip"}
# Parts of NumPy that are loaded at their first use, when a job cannot open files any more.
LATE_NUMPY = (
    "char core ctypeslib dtypes exceptions fft lib linalg ma matlib polynomial rec strings testing typing"
).split()


# What Python and NumPy themselves import at the first use of something: by the words that name it.
LATE_PYTHON = {
    r"concurrent": "concurrent.futures.thread concurrent.futures.process",
    r"multiprocessing": "multiprocessing.pool multiprocessing.dummy",
    r"savez\w*|load": "zipfile",
    r"loadtxt|genfromtxt": "urllib.error",
}


def student_python(environment: Environment = Environment.NUMPY) -> Path:
    """The interpreter of an environment.

    It is CELLGRADE_STUDENT_PYTHON, or that of `.venv-student`; for torch, CELLGRADE_STUDENT_TORCH_PYTHON, or
    that of `.venv-student-torch`.

    Raises:
        SandboxError: there is none.
    """
    kind = "" if environment is Environment.NUMPY else f"-{environment}"
    variable = f"CELLGRADE_STUDENT{kind.replace('-', '_').upper()}_PYTHON"
    named = os.environ.get(variable)
    folder = Path(f"{sys.prefix}-student{kind}")
    inside = folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"
    python = Path(named) if named else inside
    if not python.is_file():
        made = "setup" if environment is Environment.NUMPY else str(environment)
        raise SandboxError(
            f"there is no student environment at {python}: `make {made}` in the repository makes it; "
            f"or set {variable} to a Python with {' and '.join(environment.packages)} and nothing else"
        )
    return python


def modules_needed(texts: Iterable[str]) -> list[str]:
    """Modules of the standard library and parts of NumPy that these sources name, to import beforehand.

    Found by pattern, not by parsing, since the sources are hostile and this is the grader. One too many
    does no harm, nor does a name that is no module (`from math import exp` gives math.exp as well).
    """
    named = (module for text in texts for module in _named(text))
    found = {module for module in islice(named, MAX_NAMED) if _is_harmless(module)}
    return sorted(found, key=lambda module: (module.count("."), module))[:MAX_NEEDED]


def _is_harmless(module: str) -> bool:
    parts = module.split(".")
    known = parts[0] in sys.stdlib_module_names or parts[0] == "numpy"
    return known and NEVER_PRELOADED.isdisjoint(parts)


def _named(text: str) -> Iterator[str]:
    for listed in IMPORT.findall(text):
        yield from _listed(listed)
    for package, listed in IMPORT_FROM.findall(text):
        yield package
        yield from (f"{package}.{name}" for name in _listed(listed))
    yield from IMPORT_CALL.findall(text)
    for words, modules in LATE_PYTHON.items():
        if re.search(rf"\b(?:{words})\b", text):
            yield from modules.split()
    for part in LATE_NUMPY:
        if re.search(rf"\b{part}\b", text):
            yield f"numpy.{part}"


def _listed(names: str) -> Iterator[str]:
    """The names in `a as b, c`."""
    return (words[0] for name in names.split(",") if (words := name.split()))
