"""Measures how fast cellgrade is, and writes results.json, RESULTS.md, and what documents quote of it.

    .venv/bin/python -m benchmarks [--peers] [--growth] [--docker] [--all]

Every section is measured in a process of its own. What an interrupted run has measured is taken up again by
the same command; `--afresh` measures it anew. Beside it:

    .venv/bin/python -m benchmarks --render           write RESULTS.md, pictures and quotes again from
    results.json .venv/bin/python -m benchmarks.held               how long a hostile hand-in holds a worker
    .venv/bin/python -m benchmarks.two_checkouts      whether two checkouts come to the same reports
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import docker, explained, machine, quotes, store, tables
from benchmarks.store import Section, UnderWay
from grader import threads

# How much is measured. `--tiny` is for the tests: all parts, and figures that mean nothing.
USUAL_SETTINGS: Mapping[str, Any] = {
    "rounds": 7,
    "class_rounds": 3,
    "hand_ins": 200,
    "profiled": 100,
    "model_rounds": 7,
    "largest": 1_024,
    "docker_rounds": 7,
    "build_network": "default",
    "peer_rounds": 4,
    "peer_batch": 10,
    "peers": [],
    "growth_rounds": 3,
    "part": 1.0,
    "at_most_s": 150,
    "named": [],
    "mistakes": 25,
}
TINY: Mapping[str, Any] = {
    "rounds": 1,
    "class_rounds": 1,
    "hand_ins": 4,
    "profiled": 2,
    "model_rounds": 1,
    "largest": 8,
    "docker_rounds": 1,
    "peer_rounds": 1,
    "peer_batch": 2,
    "growth_rounds": 1,
    "part": 0.1,
    "at_most_s": 10,
    "named": ["lstm_gru_theory"],
    "mistakes": 3,
}
ONE_THREAD = dict.fromkeys(threads.VARIABLES, "1")  # as a grader has it


@dataclass(frozen=True)
class Part:
    """A section: which module measures it, by which settings, and about how long that takes.

    Attributes:
        module: has `measure(settings)`.
        settings: the names of those that it reads, under the names that it knows them by.
        about_s: seconds on two cores.
        fixed: settings that are always the same.
    """

    module: str
    settings: Mapping[str, str]
    about_s: float
    fixed: Mapping[str, Any]

    def chosen(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return its settings."""
        return {**self.fixed, **{own: settings[name] for own, name in self.settings.items()}}


def part(module: str, about_s: float, *names: str, **more: Any) -> Part:
    """Return a section that reads settings of these names; `more` are fixed."""
    return Part(f"benchmarks.{module}", {name: name for name in names}, about_s, more)


