"""Two mistakes that meet: the catalogue once more, on top of a fault that some output shows by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from grader.equations.nodes import Node, Sum
from grader.equations.program import Line, Term
from grader.faults.backward import Backward
from grader.faults.catalogue import Catalogue
from grader.faults.collected import Collected, program
from grader.faults.fault import Declared, Fault
from grader.faults.lines import Ways
from grader.faults.modes import Mode
from grader.faults.values import DoesNotFitError, ProbeCase


def on_top(declared: Declared, case: ProbeCase, first: Fault) -> Catalogue | None:
    """Return the likeliest faults of a backward that has one already, on the probe case; None where there are
    none.

    Args:
        declared: the cell.
        case: the probe case, without a fault.
        first: the fault that is there.
    """
    if first.mode is not Mode.BACKWARD or first.is_multiple:
        return None
    lines = tuple(_with(line, first) for line in declared.back.lines)
    changed = replace(declared, back=replace(declared.back, lines=lines))
    try:
        with np.errstate(all="ignore"):
            found = Collected(changed, ProbeCase(program(changed), case.given, _sizes(case)))
    except (DoesNotFitError, KeyError):  # a line needs what comes after it
        return None
    Backward(Ways(changed, found)).collect_likely()
    return found.settled()


def _with(line: Line, fault: Fault) -> Line:
    node = fault.lines.get(line.letter)
    if node is None:
        return line
    numbers: Mapping[Node, str] = {term.node: term.through for term in line.terms}
    nodes = node.terms if isinstance(node, Sum) else (node,)
    alone = line.terms[0].through if len(line.terms) == 1 else fault.equation
    return Line(line.letter, tuple(Term(one, numbers.get(one, alone)) for one in nodes))


def _sizes(case: ProbeCase) -> dict[str, int]:
    return {name: size for name, size in case.sizes.items() if name != "1"}
