"""Where a student's process comes from: its interpreter, its variables, the modules it may need.

The student's environment is a virtual environment of its own that holds NumPy alone. It stands beside the
grader's: `.venv-student` beside `.venv`. CELLGRADE_STUDENT_PYTHON names another interpreter.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.errors import SandboxError

VARIABLES = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    # The order of a set of strings would differ from run to run otherwise, and with it what is printed.
    "PYTHONHASHSEED": "0",
    # More threads would only wait for one another, and count against the limit on processes.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)", re.MULTILINE)
# Modules of the standard library that do something when they are imported.
NEVER_PRELOADED = {"antigravity", "this", "idlelib", "turtledemo", "__main__", "test"}
# Parts of NumPy that are loaded at their first use, when a job cannot open files any more.
LATE_NUMPY = (
    "char ctypeslib dtypes exceptions fft lib linalg ma polynomial rec strings testing typing".split()
)


def student_python() -> Path:
    """The student environment's interpreter.

    Raises:
        SandboxError: there is none.
    """
    named = os.environ.get("CELLGRADE_STUDENT_PYTHON")
    python = Path(named) if named else Path(f"{sys.prefix}-student") / "bin" / "python"
    if not python.exists():
        raise SandboxError(
            f"there is no student environment at {python}: `make setup` in the repository makes it, or set "
            "CELLGRADE_STUDENT_PYTHON to a Python that has NumPy and nothing else"
        )
    return python


def modules_needed(texts: Iterable[str]) -> list[str]:
    """Modules of the standard library and parts of NumPy that these sources name, to import beforehand.

    Found by pattern, not by parsing, since the sources are hostile and this is the grader. One too many
    does no harm.
    """
    return sorted({module for text in texts for module in _named(text)})


def _named(text: str) -> Iterator[str]:
    for listed in IMPORT.findall(text):
        for module in re.split(r"[ \t]*,[ \t]*", listed):
            top = module.partition(".")[0]
            if top in sys.stdlib_module_names and top not in NEVER_PRELOADED:
                yield module
    for part in LATE_NUMPY:
        if re.search(rf"\b{part}\b", text):
            yield f"numpy.{part}"
