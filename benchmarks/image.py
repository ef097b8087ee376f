"""Weighs both images by layers, and measures `docker run` of a grading beside `docker run` of `true`.

    .venv/bin/python benchmarks/image.py [--rounds N] [--write] [--network NAME]

It builds them first. In each round each command runs once in a fresh container of each image, so that
what else the machine does hits all alike; what a command takes beyond `true` is a difference within a
round. With `--write` the tables replace those in docs/image.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "image.md"
HAND_IN = ROOT / "build" / "handin.tar"
STUDENT = "/opt/cellgrade-student"
MIB = 1 << 20
LEAST_BYTES = 4 << 10  # of a layer: what only sets something has fewer

BASE = (
    "Debian bookworm-slim",
    "Python 3.11 and libseccomp2",
    "make, procps and the users that Tango needs",
    "both environments without torch: the grader's, and the students' (NumPy alone)",
    "autodriver",
)
CODE, SUITES = "cellgrade itself", "the baked suites"
# Of each target of the Dockerfile, from the ground up, what its layers are.
LAYERS: Mapping[str, tuple[str, ...]] = {
    "whole": (*BASE, "torch and what it needs", CODE, SUITES),
    "baked": (*BASE, CODE, SUITES),
}
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "`true`": ("true",),
    "`import numpy`": (f"{STUDENT}/bin/python", "-c", "import numpy"),
    "a grading": ("cellgrade", "grade", "--format", "autolab", "/handin.tar"),
}


@dataclass(frozen=True)
class Layer:
    """A layer of an image: what it is, and what it weighs."""

    what: str
    size_bytes: int


def docker(*arguments: str) -> str:
    """Run docker, and return what it prints; what it complains of is seen."""
    done = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def layers(image: str, target: str) -> list[Layer]:
    """Return an image's layers, from the ground up.

    Raises:
        ValueError: the Dockerfile makes other layers than are named here.
    """
    said = docker("history", "--human=false", "--format", "{{.Size}}", image).split()
    sizes = [int(one) for one in reversed(said) if int(one) >= LEAST_BYTES]
    if len(sizes) != len(LAYERS[target]):
        raise ValueError(f"{image} has {len(sizes)} layers, and {len(LAYERS[target])} are named: {sizes}")
    return [Layer(what, size) for what, size in zip(LAYERS[target], sizes, strict=True)]


def size_bytes(image: str) -> int:
    """Return what an image weighs, its base included."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", image))


def student_bytes(image: str) -> int:
    """Return what the students' environment weighs: blocks on disk."""
    return 1024 * int(docker("run", "--rm", "--network", "none", image, "du", "-sk", STUDENT).split()[0])


def table_of_layers(images: Mapping[str, str]) -> str:
    """Return the Markdown table of both images' layers, in MiB.

    Args:
        images: target -> name of the image.
    """
    found = {target: {one.what: one for one in layers(images[target], target)} for target in LAYERS}
    rows = ["| layer | with torch | without |", "| --- | ---: | ---: |"]
    for what in LAYERS["whole"]:
        cells = [_mib(found[target][what].size_bytes) if what in found[target] else "-" for target in LAYERS]
        rows.append(f"| {what} | {' | '.join(cells)} |")
    totals = [_mib(size_bytes(images[target])) for target in LAYERS]
    rows.append(f"| all, MiB | {' | '.join(totals)} |")
    return "\n".join(rows)


def _mib(size: int) -> str:
    return f"{size / MIB:.1f}"


def timed(images: Mapping[str, str], rounds: int) -> Mapping[tuple[str, str], Sequence[float]]:
    """Return seconds by (target, command), one for each round."""
    took: dict[tuple[str, str], list[float]] = {
        (target, command): [] for target in images for command in COMMANDS
    }
    for number in range(-1, rounds):  # the first round is not counted: it fills caches
        for (target, command), seconds in took.items():
            begun = time.perf_counter()
            options = ("--rm", "--network", "none", "--volume", f"{HAND_IN}:/handin.tar:ro")
            docker("run", *options, images[target], *COMMANDS[command])
            if number >= 0:
                seconds.append(time.perf_counter() - begun)
    return took


def table_of_times(took: Mapping[tuple[str, str], Sequence[float]]) -> str:
    """Return the Markdown table of what a command takes beyond `true`: median, smallest and largest."""
    rows = ["| `docker run` of | with torch, s | without, s |", "| --- | --- | --- |"]
    for command in COMMANDS:
        cells = []
        for target in LAYERS:
            seconds = took[target, command]
            if command == "`true`":
                cells.append(_spread(seconds))
            else:
                beyond = [one - bare for one, bare in zip(seconds, took[target, "`true`"], strict=True)]
                cells.append(f"{_spread(beyond)} more")
        rows.append(f"| {command} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f}-{max(seconds):.2f})"


def written(text: str, tables: Mapping[str, str]) -> str:
    """Return a document with these in place of what stands between its marks."""
    for name, table in tables.items():
        begin, end = f"<!-- {name}: benchmarks/image.py -->\n", "<!-- end -->"
        before, found, rest = text.partition(begin)
        _, ended, after = rest.partition(end)
        assert found, name
        assert ended, name
        text = f"{before}{begin}{table}\n{end}{after}"
    return text


def main() -> None:
    """Build, weigh, measure, and print or write the tables."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="of `docker run`; default: 9")
    parser.add_argument("--network", default="default", help="of `docker build`, such as host")
    parser.add_argument("--write", action="store_true", help=f"into {DOCUMENT.relative_to(ROOT)}")
    options = parser.parse_args()
    subprocess.run([ROOT / ".ci" / "wheel", sys.executable], check=True)
    HAND_IN.parent.mkdir(exist_ok=True)
    model = ROOT / "src" / "gru_cell"
    subprocess.run(["tar", "-czf", HAND_IN, "--exclude=__pycache__", "-C", model, "hw3"], check=True)
    images = {target: f"cellgrade_image_{target}" for target in LAYERS}
    for target, image in images.items():
        docker(
            "build", "--quiet", "--network", options.network, "--target", target, "--tag", image, str(ROOT)
        )
    students = _mib(student_bytes(images["baked"]))
    weighed = f"{table_of_layers(images)}\n\nThe students' environment alone: {students} MiB."
    load = os.getloadavg()[0]
    where = (
        f"{datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, {platform.machine()}, load {load:.1f} before"
    )
    took = table_of_times(timed(images, options.rounds))
    tables = {"layers": weighed, "runs": f"{took}\n\n{where}; {options.rounds} rounds."}
    if options.write:
        DOCUMENT.write_text(written(DOCUMENT.read_text(), tables))
    for table in tables.values():
        print(f"{table}\n")


if __name__ == "__main__":
    main()
