"""The attack suite: hostile hand-ins, one file each, and what must become of them wherever cellgrade runs.

An attack stands in tests/data/attacks/<group>/<name>.py and begins with comment lines such as `# key: value`:

    # attack: what it tries, in a few words
    # earns: the points that its honest part is worth at most (0, 30 or 100)
    # stopped by: the layer or part of ours that stops it
    # call_s: seconds that each call may take, for those that hang (0.5 if it is left out)
    # assignment: what it is a hand-in for, where its folder does not say so (gru_cell if it is left out)
    # with: a file of tests/data/attacks that is laid beside it
    # honest: no, where it must find no right answer beside it
    # says: what stands in the report then, so that the attack is known to have come that far (optional)

It is graded as the file that its assignment wants, such as hw3/gru.py; beside it lies `honest.py`, the model
hand-in, for `from honest import *`. What does not hang is graded again by a grader that has met others'
hand-ins: those of the group neighbours, which look for them, as the second and behind all others of their
assignment. A file in tests/data/attacks/archives/ defines `build(path: Path) -> None` instead, which writes a
hostile archive. What follows a line `# file: NAME` is a file of that name beside it, escapes in the name read
as Python's.

`attack_runner.py` grades them all, once as root and once as an ordinary user, here and in Docker; and once
more, here, with each of them in a notebook below a cell that raises.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attack_runner import MAINS, attacked, declared, name

from grader.report import autolab_reading
from grader.sandbox.jobs import FIRST_UID

ROOT = Path(__file__).parents[2]
ATTACKS = sorted((ROOT / "tests" / "data" / "attacks").glob("*/*.py"))
MEMORY_KIB = 1 << 19  # of the grader, at its largest: torch is in it
TIME_S = 900  # for all attacks in one place; more means that one of them holds us up
ROOTS_ALONE = {"empty root folder", "own user id"}
LAYERS = ROOTS_ALONE | {
    "undumpable",
    "resource limits",
    "no new privileges",
    "no files (Landlock)",
    "few system calls (seccomp)",
}
SYSTEM_PYTHON = "/usr/bin/python3"  # any user may run it, wherever the tests' own Python stands
ORDINARY = ("setpriv", f"--reuid={FIRST_UID - 1}", f"--regid={FIRST_UID - 1}", "--clear-groups")
IN_DOCKER = ("docker", "run", "--rm", "--network", "none")
Results = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def kit() -> Iterator[Path]:
    """Yield a folder that any user can read, with all that the runner needs; results/ can be
    written by all.
    """
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        kit = Path(folder)
        shutil.copytree(ROOT / "tests" / "data" / "attacks", kit / "attacks")
        shutil.copy(ROOT / "tests/support/attack_runner.py", kit)
        shutil.copytree(ROOT / "src", kit / "models", ignore=shutil.ignore_patterns("__pycache__"))
        (kit / "results").mkdir()
        subprocess.run(["chmod", "-R", "a+rX", kit], check=True)
        (kit / "results").chmod(0o777)
        yield kit


def done(command: list[str], limit_s: float, **options: Any) -> None:
    """Run to the end, or say what it said."""
    run = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, **options)
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]


def run_in(kit: Path, python: str, before: tuple[str, ...] = (), form: str = "", **options: Any) -> Results:
    """Return what the runner finds with that Python; `before` is put in front of the command."""
    results = kit / "results" / "results.json"
    results.unlink(missing_ok=True)
    # -P: the folder of the runner is no place to import from.
    command = [*before, python, "-P", "attack_runner.py", "attacks", "models", "results/results.json", form]
    done(command, TIME_S, cwd=kit, **options)
    found: Results = json.loads(results.read_text())
    return found


def as_root(kit: Path, _: pytest.FixtureRequest) -> Results:
    if os.geteuid() != 0:
        pytest.skip("only root can grade as root")
    return run_in(kit, sys.executable, env={**os.environ, "PYTHONPATH": str(ROOT)})


def as_notebooks(kit: Path, _: pytest.FixtureRequest) -> Results:
    return run_in(kit, sys.executable, form="notebooks", env={**os.environ, "PYTHONPATH": str(ROOT)})


def as_ordinary_user(kit: Path, _: pytest.FixtureRequest) -> Results:
    if os.geteuid() != 0:
        return run_in(kit, sys.executable, env={**os.environ, "PYTHONPATH": str(ROOT)})
    ready = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        done([SYSTEM_PYTHON, "-c", ready], 30)
    except (OSError, AssertionError):
        pytest.skip(f"{SYSTEM_PYTHON} cannot make environments for another user: install python3-venv")
    with tempfile.TemporaryDirectory(prefix="ordinary-") as folder:
        checkout = Path(folder)
        for part in ("Makefile", "pyproject.toml", "README.md"):
            shutil.copy(ROOT / part, checkout)
        for part in ("grader", "reference"):
            shutil.copytree(ROOT / part, checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(["chown", "-R", str(FIRST_UID - 1), checkout], check=True)
        subprocess.run(["chmod", "-R", "u+rwX,a+rX", checkout], check=True)
        # Of the environment, only what says where packages come from.
        variables = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
        variables |= {"PATH": "/usr/bin:/bin", "HOME": folder, "PIP_NO_CACHE_DIR": "1"}
        make = ["make", f"PYTHON={SYSTEM_PYTHON}", ".venv/.grade", ".venv-student/.whole"]
        done([*ORDINARY, *make], TIME_S, cwd=folder, env=variables)
        return run_in(kit, f"{folder}/.venv/bin/python", ORDINARY, env=variables)


def in_docker(*options: str) -> Callable[[Path, pytest.FixtureRequest], Results]:
    def run(kit: Path, request: pytest.FixtureRequest) -> Results:
        # Asked for here, late: nobody has to wait for the image before the first two have run.
        image = request.getfixturevalue("image")
        kit_there = ("--volume", f"{kit}:/kit:ro", "--volume", f"{kit}/results:/kit/results")
        before = (*IN_DOCKER, *options, *kit_there, "--workdir", "/kit", image)
        return run_in(kit, "/opt/cellgrade/bin/python", before)

    return run


# Name -> how the attacks are graded there, and the layers that must be on.
PLACES: dict[str, tuple[Callable[[Path, pytest.FixtureRequest], Results], set[str]]] = {
    "root": (as_root, LAYERS),
    "user": (as_ordinary_user, LAYERS - ROOTS_ALONE),
    "notebooks": (as_notebooks, LAYERS if os.geteuid() == 0 else LAYERS - ROOTS_ALONE),
    "docker-root": (in_docker(), LAYERS),
    "docker-user": (in_docker("--user", "1000:1000"), LAYERS - ROOTS_ALONE),
}


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    """Where, and as whom, the attacks are graded."""
    return str(request.param)


@pytest.fixture(scope="module")
def results(place: str, kit: Path, request: pytest.FixtureRequest) -> Results:
    """Return what became of all attacks in that place."""
    grade, _ = PLACES[place]
    return grade(kit, request)


@cache
def heads() -> dict[str, dict[str, str]]:
    return {name(attack): declared(attack) for attack in ATTACKS}


@pytest.mark.parametrize("attack", heads())
def test_an_attack_gains_nothing(attack: str, results: Results) -> None:
    """It earns at most what its honest part is worth, the grader does its work, and gets at nothing."""
    found = results[attack]
    assert "crashed" not in found, found["crashed"]
    assert found["status"] != "ERROR", found["message"]
    assert found["score"] <= float(heads()[attack]["earns"])
    assert "GOT" not in found["printed"], found["printed"]
    assert heads()[attack].get("says", "") in " ".join(found["text"].split())
    last = autolab_reading.last_line(found["autolab"])
    if found["problems"]:
        assert autolab_reading.read(found["autolab"], list(found["problems"])) == found["problems"]
    else:  # a person decides all of it
        assert set(json.loads(last)["scores"].values()) == {None}
    for rendered in (found["autolab"], found["text"], found["json"]):
        assert len(rendered) < 300_000
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", rendered)


@pytest.mark.parametrize("attack", heads())
def test_an_attack_gains_nothing_behind_others(attack: str, results: Results, place: str) -> None:
    """Where one grader has met others before, it earns no more, and shows none of their text."""
    for found in results[attack].get("later", []):
        assert found["status"] != "ERROR", found["message"]
        assert found["score"] <= float(heads()[attack]["earns"])
        assert "GOT" not in found["printed"], found["printed"]
        assert not found["marks"], found["text"]
    if attack.startswith("neighbours/"):
        assert len(results[attack].get("later", [])) == (0 if place == "notebooks" else 2)


@pytest.mark.parametrize("attack", heads())
def test_an_attack_leaves_nothing_behind(attack: str, results: Results) -> None:
    """No process, file, kernel object or open descriptor; its own files as they were; little memory."""
    found = results[attack]
    assert found["processes"] == []
    assert found["files"] == []
    assert found["objects"] == []
    assert found["descriptors"] == 0
    assert found["memory_kib"] < MEMORY_KIB


def test_the_layers_are_on(place: str, results: Results) -> None:
    """As root every layer, as another user all but root's two; what is off is said, and nothing else."""
    _, expected = PLACES[place]
    graded = {attack: found for attack, found in results.items() if found.get("status") == "GRADED"}
    assert graded
    for attack, found in graded.items():
        assert set(found["on"]) == expected, attack
        # Who cannot change the user cannot change the root folder: one of the two speaks for both.
        off = {layer.partition(":")[0] for layer in found["off"]}
        assert off <= ROOTS_ALONE - expected, attack
        assert bool(off) == (expected != LAYERS), attack
        assert ("NOT ISOLATED" in found["text"]) == bool(off), attack


