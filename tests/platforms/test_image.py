"""The image, on a real engine: it grades what a student's tar holds, and keeps the solution to itself."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shipped import NAMES, solutions_of

from grader.declaration import ORACLES

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "gru_cell"
ASSIGNMENT = ROOT / "grader" / "assignments" / "gru_cell"
PROBLEMS = {"GRU Cell Forward", "GRU Cell Backward"}
# `env`, because setpriv itself still has root's eyes when it looks for the command.
OTHER_USER = ["setpriv", "--reuid", "4321", "--regid", "4321", "--clear-groups", "env"]
ANOTHER = ("--user", "1000:1000")
LESS = ("--cap-drop", "ALL")
TANGO = ("--ulimit", "nproc=100", "--ulimit", "fsize=104857600")  # as it limits every job

# What a hand-in may try before it answers: each thing that it gets at costs it the answer.
NOSY = """

import os as _os
for _name in ("torch", "reference", "grader", "hypothesis", "pip"):
    try:
        __import__(_name)
    except ImportError:
        continue
    raise SystemExit(_name)
for _look, _path in (
    (_os.listdir, "/opt/cellgrade"),
    (_os.listdir, "/root"),
    (_os.stat, "/opt/cellgrade"),
    (open, "/opt/cellgrade/pyvenv.cfg"),
    (open, "REFERENCE"),
    (open, "/handin.tar"),
    (open, "/proc/self/maps"),
):
    try:
        _look(_path)
    except OSError:
        continue
    raise SystemExit(_path)
"""
REFERENCE = "/opt/cellgrade/lib/python3.11/site-packages/reference/gru.py"


def run_in(image: str, *command: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command (the image's own, if none is given) in a fresh container without a network."""
    return subprocess.run(
        ["docker", "run", "--rm", "--network", "none", *options, image, *command],
        capture_output=True,
        text=True,
        timeout=300,
    )


def pack(folder: Path, tar: Path) -> Path:
    """Return what `tar -czf` makes of a folder's hw3: the hand-in that the statement asks for."""
    subprocess.run(["tar", "-czf", tar, "--exclude=__pycache__", "-C", folder, "hw3"], check=True)
    return tar


def mounted(tar: Path) -> tuple[str, ...]:
    return ("--volume", f"{tar}:/handin.tar:ro")


