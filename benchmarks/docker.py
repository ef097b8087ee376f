"""`docker run` of the image on a hand-in, beside `docker run` of `true` in the same image."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import rounds, work
from benchmarks.processes import PLAIN, Program

TITLE = "In the Docker image"
GRADED, NOTHING = "docker run, a hand-in", "docker run, true"


def missing(image: str) -> str | None:
    """Return why nothing can be measured; None if there is an engine that has the image."""
    docker = shutil.which("docker")
    if docker is None:
        return "there is no docker"
    if subprocess.run([docker, "info"], capture_output=True).returncode != 0:
        return "no Docker engine answers"
    if subprocess.run([docker, "image", "inspect", image], capture_output=True).returncode != 0:
        return f"there is no image {image}: docker build -t {image} ."
    return None


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure so many `docker_rounds` with the `image`.

    Returns:
        rows: seconds of wall time of both; what runs in a container is no process of ours, so that is all.
        above_s: by how much the grading takes longer, round by round.
        image_mib: the size of the image.

    Raises:
        SystemExit: there is no engine, or one of the two failed.
    """
    image = settings["image"]
    if why := missing(image):
        raise SystemExit(why)
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        hand_in, output = work.packed(work.right(), Path(scratch, "handin.tar")), Path(scratch, "output")
        hand_in.chmod(0o644)
        Path(scratch).chmod(0o755)
        runs = rounds.in_turn(programs(image, hand_in), settings["docker_rounds"], output)
    wall_s = {name: [one.wall_s for one in its] for name, its in runs.items()}
    above_s = [one - other for one, other in zip(wall_s[GRADED], wall_s[NOTHING], strict=True)]
    size = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{.Size}}", image],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "rows": {name: {"wall_s": rounds.spread(its)} for name, its in wall_s.items()},
        "above_s": rounds.spread(above_s),
        "image_mib": round(int(size.stdout) / (1 << 20)),
    }


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