UNTIDY = """
import ctypes, json, os, subprocess, sys, tempfile
from pathlib import Path
import attack_runner

libc = ctypes.CDLL(None)
made = []

def grade(hand_in, call_s, of):
    subprocess.Popen(["sh", "-c", "sleep 9 >/dev/null 2>&1 & :"], start_new_session=True).wait()
    tempfile.mkstemp(prefix="ours")
    made.extend([libc.shmget(0, 4096, 0o1600), libc.semget(0, 1, 0o1600), libc.msgget(0, 0o1600)])
    assert libc.shm_open(name, os.O_CREAT, 0o600) >= 0
    (hand_in / "hw3" / "gru.py").write_text("changed")
    bytearray(600 << 20)[::4096] = bytes(600 << 8)
    raise ZeroDivisionError

attack_runner.grade = grade
name = f"/cellgrade-{os.getpid()}".encode()
attack_runner._adopt_orphans()
found = attack_runner.watched(Path(sys.argv[1]), Path(sys.argv[2]))
attack_runner.grade = lambda hand_in, call_s, of: 1 / 0
libc.shmctl(made[0], 0, None), libc.semctl(made[1], 0, 0), libc.msgctl(made[2], 0, None)  # IPC_RMID
libc.shm_unlink(name)
print(json.dumps([found, attack_runner.watched(Path(sys.argv[1]), Path(sys.argv[2]))]))
"""