def autolab_scores(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the scores as Autolab reads them: its substitution, then JSON, on the last line that is not
    blank.
    """
    assert run.returncode == 0, run.stdout + run.stderr
    last = run.stdout.rstrip().splitlines()[-1]
    scores = json.loads(re.sub(r"([a-zA-Z0-9]+):", r'"\1":', last))["scores"]
    assert isinstance(scores, dict)
    assert scores, last
    return scores


def test_the_model_hand_in_gets_full_points(image: str, tmp_path: Path) -> None:
    """`docker run` with no command grades /handin.tar, and its last line is Autolab's."""
    run = run_in(image, options=mounted(pack(MODEL, tmp_path / "handin.tar")))
    assert autolab_scores(run) == {"GRU Cell Forward": 30, "GRU Cell Backward": 70}
    assert run.stderr == ""


def test_two_containers_print_the_same_bytes(image: str, tmp_path: Path) -> None:
    """Nothing of a container, its name or its clock, is in what it prints."""
    options = mounted(pack(MODEL, tmp_path / "handin.tar"))
    assert run_in(image, options=options).stdout == run_in(image, options=options).stdout


def test_the_starter_gets_nothing(image: str, tmp_path: Path) -> None:
    """What students are given is worth no point."""
    run = run_in(image, options=mounted(pack(ASSIGNMENT / "starter", tmp_path / "handin.tar")))
    assert autolab_scores(run) == {"GRU Cell Forward": 0, "GRU Cell Backward": 0}


@pytest.mark.parametrize("options", [(), ANOTHER], ids=["root", "user"])
def test_a_nosy_hand_in_finds_nothing(image: str, tmp_path: Path, options: tuple[str, ...]) -> None:
    """A hand-in that gives up once it gets at the reference or the grader still gets all points.

    As another user too, who could well read the files that the job must not: no file's mode keeps it out.
    """
    assert run_in(image, "cat", REFERENCE, options=options).returncode == 0
    folder = tmp_path / "nosy" / "hw3"
    folder.mkdir(parents=True)
    nosy = NOSY.replace("REFERENCE", REFERENCE)
    for file in (MODEL / "hw3").glob("*.py"):
        (folder / file.name).write_text(file.read_text() + (nosy if file.name == "gru.py" else ""))
    run = run_in(image, options=(*options, *mounted(pack(folder.parent, tmp_path / "handin.tar"))))
    assert autolab_scores(run) == {"GRU Cell Forward": 30, "GRU Cell Backward": 70}


def test_without_a_hand_in_the_last_line_is_still_autolabs(image: str) -> None:
    """No file was mounted: no points, no traceback, and a line that Autolab can read."""
    run = run_in(image)
    assert not any(autolab_scores(run).values())
    assert "Traceback" not in run.stdout + run.stderr


def test_an_empty_folder_in_place_of_the_hand_in(image: str, tmp_path: Path) -> None:
    """Docker mounts an empty folder for a path that does not exist: no points, no traceback, a last line."""
    run = run_in(image, options=mounted(tmp_path))
    assert not any(autolab_scores(run).values())
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    "options",
    [("--read-only",), ("--cap-drop", "ALL"), ("--read-only", "--cap-drop", "ALL", "--memory", "1g")],
    ids=" ".join,
)
def test_a_container_with_less_never_breaks_the_last_line(
    image: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """No writable disk, no privileges: graded or not recorded (null), but always said in Autolab's words."""
    tar = pack(MODEL, tmp_path / "handin.tar")
    run = run_in(image, options=(*options, *mounted(tar)))
    scores = autolab_scores(run)
    assert set(scores) == PROBLEMS
    assert all(score is None or score > 0 for score in scores.values()), run.stdout
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    "options",
    [
        ANOTHER,
        LESS,
        (*ANOTHER, *LESS),
        # A disk that cannot be written needs only a /tmp in memory.
        ("--read-only", "--tmpfs", "/tmp"),
        ("--read-only", "--tmpfs", "/tmp", *ANOTHER),
        TANGO,
        (*TANGO, *ANOTHER),
    ],
    ids=" ".join,
)
def test_it_grades_the_same_under_any_restriction(
    image: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Full points as any user and with less of everything; NOT ISOLATED stands there when a layer is off."""
    run = run_in(image, options=(*options, *mounted(pack(MODEL, tmp_path / "handin.tar"))))
    assert autolab_scores(run) == {"GRU Cell Forward": 30, "GRU Cell Backward": 70}
    assert ("NOT ISOLATED" in run.stdout) == (ANOTHER[0] in options or LESS[0] in options)


def test_as_root_the_doctor_finds_every_layer_on(image: str) -> None:
    """The image's own user, Docker's default profile and capabilities: nothing is off, exit status 0."""
    run = run_in(image, "cellgrade", "doctor")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "OFF" not in run.stdout
    assert "NOT ISOLATED" not in run.stdout
    assert len(re.findall("^on ", run.stdout, re.MULTILINE)) == 7


@pytest.mark.parametrize("options", [ANOTHER, LESS, (*ANOTHER, *LESS)], ids=" ".join)
def test_with_less_the_doctor_names_what_is_off(image: str, options: tuple[str, ...]) -> None:
    """Without root's privileges its two layers are off, and no other; advice, NOT ISOLATED, exit status 1."""
    run = run_in(image, "cellgrade", "doctor", options=options)
    assert run.returncode == 1, run.stdout + run.stderr
    off = set(re.findall("^OFF +([^:]+):", run.stdout, re.MULTILINE))
    assert "own user id" in off
    assert off <= {"own user id", "empty root folder"}
    assert len(re.findall("^on ", run.stdout, re.MULTILINE)) == 5
    assert "run cellgrade as root" in run.stdout
    assert "NOT ISOLATED" in run.stdout


NO_KILL = ("--cap-drop", "ALL", "--cap-add", "SETUID", "--cap-add", "SETGID", "--cap-add", "SYS_CHROOT")


def test_who_could_not_be_ended_does_not_become_another(image: str, tmp_path: Path) -> None:
    """Without the capability KILL a hand-in that hangs is ended all the same; the report names the layer."""
    (tmp_path / "hw3").mkdir()
    (tmp_path / "hw3" / "gru.py").write_text("while True:\n    pass\n")
    (tmp_path / "course.toml").write_text("[limits]\ncall_s = 1\ntotal_s = 2\n")
    volumes = (*mounted(pack(tmp_path, tmp_path / "handin.tar")), "--volume", f"{tmp_path}:/course:ro")
    command = (
        "cellgrade grade /handin.tar --format autolab --assignment gru_cell --course /course/course.toml"
    )
    run = run_in(image, *command.split(), options=(*NO_KILL, *volumes))
    assert autolab_scores(run) == {"GRU Cell Forward": 0, "GRU Cell Backward": 0}
    assert "own user id: the capability KILL is missing" in run.stdout


def test_a_platform_runs_its_own_command(image: str) -> None:
    """There is no ENTRYPOINT, and the image works as root, as Tango wants it."""
    config = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{json .Config}}", image], capture_output=True, check=True
    )
    settings = json.loads(config.stdout)
    assert not settings.get("Entrypoint")
    assert settings.get("User", "") in ("", "root")
    assert not [variable for variable in settings["Env"] if variable.startswith("PYTHON")]
    assert run_in(image, "id", "-un").stdout == "root\n"


