"""macOS and Windows, as far as that can be told on Linux: a Python that lacks what theirs lack grades.

`elsewhere.py` takes it away, in the grader's process and in the student's. The fresh processes themselves are
tested in `test_fresh.py`; the types for both systems in `test_code_quality.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shipped
from attack_runner import lay

from grader.inside import lockdown
from grader.sandbox import environment
from grader.sandbox.failures import without_places

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "gru_cell"
WRONG = shipped.all_wrong("gru_cell")[::7]
SYSTEMS = {"darwin": "macOS", "win32": "Windows"}
# Not those that would do to this machine what no layer there keeps them from.
HOSTILE = """
    resources/endless_loop resources/stdout_flood resources/null_pointer channel/exit_midway
    channel/garbage channel/half_frame channel/hang_up
    state/stdout_replaced reports/terminal
""".split()

# A Python that has become another system, which then grades what it is told, and says what came of it.
GRADE = """
import json, sys
from dataclasses import replace
from functools import cache
from pathlib import Path
import hypothesis, numpy, torch  # they choose by the system what to load
if sys.argv[1] != "linux":
    import elsewhere
    elsewhere.become(sys.argv[1])
from grader import cli, discovery, engine
from grader.declaration import Limits
from grader.report import json_report
gru, = (one for one in discovery.assignments() if one.name == "gru_cell")
limits = Limits(call_s=1.5, total_s=12, cpu_s=5, memory_bytes=1 << 30, output_bytes=1 << 20)
gru = replace(gru, suites={"cells": cache(gru.suites["cells"])}, limits=limits)
options = engine.Options(assignment="gru_cell", unsandboxed=True)
found = {}
for path in sys.argv[2:]:
    report = engine.grade(Path(path), [gru], options)
    found[path] = json.loads(json_report.render(report))
print(json.dumps(found))
"""
RUN = """
import sys
import hypothesis, numpy, torch
import elsewhere
elsewhere.become(sys.argv.pop(1))
from grader.__main__ import run
run()
"""


@pytest.fixture(scope="module")
def hand_ins(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Paths: the model as a folder, as a tar and alone, wrong answers, and attacks."""
    folder = tmp_path_factory.mktemp("hand-ins")
    archive = shutil.make_archive(str(folder / "handin"), "gztar", MODEL)
    found = [MODEL, Path(archive), MODEL / "hw3" / "gru.py", *map(shipped.wrong, WRONG)]
    for name in HOSTILE:
        (place := folder / name.replace("/", "_")).mkdir()
        found.append(lay(ROOT / "tests" / "data" / "attacks" / f"{name}.py", MODEL.parent, place))
    return [str(path) for path in found]


def student_python(system: str, folder: Path) -> Path:
    """Return the student's Python, made to become that system when it starts."""
    shutil.copy(ROOT / "tests/support/elsewhere.py", folder / "sitecustomize.py")
    (folder / "system").write_text(system)
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={folder} exec {environment.student_python()} "$@"\n')
    python.chmod(0o755)
    return python