def test_what_is_left_behind_is_noticed() -> None:
    """The runner's own eyes: a daemon, files, objects in the kernel, a descriptor, a changed hand-in, memory.

    And of the next attack nothing of that is said, but for the daemon, which still lives.
    """
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    variables = {**os.environ, "PYTHONPATH": paths}
    attack = ROOT / "tests" / "data" / "attacks" / "processes" / "kill_the_parent.py"
    run = subprocess.run(
        [sys.executable, "-c", UNTIDY, attack, ROOT / "src"],
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    first, second = json.loads(run.stdout)
    assert "ZeroDivisionError" in first["crashed"]
    assert [process.partition(" ")[0] for process in first["processes"]] == ["sleep"]
    assert [Path(path).name[:4] for path in first["files"]] == ["gru.", "ours"]
    assert [made.partition(" ")[0].partition("-")[0] for made in first["objects"]] == [
        "/dev/shm/cellgrade",
        "msg",
        "sem",
        "shm",
    ]
    assert first["descriptors"] == 2
    assert first["memory_kib"] > 600 << 10
    assert second["files"] == []
    assert second["objects"] == []
    assert second["descriptors"] == 0
    assert second["memory_kib"] < MEMORY_KIB


def test_there_are_enough_attacks() -> None:
    """There are three hundred, of every assignment, and each declares what must happen."""
    assert len(ATTACKS) >= 300
    assert {attacked(attack) for attack in ATTACKS} == set(MAINS)
    assert min(Counter(map(attacked, ATTACKS)).values()) >= 8
    for attack, head in heads().items():
        assert {"attack", "earns", "stopped by"} <= set(head), attack
