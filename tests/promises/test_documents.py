"""The documents are true today: their commands run, their links lead somewhere, the picture is real."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "benchmarks" / "README.md",
]
BIN = Path(sys.executable).parent

# Run elsewhere: these are what runs this very test, or what test_image.py and test_benchmarks.py run.
MAKES_THIS_RUN = "make test"
TAKES_MINUTES = "make bench"
BEFORE_THIS_RUN = ("make setup", "make torch")
CHECKS_THE_CODE = "make check"


def commands(document: Path) -> list[str]:
    """Return the lines of all ```sh blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def shell(command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=cwd, capture_output=True, text=True, timeout=600
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that looks like this checkout, with its environments, in which commands may write."""
    folder = tmp_path_factory.mktemp("checkout")
    for entry in ROOT.iterdir():
        if entry.name not in ("build", ".git"):
            (folder / entry.name).symlink_to(entry)
    (folder / "build").mkdir()
    settings = re.search(r"^```toml\n(.*?)^```", (ROOT / "docs" / "autolab.md").read_text(), re.M | re.S)
    assert settings is not None
    (folder / "build" / "course.toml").write_text(settings[1])
    (folder / "build" / "marks.csv").write_text("student,problem,points,comment\n")
    done = shell(
        "tar -czf build/handin.tar -C src/gru_cell hw3 && mkdir build/hand-ins &&"
        "cp build/handin.tar build/hand-ins/ada.tar && cp build/handin.tar build/hand-ins/blaise.tar",
        folder,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    "command",
    [c for d in DOCUMENTS for c in commands(d) if ".venv/bin/" in c],
)
def test_a_command_of_the_documents_runs(command: str, checkout: Path) -> None:
    """Each command that needs no more than the two environments ends well."""
    done = shell(command.replace(".venv/bin/", f"{BIN}/"), checkout)
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_grade_prints_the_report_on_the_sample(checkout: Path) -> None:
    """The recipe of `make grade` ends in a grading of the sample hand-in."""
    recipe = shell("make --no-print-directory --dry-run grade").stdout
    graded = [line for line in recipe.splitlines() if "cellgrade grade" in line]
    assert len(graded) == 1
    done = shell(graded[0].lstrip("@").replace(".venv/bin/", f"{BIN}/"), checkout)
    assert done.returncode == 0, done.stderr
    assert "Total                     100 / 100" in done.stdout


def test_make_test_runs_pytest() -> None:
    """The README's second command is what runs this test."""
    assert MAKES_THIS_RUN in commands(ROOT / "README.md")
    assert "-m pytest" in shell("make --no-print-directory --dry-run test").stdout


def test_make_lint_checks_what_the_tests_check() -> None:
    """What CONTRIBUTING tells to run: what test_code_quality.py runs, in the environments of this test."""
    dry = "make --no-print-directory --dry-run "
    lint = shell(CHECKS_THE_CODE.replace("make ", dry)).stdout
    for part in ("ruff format --check", "ruff check", "mypy grader reference benchmarks tests"):
        assert part in lint
    for command in BEFORE_THIS_RUN:
        assert shell(command.replace("make ", dry)).returncode == 0


@pytest.mark.xdist_group("image")
def test_the_docker_commands_run(docker_engine: str, checkout: Path) -> None:
    """`docker build` and `docker run` as the documents write them end well, a grading in Autolab's line."""
    docker = dict.fromkeys(c for document in DOCUMENTS for c in commands(document) if c.startswith("docker "))
    builds = [command for command in docker if command.startswith("docker build ")]
    assert builds
    assert shell(".ci/wheel").returncode == 0
    for command in builds:
        # The classic builder wants the host's network here; the README's reader has a bridge.
        built = shell(command.replace("docker build", "docker build --network host"))
        assert built.returncode == 0, built.stderr
    for command in docker:
        if command in builds:
            continue
        assert command.startswith("docker run ")
        run = shell(command, checkout)
        assert run.returncode == 0, run.stdout + run.stderr
        if "/handin.tar" in command:
            assert run.stdout.rstrip().splitlines()[-1].startswith('{"scores"')


def test_no_command_is_forgotten() -> None:
    """Every command of the documents is run by one of the tests above, or is one of those named here."""
    elsewhere = {MAKES_THIS_RUN, "make grade", TAKES_MINUTES, *BEFORE_THIS_RUN, CHECKS_THE_CODE}
    for document in DOCUMENTS:
        for command in commands(document):
            known = ".venv/bin/" in command or command.startswith("docker ") or command in elsewhere
            assert known, f"{document.name}: {command}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link, and every path in backquotes that has a folder in it, is there."""
    text = document.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (document.parent / target).exists(), target
    for path in re.findall(r"`((?:grader|reference|tests|src|docs|benchmarks)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_the_picture_is_of_a_real_report() -> None:
    """docs/report.svg is what docs/picture.py draws from today's report."""
    spec = importlib.util.spec_from_file_location("picture", ROOT / "docs" / "picture.py")
    assert spec is not None
    assert spec.loader is not None
    picture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(picture)
    assert picture.PICTURE.read_text() == picture.draw(), "run: python docs/picture.py"


def test_the_readme_is_short() -> None:
    """Two screens at most: a newcomer reads it to the end."""
    assert len((ROOT / "README.md").read_text().splitlines()) <= 90