def test_no_solution_is_in_the_image(image: str) -> None:
    """No file of the image is a model hand-in, a right answer or a mistake, under whatever name."""
    shipped_files = [files for name in NAMES for files in solutions_of(name)]
    solutions = {
        hashlib.sha256(content).hexdigest(): path
        for files in shipped_files
        for path, content in files.items()
        if path.endswith(".py") and len(content) > 100  # a line that imports may be anybody's
    }
    assert len(solutions) > 300
    listed = run_in(
        image, "find", "/", "-xdev", "-type", "f", "-name", "*.py", "-exec", "sha256sum", "{}", "+"
    )
    inside = dict(line.split(maxsplit=1) for line in listed.stdout.splitlines())
    assert len(inside) > 1000
    assert not {path: inside[digest] for digest, path in solutions.items() if digest in inside}
    for oracle in ORACLES:
        assert run_in(image, "find", "/", "-xdev", "-path", f"*/assignments/*/{oracle}*").stdout == ""


def test_no_wheel_and_no_installer_is_left(image: str) -> None:
    """What only the build needed takes no room, and offers nothing to a hand-in."""
    assert run_in(image, "find", "/", "-xdev", "-name", "*.whl", "-o", "-xdev", "-name", "pip").stdout == ""


def test_another_user_can_run_the_grader(image: str) -> None:
    """A platform may start the image as any user: to them our environment is readable, not writable.

    That is safe: a hand-in opens no file whoever it runs as, and no hand-in, right or wrong, is there.
    """
    run = run_in(image, "cellgrade", "assignments", options=ANOTHER)
    assert run.returncode == 0, run.stderr
    assert "gru_cell" in run.stdout
    assert (
        run_in(image, "stat", "-c", "%a", "/opt/cellgrade", "/opt/cellgrade-student").stdout == "755\n755\n"
    )
    assert run_in(image, "find", "/opt", "-perm", "/022", "!", "-type", "l").stdout == ""


def test_the_students_environment_is_numpy_alone(image: str) -> None:
    """Any user can run it, its NumPy is the grader's, and there is no other package."""
    student, grader = "/opt/cellgrade-student/bin/python", "/opt/cellgrade/bin/python"
    packages = (
        "import importlib.metadata as m; print(sorted(d.name + '==' + d.version for d in m.distributions()))"
    )
    found = run_in(image, *OTHER_USER, student, "-c", packages)
    numpy = run_in(image, grader, "-c", "import numpy; print(numpy.__version__)").stdout.strip()
    assert found.stdout.strip() == f"['numpy=={numpy}']", found.stderr
    for absent in ("torch", "reference", "grader", "pip", "setuptools"):
        assert run_in(image, student, "-c", f"import {absent}").returncode == 1


def test_everything_is_compiled(image: str) -> None:
    """Python compiles nothing at run time: in a fresh container, that would cost every grading anew."""
    count = (
        "import pathlib, sys, importlib.util\n"
        "for name in sys.argv[1:]:\n"
        "    folder = pathlib.Path(importlib.util.find_spec(name).origin).parent\n"
        "    missing = [p for p in folder.glob('*.py')\n"
        "               if not pathlib.Path(importlib.util.cache_from_source(str(p))).exists()]\n"
        "    print(name, missing)\n"
    )
    graders = run_in(image, "/opt/cellgrade/bin/python", "-c", count, "grader", "reference", "numpy", "torch")
    assert graders.stdout == "grader []\nreference []\nnumpy []\ntorch []\n", graders.stderr
    students = run_in(image, "/opt/cellgrade-student/bin/python", "-c", count, "numpy", "json")
    assert students.stdout == "numpy []\njson []\n", students.stderr
