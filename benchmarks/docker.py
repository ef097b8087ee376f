"""`docker run` of an image on a hand-in, beside `docker run` of `true` in it; and what the image has."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import rounds, work
from benchmarks.processes import PLAIN, Program, Run

TITLE = "In the Docker image"
GRADED, NOTHING = "a hand-in", "`true`"
STUDENT = "/opt/cellgrade-student"
LEAST_MIB = 1.0  # of a layer that is told
SAID = 90  # characters of how a layer was made


def missing(images: Sequence[str]) -> str | None:
    """Return why nothing can be measured; None if there is an engine that has one of the images."""
    docker = shutil.which("docker")
    if docker is None:
        return "there is no docker"
    if subprocess.run([docker, "info"], capture_output=True).returncode != 0:
        return "no Docker engine answers"
    if not there(images):
        return f"there is no image {images[0]}: docker build -t {images[0]} ."
    return None


def there(images: Sequence[str]) -> list[str]:
    """Return the images that the engine has."""
    return [
        image
        for image in images
        if subprocess.run(["docker", "image", "inspect", image], capture_output=True).returncode == 0
    ]


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure so many `docker_rounds` with each of the `images` that is there.

    Returns:
        of each image by name:
            wall_s: of both; what runs in a container is no process of ours, so that is all that is told.
            above_s: by how much the grading takes longer, round by round.
            mib, student_mib: the size of the image, and of the student's environment in it.
            layers: how each larger layer was made, and its MiB.

    Raises:
        SystemExit: there is no engine, or one of the two failed.
    """
    if why := missing(settings["images"]):
        raise SystemExit(why)
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        hand_in, output = work.packed(work.right(), Path(scratch, "handin.tar")), Path(scratch, "output")
        hand_in.chmod(0o644)
        Path(scratch).chmod(0o755)
        return {
            image: {
                **_beside(rounds.in_turn(programs(image, hand_in), settings["docker_rounds"], output)),
                "mib": round(int(_said("image", "inspect", "--format", "{{.Size}}", image)) / (1 << 20)),
                "student_mib": int(_said("run", "--rm", image, "du", "-sm", STUDENT).split()[0]),
                "layers": layers(_said("history", "--no-trunc", "--human=false", "--format", LAYER, image)),
            }
            for image in there(settings["images"])
        }


LAYER = "{{.Size}} {{.CreatedBy}}"


def layers(history: str) -> list[tuple[str, float]]:
    """Return how each larger layer was made, the first first, with its MiB, of what `docker history` says."""
    found = []
    for line in reversed(history.splitlines()):
        size, _, made = line.partition(" ")
        mib = int(size) / (1 << 20) if size.isdigit() else 0.0
        if mib >= LEAST_MIB:
            made = re.sub(r"^.*?/bin/sh -c (#\(nop\) )?|(dir|file|multi):[0-9a-f]+ ", "", made)
            said = " ".join(made.split())[:SAID].replace("|", "\\|")
            found.append((said or "the base", round(mib, 1)))
    return found


def programs(image: str, hand_in: Path) -> tuple[Program, Program]:
    """Return the two that are compared."""
    docker = shutil.which("docker") or "docker"
    run = (docker, "run", "--rm", "--network", "none")
    mounted = ("-v", f"{hand_in}:/handin.tar:ro")
    grade = ("cellgrade", "grade", "--format", "autolab", "/handin.tar")
    return (
        Program(GRADED, (*run, *mounted, image, *grade), PLAIN, work.of_autolabs_line),
        Program(NOTHING, (*run, *mounted, image, "true"), PLAIN),
    )


def _beside(runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    wall_s = {name: [one.wall_s for one in its] for name, its in runs.items()}
    above_s = [one - other for one, other in zip(wall_s[GRADED], wall_s[NOTHING], strict=True)]
    return {
        "wall_s": {name: rounds.spread(its) for name, its in wall_s.items()},
        "above_s": rounds.spread(above_s),
    }


def _said(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"docker {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()
