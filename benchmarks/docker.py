"""Both images: what their layers weigh, and `docker run` of a grading beside `docker run` of `true`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import rounds, work
from benchmarks.processes import PLAIN, Program

TITLE = "The images"
STUDENT = "/opt/cellgrade-student"
MIB = 1 << 20
LEAST_BYTES = 4 << 10  # of a layer: what only sets something has fewer
# Target of the Dockerfile -> the image that is built of it.
IMAGES = {"whole": "cellgrade_image_whole", "baked": "cellgrade_image_baked"}
NOTHING, NUMPY, GRADED = "`true`", "`import numpy`", "a grading"

BASE = (
    "Debian bookworm-slim",
    "Python 3.11 and libseccomp2",
    "make, procps and the users that Tango needs",
    "both environments without torch: the grader's, and the students' (NumPy alone)",
    "autodriver",
)
CODE, SUITES = "cellgrade itself", "the baked suites"
# Of each target, from the ground up, what its layers are.
LAYERS: Mapping[str, tuple[str, ...]] = {
    "whole": (*BASE, "torch and what it needs", CODE, SUITES),
    "baked": (*BASE, CODE, SUITES),
}


def missing() -> str | None:
    """Return why nothing can be measured; None if there is an engine."""
    docker = shutil.which("docker")
    if docker is None:
        return "there is no docker"
    if subprocess.run([docker, "info"], capture_output=True).returncode != 0:
        return "no Docker engine answers"
    return None


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Build both images, by the network that `build_network` names; weigh them; measure `docker_rounds`.

    Returns:
        what `measured` returns, of both.

    Raises:
        SystemExit: there is no engine, or a command failed.
    """
    if why := missing():
        raise SystemExit(why)
    subprocess.run([work.ROOT / ".ci" / "wheel"], check=True, stdout=subprocess.DEVNULL)
    for target, image in IMAGES.items():
        options = ("--quiet", "--network", settings["build_network"], "--target", target, "--tag", image)
        said("build", *options, str(work.ROOT))
    return measured(IMAGES, settings["docker_rounds"])


def measured(images: Mapping[str, str], count: int) -> dict[str, Any]:
    """Measure so many rounds, in which each command runs once in a fresh container of each image.

    Args:
        images: target -> name of the image.
        count: rounds.

    Returns:
        layers: target -> what it is -> MiB.
        mib, student_mib: target -> of the image as a whole, and of the students' environment in it.
        runs: command -> target -> seconds of wall time: of `true`, and of the others what they take beyond
            it, within a round. What runs in a container is no process of ours, so that is all.

    Raises:
        SystemExit: a command failed, or did not do its work.
    """
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        hand_in = work.packed(work.right(), Path(scratch, "handin.tar"))
        hand_in.chmod(0o644)
        Path(scratch).chmod(0o755)
        ran = [one for target, image in images.items() for one in programs(target, image, hand_in)]
        runs = rounds.in_turn(ran, count, Path(scratch, "output"))
    wall_s = {name: [one.wall_s for one in its] for name, its in runs.items()}
    found: dict[str, Any] = {"layers": {}, "mib": {}, "student_mib": {}, "runs": {}}
    for target, image in images.items():
        found["layers"][target] = layers(image, target)
        found["mib"][target], found["student_mib"][target] = mib(image), student_mib(image)
        bare_s = wall_s[f"{target}: {NOTHING}"]
        for command in (NOTHING, NUMPY, GRADED):
            own_s = wall_s[f"{target}: {command}"]
            beyond_s = [one - bare for one, bare in zip(own_s, bare_s, strict=True)]
            spread = rounds.spread(own_s if command == NOTHING else beyond_s)
            found["runs"].setdefault(command, {})[target] = spread
    return found


def layers(image: str, target: str) -> dict[str, float]:
    """Return an image's layers, from the ground up: what each is -> MiB.

    Raises:
        SystemExit: the Dockerfile makes other layers than are named here.
    """
    history = said("history", "--human=false", "--format", "{{.Size}}", image).split()
    sizes = [int(one) for one in reversed(history) if int(one) >= LEAST_BYTES]
    if len(sizes) != len(LAYERS[target]):
        raise SystemExit(f"{image} has {len(sizes)} layers, and {len(LAYERS[target])} are named: {sizes}")
    return {what: round(size / MIB, 1) for what, size in zip(LAYERS[target], sizes, strict=True)}


def mib(image: str) -> float:
    """Return what an image weighs, its base included."""
    return round(int(said("image", "inspect", "--format", "{{.Size}}", image)) / MIB, 1)


def student_mib(image: str) -> float:
    """Return what the students' environment weighs: blocks on disk."""
    kib = said("run", "--rm", "--network", "none", image, "du", "-sk", STUDENT).split()[0]
    return round(int(kib) / 1024, 1)


def programs(target: str, image: str, hand_in: Path) -> list[Program]:
    """Return what runs in containers of an image."""
    docker = shutil.which("docker") or "docker"
    run = (docker, "run", "--rm", "--network", "none", "-v", f"{hand_in}:/handin.tar:ro", image)
    grade = ("cellgrade", "grade", "--format", "autolab", "/handin.tar")
    return [
        Program(f"{target}: {NOTHING}", (*run, "true"), PLAIN),
        Program(f"{target}: {NUMPY}", (*run, f"{STUDENT}/bin/python", "-c", "import numpy"), PLAIN),
        Program(f"{target}: {GRADED}", (*run, *grade), PLAIN, work.of_autolabs_line),
    ]


def said(*arguments: str) -> str:
    """Run docker, and return what it prints.

    Raises:
        SystemExit: it failed.
    """
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"docker {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()
