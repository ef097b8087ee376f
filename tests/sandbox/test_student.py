"""The student's interpreter, started ahead of who needs it, and what it brings into memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_jobs import handed_in

from grader import inside
from grader.declaration import Environment
from grader.sandbox import environment, student
from grader.sandbox.zygote import Zygote

assert sys.platform == "linux"

PYTHON = str(environment.student_python())


@pytest.fixture(autouse=True)
def nothing_ahead() -> Iterator[None]:
    yield
    student.end_ahead()


def test_what_was_started_ahead_is_taken_once() -> None:
    """A zygote is the process that was on its way, and answers; the next one is another."""
    student.start_ahead()
    ahead = student._ahead
    assert ahead is not None
    with Zygote() as first, Zygote() as second:
        assert first._process is ahead
        assert second._process is not ahead
        for zygote in (first, second):
            with handed_in(zygote, "def f(x): return x") as hand_in:
                assert hand_in.value().tolist() == [0, 1, 2]


def test_another_interpreter_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was started is what was named then, for NumPy alone."""
    student.start_ahead()
    assert student.taken_ahead(student.zygote(PYTHON, Environment.TORCH.packages)) is None
    (tmp_path / "python").symlink_to(sys.executable)
    assert student.taken_ahead(student.zygote(str(tmp_path / "python"), ("numpy",))) is None
    assert student._ahead is not None


def test_what_nobody_takes_is_ended() -> None:
    """No process and no descriptor of it is left."""
    fds = os.listdir("/proc/self/fd")
    student.start_ahead()
    assert student._ahead is not None
    pid = student._ahead.pid
    student.end_ahead()
    assert not Path(f"/proc/{pid}").exists()
    assert os.listdir("/proc/self/fd") == fds


def test_an_interpreter_that_is_not_there_is_no_error_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who needs it says so."""
    fds = os.listdir("/proc/self/fd")
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", "/nonexistent/python")
    student.start_ahead()
    assert student._ahead is None
    assert os.listdir("/proc/self/fd") == fds


def test_a_zygote_inherits_its_socket_alone() -> None:
    """Whatever descriptors the grader was started with, and would pass on: a platform's, a lock's."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        with Zygote() as zygote, handed_in(zygote, "def f(x): return x") as hand_in:
            hand_in.value()
            held = {os.readlink(path) for path in Path(f"/proc/{zygote._process.pid}/fd").iterdir()}
            assert f"pipe:[{os.fstat(writing).st_ino}]" not in held
    finally:
        os.close(reading)
        os.close(writing)


def test_what_few_hand_ins_import_is_not_imported_beforehand() -> None:
    """It lies ready as bytecode: each module that is imported makes every start later, every fork slower."""
    code = (
        "import sys; sys.path.append(sys.argv[1])\n"
        "from inside import preload; preload.everything(['numpy'])\n"
        "print(*sys.modules)"
    )
    above = str(Path(inside.__file__).parents[1])
    done = subprocess.run(
        [PYTHON, "-s", "-P", "-c", code, above], capture_output=True, text=True, check=True, cwd="/"
    )
    few = """
        email importlib.abc importlib.metadata logging numpy.ma numpy.polynomial numpy.typing sysconfig
        tempfile
    """
    assert not {*few.split()} & {*done.stdout.split()}
    assert {"numpy.random", "numpy.fft", "_ssl", "_decimal"} <= {*done.stdout.split()}
