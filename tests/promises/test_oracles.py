"""What leaves the repository holds no right answer and no mistake: each artefact is made and looked into.

The image is looked into by tests/platforms/test_image.py.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from shipped import NAMES, ROOT, known, solutions_of

from grader import discovery
from grader.autolab import lab
from grader.autolab.dates import chosen
from grader.course import Course
from grader.declaration import ORACLES

SOURCES = {
    hashlib.sha256(content).hexdigest(): path
    for name in NAMES
    for files in solutions_of(name)
    for path, content in files.items()
    if path.endswith(".py") and content
}


def in_tar(content: bytes) -> dict[str, bytes]:
    """Path -> content of a tar's files."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        files = [(one.name, tar.extractfile(one)) for one in tar]
        return {name: file.read() for name, file in files if file is not None}


def in_zip(content: bytes) -> dict[str, bytes]:
    """Return the same of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def oracles(files: Mapping[str, bytes]) -> list[str]:
    """Paths of an artefact that are a solution, by their name or by their bytes, or hold one."""
    found = []
    for path, content in files.items():
        inside = path.split("assignments/", 1)[-1].split("/")[1:2] if "assignments/" in path else []
        if set(inside) & set(ORACLES) or hashlib.sha256(content).hexdigest() in SOURCES:
            found.append(path)
        if path.endswith(".tar"):
            found += [f"{path}: {one}" for one in oracles(in_tar(content))]
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files that a package is built from, where a build may write."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("grader", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.parametrize(
    ("target", "ending", "read"), [("wheel", "whl", in_zip), ("sdist", "tar.gz", in_tar)]
)
def test_a_package_holds_no_solution(
    checkout: Path, tmp_path: Path, target: str, ending: str, read: Callable[[bytes], dict[str, bytes]]
) -> None:
    """A wheel and a source distribution, as they are built: all assignments, and nothing that solves one."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (artefact,) = tmp_path.glob(f"*.{ending}")
    files = read(artefact.read_bytes())
    for name in NAMES:
        assert any(path.endswith(f"grader/assignments/{name}/assignment.py") for path in files)
    assert oracles(files) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_built_in", [True, False], ids=["built in", "own"])
def test_a_lab_and_its_handout_hold_no_solution(tmp_path: Path, name: str, is_built_in: bool) -> None:
    """What Autolab imports, the assignment that travels along, and what students are handed."""
    assignment = known(name)
    dates = lab.Setting(chosen(date(2026, 1, 5), None, None, None))
    built_in = discovery.BUILT_IN if is_built_in else tmp_path
    files = in_tar(lab.write(assignment, Course(name), dates, built_in))
    assert [path for path in files if path.endswith("-handout.tar")]
    assert oracles(files) == []


def test_what_would_be_an_oracle_is_seen() -> None:
    """A solution is seen by where it lies, and by its bytes wherever it lies, in a tar as well."""
    (name, *_), (files, *_) = NAMES, solutions_of(NAMES[0])
    source = next(content for path, content in files.items() if path.endswith(".py"))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("notes.py")
        member.size = len(source)
        tar.addfile(member, io.BytesIO(source))
    looked_into = {
        f"grader/assignments/{name}/mistakes.toml": b"",
        f"grader/assignments/{name}/right/a/b.py": b"",
        "elsewhere.py": source,
        "inner.tar": buffer.getvalue(),
        "fine.py": b"",
    }
    assert len(oracles(looked_into)) == 4


def test_what_tells_the_solution_changes_no_grade(tmp_path: Path) -> None:
    """A mistake that is added leaves what a batch kept; an equation or an adapter that changes does not."""
    rehearsal = ROOT / "tests" / "data" / "rehearsal"
    shutil.copytree(rehearsal / "assignments" / "elman", tmp_path / "elman")
    statement = tmp_path / "elman" / "statement.md"

    def digest() -> str:
        (assignment,) = discovery.assignments(tmp_path)
        return discovery.digest(assignment)

    before = digest()
    for path in ("mistakes.toml", "right/other/elman.py", "wrong/forward/other/elman.py"):
        (tmp_path / "elman" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "elman" / path).write_text("# new\n")
    statement.write_text(f"{statement.read_text()}\nMore words.\n")
    assert digest() == before
    assert statement.read_text().count("+ W_h h") == 1
    statement.write_text(statement.read_text().replace("+ W_h h", "− W_h h"))
    assert digest() != before

    for part in (rehearsal / "by_hand").glob("*.py"):
        shutil.copy(part, tmp_path / "elman")
    before = digest()
    with (tmp_path / "elman" / "adapter.py").open("a") as file:
        file.write("# new\n")
    assert digest() != before
