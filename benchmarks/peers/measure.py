"""All peers in turn with cellgrade, the usual runner and a bare import of NumPy; nbgrader in a batch too."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import rounds, work
from benchmarks.peers.known import PEERS, Peer, nbgrader
from benchmarks.processes import Program, Run, run

TITLE = "Peers side by side"
BATCH = "nbgrader, a batch"


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure so many `peer_rounds`; of the `peers` that are named, all if none is.

    Returns:
        rows: of each program, as `rounds.rows` has them.
        wrong: the points that each gave to a wrong hand-in.
        versions: of the peers.
        batch: of nbgrader on so many hand-ins (`peer_batch`), the figures of each of them.

    Raises:
        SystemExit: an environment is not there, a program failed, or does not tell right from wrong.
    """
    peers = [PEERS[name] for name in settings["peers"] or PEERS]
    for peer in peers:
        if not peer.python.exists():
            raise SystemExit(f"{peer.name} has no environment: `make bench PEERS=1` makes it")
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        folder = Path(scratch)
        output, cases = folder / "output", work.inputs(folder / "inputs.pickle")
        wrong = {
            one.name: held_to_be_wrong(one, output)
            for one in programs(peers, work.wrong(), folder / "wrong", cases)
            if one.points is not None
        }
        measured = programs(peers, work.right(), folder / "right", cases)
        runs = rounds.in_turn(measured, settings["peer_rounds"], output)
        memory = rounds.together(measured, output, min(settings["peer_rounds"], 2))
        found = {
            "rows": rounds.rows(runs, memory, work.USUAL, work.FLOOR),
            "wrong": wrong,
            "versions": {peer.name: peer.version() for peer in peers},
        }
        if PEERS["nbgrader"] in peers:
            found["batch"] = _batch(folder / "batch", cases, output, settings["peer_batch"])
    return found


def programs(peers: Sequence[Peer], source: str, folder: Path, cases: Path) -> list[Program]:
    """Return what is compared, all with the same hand-in."""
    folder.mkdir()
    hand_in = work.packed(source, folder / "handin.tar")
    measured = [work.cellgrade(hand_in, folder / "cache"), work.usual(hand_in, cases), work.floor()]
    for peer in peers:
        (scratch := folder / peer.folder).mkdir()
        measured.append(replace(peer.program(peer.python, scratch, source, cases), name=peer.name))
    return measured


def held_to_be_wrong(program: Program, output: Path) -> float:
    """Return the points that a program gives to a wrong hand-in.

    Raises:
        SystemExit: they are full points: it does not do the work.
    """
    points = run(program, output).points
    if points is None or points >= rounds.FULL:
        raise SystemExit(f"{program.name} gives full points to a wrong hand-in")
    return points


def _batch(scratch: Path, cases: Path, output: Path, count: int) -> dict[str, Any]:
    """Return what each hand-in costs in a batch of nbgrader's: it grades one after the other."""
    scratch.mkdir()
    program = replace(nbgrader(PEERS["nbgrader"].python, scratch, work.right(), cases, count), name=BATCH)
    one: Run = run(program, output)
    rounds.hold_to_full_points(program, one)
    return {
        "hand_ins": count,
        "wall_s": float(f"{one.wall_s / count:.4g}"),
        "cpu_s": float(f"{one.cpu_s / count:.4g}"),
        "peak_mib": round(one.peak_mib, 1),
        "per_core_s": float(f"{count / one.wall_s:.4g}"),
    }
