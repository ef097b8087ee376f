"""Where a student's process comes from: the environments for hand-ins.

The student's environment is a virtual environment of its own that holds NumPy alone. It stands beside the
grader's: `.venv-student` beside `.venv`. CELLGRADE_STUDENT_PYTHON names another interpreter.
"""

from __future__ import annotations

from pathlib import Path

from grader.declaration import Environment
from grader.errors import SandboxError
from grader.sandbox import student


def student_python(environment: Environment = Environment.NUMPY) -> Path:
    """Return the interpreter of an environment.

    It is CELLGRADE_STUDENT_PYTHON, or that of `.venv-student`; where there is torch, it is
    CELLGRADE_STUDENT_TORCH_PYTHON, or that of `.venv-student-torch`.

    Raises:
        SandboxError: there is none.
    """
    where = environment.installed_in
    python = Path(student.interpreter(where))
    if not python.is_file():
        made = "setup" if environment is Environment.NUMPY else where
        raise SandboxError(
            f"there is no student environment at {python}: `make {made}` in the repository makes it; "
            f"or set {student.variable(where)} to a Python with {' and '.join(environment.packages)} "
            "and nothing else"
        )
    return python
