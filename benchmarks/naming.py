"""What naming mistakes costs: once, and by how much a wrong hand-in costs more than a right one.

For each assignment, in a process of its own: the catalogues are compiled, then read from the file that they
were written into; then its mistakes are graded, each in turn with the model hand-in, by a grader that has
graded all of them before.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.processes import tree_cpu_s
from grader import baked, discovery, mistakes
from grader.declaration import Loaded
from grader.drawn import Drawn
from grader.engine import Grader, Options

TITLE = "What naming a mistake costs"
SOURCES = discovery.BUILT_IN.parent.parent / "src"


@dataclass
class Cost:
    """What naming cost, in processor time.

    Attributes:
        compiled_s: all catalogues of an assignment, where none is kept.
        grown_mib: by how much the process became larger than ever before meanwhile.
        read_s: the same catalogues, where they are kept, with the modules that are imported for them.
        kept_mib: their files.
        right_s: the model, each time.
        more_s: mistake -> by how much it took longer than the model, in turn with it.
    """

    compiled_s: float = 0.0
    grown_mib: float = 0.0
    read_s: float = 0.0
    kept_mib: float = 0.0
    right_s: list[float] = field(default_factory=list)
    more_s: dict[str, float] = field(default_factory=dict)


def peak_mib() -> float:
    """Return the largest resident memory that this process has had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


def spent_s() -> float:
    """Return the processor time of this process, and of all that it has started, the ended ones included."""
    return tree_cpu_s(os.getpid())


@contextmanager
def cache(folder: Path | None) -> Iterator[None]:
    """Keep what is drawn and compiled in a folder for a while; in none for None."""
    before = os.environ.get(baked.VARIABLE)
    os.environ[baked.VARIABLE] = str(folder or "")
    try:
        yield
    finally:
        os.environ.pop(baked.VARIABLE)
        os.environ |= {} if before is None else {baked.VARIABLE: before}


def prepared_s(assignment: Loaded, folder: Path | None) -> float:
    """Return what it takes until causes can be named on all suites of an assignment."""
    drawn = Drawn(0, None, baked.Shelf(folder))
    drawn.of(assignment)
    begun = time.process_time()
    for key in assignment.explains:
        drawn.explain(assignment, key).prepare()
    return time.process_time() - begun


def read(name: str, folder: str) -> float:
    """Return what it takes with all that is needed found in a folder, by a process that knows nothing yet."""
    return prepared_s(discovery.by_name(name, discovery.assignments()), Path(folder))


def measured(name: str, folder: str, most: int) -> Cost:
    """Compile the catalogues of an assignment, grade mistakes of it, and return what that cost."""
    assignment, cost, kept = discovery.by_name(name, discovery.assignments()), Cost(), Path(folder)
    Drawn(0, None, baked.Shelf(None)).of(assignment)  # torch is in memory before anything is measured
    before = peak_mib()
    cost.compiled_s = prepared_s(assignment, None)
    cost.grown_mib = peak_mib() - before
    shelf = baked.Shelf(kept)
    shelf.bake(assignment, 0)
    cost.kept_mib = sum(file.stat().st_size for file in kept.glob(f"{name}-*.faults")) / 2**20
    shipped = mistakes.read(assignment, SOURCES / name)
    chosen = shipped.mistakes[:: -(-len(shipped.mistakes) // most)]
    with tempfile.TemporaryDirectory() as laid, Grader([assignment], Options(assignment=name)) as grader:
        model = SOURCES / name
        folders = {one.path: one.laid(Path(laid) / str(number)) for number, one in enumerate(chosen)}
        for path in (model, *folders.values()):
            grader.grade(path)
        for which, wrong in folders.items():
            begun = spent_s()
            grader.grade(model)
            middle = spent_s()
            grader.grade(wrong)
            cost.right_s.append(middle - begun)
            cost.more_s[which] = spent_s() - middle - cost.right_s[-1]
    return cost


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure the assignments in `named`, all if it is empty; of each so many mistakes as `mistakes` says.

    Returns:
        rows: assignment -> `once_s` and `once_mib`, of compiling; `read_s` and `kept_mib`, where it is kept;
            `right_s`, of the model; `hand_in_s`, by how much a mistake took longer: median, 95 %, largest;
            `slowest`, that one; `explained`, how many there were.
    """
    found, spawn = {}, multiprocessing.get_context("spawn")
    for name in settings["named"] or [one.name for one in discovery.assignments()]:
        # Each in a process of its own, whose memory has no other's in it.
        with tempfile.TemporaryDirectory() as folder, cache(Path(folder)):
            with spawn.Pool(1) as pool:
                cost = pool.apply(measured, (name, folder, settings.get("mistakes", 40)))
            with spawn.Pool(1) as pool:
                cost.read_s = pool.apply(read, (name, folder))
        more = sorted(cost.more_s.values())
        found[name] = {
            "once_s": round(cost.compiled_s, 3),
            "once_mib": round(cost.grown_mib, 1),
            "read_s": round(cost.read_s, 3),
            "kept_mib": round(cost.kept_mib, 1),
            "right_s": round(statistics.median(cost.right_s), 3),
            "hand_in_s": {
                "median": round(statistics.median(more), 3),
                "95 %": round(more[int(0.95 * (len(more) - 1))], 3),
                "largest": round(more[-1], 3),
            },
            "slowest": max(cost.more_s, key=lambda path: cost.more_s[path]),
            "explained": len(more),
        }
    return {"rows": found}
