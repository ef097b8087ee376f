"""Where a student's process comes from: its interpreter and its variables.

The student's environment is a virtual environment of its own that holds NumPy alone. It stands beside the
grader's: `.venv-student` beside `.venv`. CELLGRADE_STUDENT_PYTHON names another interpreter.
"""

from __future__ import annotations

import os
import sys
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


def student_python(environment: Environment = Environment.NUMPY) -> Path:
    """Return the interpreter of an environment.

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