def ran(code: str, system: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code as on that system; its temporary folder must be left empty."""
    temporary = folder / "tmp"
    temporary.mkdir()
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    variables = {**os.environ, "PYTHONPATH": paths, "TMPDIR": str(temporary)}
    if system != "linux":
        variables["CELLGRADE_STUDENT_PYTHON"] = str(student_python(system, folder))
    command = [sys.executable, "-P", "-c", code, system, *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300)
    assert list(temporary.iterdir()) == []
    return done


@cache
def graded(system: str, folder: Path, *paths: str) -> Any:
    """Return what came of each hand-in there."""
    folder.mkdir()
    done = ran(GRADE, system, folder, *paths)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_grades_there_as_it_does_here(
    system: str, hand_ins: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every report is the same, but for the line that nothing is isolated, and the words for a crash."""
    base = tmp_path_factory.getbasetemp()
    here = graded("linux", base / "linux", *hand_ins)
    there = graded(system, base / system, *hand_ins)
    for path in hand_ins:
        isolation = there[path].pop("isolation")
        assert isolation is not None, there[path]["message"]
        assert not isolation["isolated"]
        off = {layer.partition(":")[0]: layer for layer in isolation["off"]}
        on = {lockdown.LIMITS} if system == "darwin" else set()
        assert set(isolation["on"]) == on
        assert set(off) == set(lockdown.LAYERS) - on
        assert all(layer.endswith(f": not on {SYSTEMS[system]}") for layer in off.values())
        expected = {key: value for key, value in here[path].items() if key != "isolation"}
        if system == "win32":
            expected = json.loads(
                json.dumps(expected).replace("Python itself (SIGSEGV)", "Python itself (0xC0000005)")
            )
        assert there[path] == expected, path
    assert [there[path]["score"] for path in hand_ins[:3]] == [100, 100, 100]


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_refuses_there_and_says_how_to_go_on(system: str, tmp_path: Path) -> None:
    """Without --allow-unsandboxed nothing is run or recorded; the sentence names Docker, and that option."""
    done = ran(RUN, system, tmp_path, "grade", str(MODEL))
    assert done.returncode == 3, done.stderr
    said = " ".join(done.stdout.split())
    assert f"few system calls (seccomp): not on {SYSTEMS[system]}" in said
    assert "cellgrade's Docker image" in said
    assert "--allow-unsandboxed: the report then says NOT ISOLATED" in said


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_self_check_says_that_nothing_is_isolated(system: str, tmp_path: Path) -> None:
    """With the option the report has the points, and says in its head what is not kept apart."""
    done = ran(RUN, system, tmp_path, "grade", "--allow-unsandboxed", str(MODEL))
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert f"NOT ISOLATED: empty root folder: not on {SYSTEMS[system]}" in said
    assert "Total 100 / 100" in said


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_doctor_says_what_to_do_there(system: str, tmp_path: Path) -> None:
    """Each layer is listed, and the one advice that helps is given once."""
    done = ran(RUN, system, tmp_path, "doctor")
    assert done.returncode == 1, done.stdout + done.stderr
    for layer in lockdown.LAYERS:
        is_on = system == "darwin" and layer == lockdown.LIMITS
        assert f"on    {layer}" if is_on else f"OFF   {layer}: not on {SYSTEMS[system]}" in done.stdout
    assert done.stdout.count("Docker image") == 1
    assert "--allow-unsandboxed" in done.stdout
    assert "NOT ISOLATED" in done.stdout


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_linuxs_alone_is_refused_there(system: str, tmp_path: Path) -> None:
    """`image-check` says where it is to be run; it is wrong usage, and no fault."""
    done = ran(RUN, system, tmp_path, "image-check")
    assert (done.returncode, done.stdout) == (2, "")
    assert "image-check looks at a Docker image from within" in done.stderr


def test_the_students_python_is_where_windows_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a virtual environment on Windows the interpreter is Scripts/python.exe."""
    monkeypatch.delenv("CELLGRADE_STUDENT_PYTHON", raising=False)
    monkeypatch.setattr("sys.prefix", "/nowhere/.venv")
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(Exception, match=r"/nowhere/.venv-student/Scripts/python\.exe"):
        environment.student_python()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            r"in C:\Users\a b\.venv-student\Lib\site-packages\numpy\core.py",
            r"in ...\site-packages\numpy\core.py",
        ),
        (r"C:\Python311\Lib\json\decoder.py: no", r"...\Lib\json\decoder.py: no"),
        ("<GRU_Cell object at 0x000001F2A0B4C6D0>", "<GRU_Cell object at 0x...>"),
        (r"a: b\c", r"a: b\c"),
    ],
)
def test_places_on_windows_are_no_part_of_a_report(text: str, shown: str) -> None:
    """Where Python and NumPy are installed there, and where an object lies, differs and is left out."""
    assert without_places(text) == shown
