"""Which mistake a loop through time has made: those of its cell at every step, and those of its wiring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from grader.equations.nodes import Applied, Letter, Node
from grader.faults.backward import Backward
from grader.faults.catalogue import SATURATED
from grader.faults.collected import Collected, fits, program
from grader.faults.fault import Fault, Mode
from grader.faults.forward import Forward
from grader.faults.lines import Ways
from grader.faults.looped import LoopCase
from grader.faults.looping import Looping
from grader.faults.matching import Matcher
from grader.faults.values import DoesNotFitError, ProbeCase
from grader.faults.wiring import DeclaredLoop
from grader.records import Array, Suite
from grader.records import Case as Asked

LEAST_STEPS = 3  # of the probe case: with fewer, the first step, the last and the next one are one
MOST_STEPS = 8  # of cases on which faults are held, where enough have no more


class LoopMatcher(Matcher):
    """Explains hand-ins of a loop.

    Args:
        declared: the loop.
        suite: what everybody is asked.
    """

    most_tried = 40  # each takes ten times as long as with a cell

    def __init__(self, declared: DeclaredLoop, suite: Suite) -> None:
        super().__init__(declared, suite)
        self.looped = declared

    @cached_property
    def probe(self) -> int:
        """The position of the probe case: small, of three steps or more, sizes distinct, nothing in it 0."""
        cases = [(at, LoopCase(self.looped, asked.inputs)) for at, asked in enumerate(self.suite.cases)]

        def key(one: tuple[int, LoopCase]) -> tuple[int, int, int]:
            at, case = one
            sizes = [size for name, size in case.sizes.items() if name not in ("1", "steps")]
            is_long = case.count >= LEAST_STEPS
            is_distinct = min(sizes) > 1 and len({*sizes, case.count}) == len(sizes) + 1
            is_plain = is_safe(case) and all(np.all(array != 0) for array in case.given.values())
            return -(4 * is_long + 2 * is_plain + is_distinct), self.suite.cases[at].entries, at

        return min(cases, key=key)[0]

    @cached_property
    def faults(self) -> Collected:
        """All faults, with what they make of the probe case."""
        return compiled(self.looped, self.case(self.suite.cases[self.probe]))  # type: ignore[arg-type]

    def on_top(self, position: int) -> Collected | None:
        """None: pairs are not looked for through time."""
        return None

    def case(self, asked: Asked) -> ProbeCase:
        """Return a case with the values of all that is judged."""
        with np.errstate(all="ignore"):
            return LoopCase(self.looped, asked.inputs)  # type: ignore[return-value]

    def safe(self, cases: Sequence[Asked]) -> list[tuple[int, ProbeCase]]:
        """Return the cases on which faults are held: of those of this hand-in alone, too."""
        first = len(self.suite.cases)
        own: list[tuple[int, Any]] = [
            (at, self.case(one)) for at, one in enumerate(cases[first:], start=first)
        ]
        return self._held + [(at, case) for at, case in own if is_safe(case)]

    @cached_property
    def _held(self) -> list[tuple[int, ProbeCase]]:
        cases: list[tuple[int, Any]] = [(at, self.case(one)) for at, one in enumerate(self.suite.cases)]
        return [(at, case) for at, case in cases if is_safe(case)]

    def arrays(self, case: ProbeCase, fault: Fault) -> dict[str, Array]:
        """Return what a fault makes of the outputs that it may change.

        Raises:
            DoesNotFitError: sizes do not fit.
        """
        return case.made(fault.lines, fault.back)  # type: ignore[attr-defined,no-any-return]


def is_safe(case: LoopCase) -> bool:
    """Whether nothing is saturated at any step: then what a fault makes of it is no matter of rounding."""
    assert case.clean is not None
    arguments = [
        node.of.name
        for node in case.wires.front.values()
        if isinstance(node, Applied) and isinstance(node.of, Letter)
    ]
    return all(bool(np.abs(step(name)).max() <= SATURATED) for step in case.clean.steps for name in arguments)


def compiled(declared: DeclaredLoop, case: LoopCase) -> Collected:
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
    found.settled()
    return found


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

    def settled(self) -> None:
        """Compute what all faults make of all outputs."""
        case: Any = self.case
        for name, many in self._many.items():
            with np.errstate(all="ignore"):
                for some, nodes in _fitting(case, name, many):
                    for output, arrays in nodes.items():
                        self._arrays.setdefault(output, []).extend(zip(some, arrays, strict=True))
        self._many = {}
        super().settled()


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
