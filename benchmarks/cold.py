"""One grading as a whole process, beside the usual runner and beside a bare `import numpy`."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import rounds, work

TITLE = "One grading"


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure so many `rounds`, and return a row for each program.

    Raises:
        SystemExit: a program failed, or did not do its work; or there is no student environment.
    """
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        folder = Path(scratch)
        hand_in = work.packed(work.right(), folder / "handin.tar")
        measured = (
            work.cellgrade(hand_in, folder / "cache"),
            work.cellgrade(hand_in, None),
            work.usual(hand_in, work.inputs(folder / "inputs.pickle")),
            work.floor(),
        )
        runs = rounds.in_turn(measured, settings["rounds"], folder / "output")
        memory = rounds.together(measured, folder / "output", min(settings["rounds"], rounds.SAMPLED))
    return {"rows": rounds.rows(runs, memory, work.USUAL, work.FLOOR)}
