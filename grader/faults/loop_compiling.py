"""Compiles the catalogue of a loop through time: the faults of its cell at every step, and of its wiring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.equations.nodes import Node
from grader.faults.backward import Backward
from grader.faults.catalogue import Catalogue
from grader.faults.collected import Collected, fits, program
from grader.faults.fault import Fault
from grader.faults.forward import Forward
from grader.faults.lines import Ways
from grader.faults.looped import LoopCase
from grader.faults.looping import Looping
from grader.faults.modes import Mode
from grader.faults.values import DoesNotFitError, ProbeCase
from grader.faults.wiring import DeclaredLoop


def compiled(declared: DeclaredLoop, case: LoopCase) -> Catalogue:
    """Return the faults of a loop, on a probe case."""
    assert case.clean is not None
    found = _OfLoop(declared, case)  # type: ignore[arg-type]
    step = case.clean.steps[min(1, case.count - 1)]
    # What the cell is given at a step where nothing is zero: of the way back, too.
    given = {name: step(name) for name in (*declared.program.weights, *declared.program.data)}
    if case.clean.back:
        back = case.clean.back[-1]
        given |= {seed: back(seed) for seed in declared.seeds.values()}
    cell = _OfCell(declared, ProbeCase(program(declared), given, case.sizes), into=found)
    found.cell = cell.case
    ways = Ways(declared, cell)
    Looping(declared, found.add, {name: array.shape for name, array in cell.case.true.items()}).collect()
    Forward(ways).collect()
    if declared.gradients:
        Backward(ways).collect()
    return found.settled()


@dataclass
class _OfCell(Collected):
    """Hands the faults of a cell on to those of its loop."""

    into: _OfLoop | None = None

    def add(self, fault: Fault) -> None:
        """Hand one on."""
        assert self.into is not None
        self.into.add(fault)


@dataclass
class _OfLoop(Collected):
    """The faults of a loop as they are found, each with what it makes of the probe case."""

    cell: ProbeCase | None = None
    _many: dict[str, list[tuple[int, Node]]] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        """Keep a fault, unless it does not fit, or is one that is there already."""
        key = tuple(tuple(one.items()) for one in (fault.lines, fault.back or {}))
        position = len(self.faults)
        at = self._seen.setdefault(key, position)
        if at != position:
            if 0 <= at < position and fault.rank < self.faults[at].rank:
                self.faults[at] = fault
            return
        self._seen[key] = -1
        case: Any = self.case
        try:
            with np.errstate(all="ignore"):
                name = next(iter(fault.lines), "")
                if self._is_batched(fault, name):
                    self._many.setdefault(name, []).append((position, fault.lines[name]))
                else:
                    made = case.made(fault.lines, fault.back)
                    for output, array in made.items():
                        if np.shape(array) != case.true[output].shape:
                            return
                    for output, array in made.items():
                        self._arrays.setdefault(output, []).append((position, array))
        except (DoesNotFitError, KeyError):
            return
        self._seen[key] = position
        self.faults.append(fault)

    def _is_batched(self, fault: Fault, name: str) -> bool:
        """Whether a fault goes through the loop together with others of its line.

        Raises:
            DoesNotFitError: the line has another shape.
        """
        if len(fault.lines) > 1 or fault.back or self.cell is None or name not in self.cell.program.lines:
            return False
        if fault.mode is Mode.LOOP:  # which has letters that the cell has not
            return True
        shape, true = np.shape(self.cell.value(fault.lines[name], self.cell.true)), self.cell.true[name].shape
        if not fits(shape, true):
            raise DoesNotFitError(name)
        return bool(shape == true)

    def settled(self) -> Catalogue:
        """Return all of them, with what they make of all outputs."""
        case: Any = self.case
        for name, many in self._many.items():
            with np.errstate(all="ignore"):
                for some, nodes in _fitting(case, name, many):
                    for output, arrays in nodes.items():
                        self._arrays.setdefault(output, []).extend(zip(some, arrays, strict=True))
        self._many = {}
        return super().settled()


def _fitting(
    case: LoopCase, name: str, many: list[tuple[int, Node]]
) -> list[tuple[list[int], dict[str, Any]]]:
    """Return what the faults of one line make, all at once; one after the other, where one of them has no
    value.
    """
    try:
        return [([at for at, _ in many], case.batch(name, [node for _, node in many]))]
    except (DoesNotFitError, KeyError, ValueError):
        found = []
        for at, node in many:
            try:
                found.append(([at], case.batch(name, [node])))
            except (DoesNotFitError, KeyError, ValueError):
                continue
        return found