CURVES = {"cases": 40, "hidden": 20, "hidden_forward": 20, "steps": 15, "hand_ins": 240, "mistakes": 60}
QUICK = {
    "cold": part("cold", 30, "rounds"),
    "sustained": Part("benchmarks.sustained", {"rounds": "class_rounds", "hand_ins": "hand_ins"}, 60, {}),
    "timeline": part("timeline", 20, "profiled"),
    "models": part("models", 30, "model_rounds", "largest"),
}
PEERS = {"peers": part("peers.measure", 150, "peer_rounds", "peer_batch", "peers")}
DOCKER = {"docker": part("docker", 20, "docker_rounds", "build_network")}
GROWTH = {
    **{
        f"{tables.GROWTH}{curve}": part(
            "growth.measure", about_s, "growth_rounds", "part", "at_most_s", curve=curve
        )
        for curve, about_s in CURVES.items()
    },
    "naming": part("naming", 90, "named", "mistakes"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and write it down."""
    options = parsed(arguments)
    if options.section is not None:  # one section, in the process that was started for it
        print(json.dumps(measured_here(options.section, json.loads(options.settings))))
        return
    try:
        if not options.render:
            measure(wanted(options), options)
    except KeyboardInterrupt:
        raise SystemExit("interrupted: the same command goes on from here") from None
    finally:  # what was measured is told, whatever ended the rest
        written(store.read(options.into / "results.json"), options.into)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        prog="benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", action="store_true", help="also what others grade with (see `make bench`)")
    parser.add_argument("--growth", action="store_true", help="also how cost grows, and what naming costs")
    parser.add_argument("--docker", action="store_true", help="also the images, if there is an engine")
    parser.add_argument("--all", action="store_true", help="all of these")
    parser.add_argument("--only", action="append", metavar="SECTION", choices=list(ALL), help="nothing else")
    parser.add_argument("--afresh", action="store_true", help="take up nothing of an interrupted run")
    parser.add_argument("--render", action="store_true", help="measure nothing, write from results.json")
    parser.add_argument("--tiny", action="store_true", help="try all parts: the figures mean nothing")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=f"of {', '.join(USUAL_SETTINGS)}"
    )
    parser.add_argument("--into", type=Path, metavar="FOLDER", default=store.HERE, help=argparse.SUPPRESS)
    parser.add_argument("--section", choices=list(ALL), help=argparse.SUPPRESS)
    parser.add_argument("--settings", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        options.chosen = settings(options)
    except ValueError as error:
        parser.error(str(error))
    return options


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return how much is to be measured.

    Raises:
        ValueError: a setting is none, or is no number where one is needed.
    """
    chosen = {**USUAL_SETTINGS, **(TINY if options.tiny else {})}
    for one in options.set:
        name, _, value = one.partition("=")
        if name not in chosen:
            raise ValueError(f"--set {one}: there is no {name}")
        usual = USUAL_SETTINGS[name]
        chosen[name] = value.split(",") if isinstance(usual, list) else type(usual)(value)
        if isinstance(usual, (int, float)) and chosen[name] <= 0:
            raise ValueError(f"--set {one}: it must be more than 0")
    return chosen


def wanted(options: argparse.Namespace) -> dict[str, Part]:
    """Return the sections that are asked for."""
    if options.only:
        return {name: ALL[name] for name in options.only}
    found = dict(QUICK)
    if options.peers or options.all:
        found |= PEERS
    if options.growth or options.all:
        found |= GROWTH
    if options.docker or options.all:
        if why := docker.missing():
            print(f"docker is left out: {why}", file=sys.stderr)
        else:
            found |= DOCKER
    return found


def measure(parts: Mapping[str, Part], options: argparse.Namespace) -> None:
    """Measure sections, each into results.json as soon as it is there.

    Raises:
        SystemExit: one of them failed; the others are written.
    """
    under_way = UnderWay(options.chosen, options.into / "under-way" if options.tiny else store.UNDER_WAY)
    if options.afresh:
        under_way.end()
    left_s, failed = sum(one.about_s for one in parts.values()), []
    print(f"{len(parts)} sections, about {max(left_s / 60, 1):.0f} minutes", file=sys.stderr)
    for name, one in parts.items():
        section = under_way.known(name)
        if section is None:
            print(f"{time.strftime('%H:%M:%S')}  {name} ...", file=sys.stderr, flush=True)
            try:
                section = measured_apart(name, one.chosen(options.chosen))
            except SystemExit as error:
                print(f"{name}: {error}", file=sys.stderr)
                failed.append(name)
                continue
            under_way.keep(name, section)
        else:
            print(f"{name} was measured a while ago, by a run that was interrupted", file=sys.stderr)
        file = options.into / "results.json"
        store.write({**store.read(file), name: section}, file)  # another run may have written meanwhile
    if failed:
        raise SystemExit(f"not measured: {', '.join(failed)}. The same command tries them again")
    under_way.end()


def measured_apart(name: str, chosen: Mapping[str, Any]) -> Section:
    """Return a section, measured in a process of its own.

    Raises:
        SystemExit: that failed, with what it said.
    """
    about, begin_s = machine.about(), time.monotonic()  # first, or the load is our own
    command = [sys.executable, "-m", "benchmarks", "--section", name, "--settings", json.dumps(chosen)]
    variables = {**os.environ, **(ONE_THREAD if name not in (*PEERS, "cold", "sustained") else {})}
    done = subprocess.run(command, cwd=store.ROOT, env=variables, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"its process ended with status {done.returncode}")
    figures = json.loads(done.stdout.splitlines()[-1])
    return {
        "about": about,
        "settings": chosen,
        "took_s": round(time.monotonic() - begin_s, 1),
        "figures": figures,
    }


def measured_here(name: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a section."""
    figures: dict[str, Any] = importlib.import_module(ALL[name].module).measure(chosen)
    return figures


def written(sections: Mapping[str, Section], folder: Path) -> None:
    """Write RESULTS.md, the pictures, and, for the repository's own results, what documents quote."""
    store.put(folder / "RESULTS.md", tables.rendered(sections, explained.FILE.read_text()))
    for name, section in sections.items():
        if name.startswith(tables.GROWTH):
            from benchmarks.growth.draw import draw  # matplotlib is large: nothing is measured any more

            draw(name.removeprefix(tables.GROWTH), section["figures"], folder / "growth")
    if folder == store.HERE:
        for document in quotes.documents():
            if (text := document.read_text()) != (now := quotes.quoted(text, sections)):
                store.put(document, now)


ALL = {**QUICK, **PEERS, **GROWTH, **DOCKER}

if __name__ == "__main__":
    main()
