"""Compiles the catalogue of a cell: all its single faults, with what each makes of a probe case."""

from __future__ import annotations

from grader.faults.backward import Backward
from grader.faults.catalogue import Catalogue
from grader.faults.collected import Collected
from grader.faults.fault import Declared
from grader.faults.forward import Forward
from grader.faults.handed import collect_given, collect_outputs
from grader.faults.lines import Ways
from grader.faults.values import ProbeCase


def compiled(declared: Declared, case: ProbeCase) -> Catalogue:
    """Return the faults of a cell, on a probe case."""
    found = Collected(declared, case)
    ways = Ways(declared, found)
    Forward(ways).collect()
    if declared.gradients:
        Backward(ways).collect()
    collect_given(ways)
    collect_outputs(ways)
    return found.settled()
