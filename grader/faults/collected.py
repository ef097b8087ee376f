"""The faults of a cell as they are found, each with what it makes of the probe case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from grader.equations.nodes import Letter
from grader.faults.catalogue import Catalogue, Columns, breaks
from grader.faults.fault import Declared, Fault
from grader.faults.values import DoesNotFitError, FaultProgram, ProbeCase
from grader.records import Array

_SAME = 1e-9  # of the true array's scale: by which two formulations of one program may part


@dataclass
class Collected:
    """Faults, and the arrays that they make.

    Attributes:
        declared: the cell.
        case: the probe case, on which all sizes are distinct.
        faults: as far as they fit and are finite there.
    """

    declared: Declared
    case: ProbeCase
    faults: list[Fault] = field(default_factory=list)
    _lines: dict[str, list[tuple[int, Array]]] = field(default_factory=dict)
    _arrays: dict[str, list[tuple[int, Array]]] = field(default_factory=dict)
    _seen: dict[object, int] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        """Keep a fault, unless it does not fit, or is one that is there already."""
        key = tuple(tuple(one.items()) for one in (fault.lines, fault.back or {}, fault.outputs, fault.given))
        position = len(self.faults)
        at = self._seen.setdefault(key, position)
        if at != position:
            if 0 <= at < position and fault.rank < self.faults[at].rank:  # the same, and told more simply
                self.faults[at] = fault
            return
        self._seen[key] = -1  # until it has been found to fit
        try:
            with np.errstate(all="ignore"):
                if (value := self._of_line(fault)) is not None:
                    self._lines.setdefault(next(iter(fault.lines)), []).append((position, value))
                else:
                    made = arrays(self.declared, self.case, fault)
                    for name, array in made.items():
                        if np.shape(array) != self.case.true[self.declared.outputs[name]].shape:
                            return
                    for name, array in made.items():
                        self._arrays.setdefault(name, []).append((position, array))
        except DoesNotFitError:
            return
        self._seen[key] = position
        self.faults.append(fault)

    def _of_line(self, fault: Fault) -> Array | None:
        """Return what the one line comes to that a fault is in; None where it is in more than one.

        A line may have one column for all samples, as of a bias alone: then it is as good as in several.

        Raises:
            DoesNotFitError: it has another shape.
        """
        if len(fault.lines) > 1 or fault.back or fault.outputs or fault.given:
            return None
        ((name, node),) = fault.lines.items()
        value: Array = self.case.value(node, self.case.true)
        if not fits(np.shape(value), self.case.true[name].shape):
            raise DoesNotFitError(name)
        return value if np.shape(value) == self.case.true[name].shape else None

    def settled(self) -> Catalogue:
        """Return all of them, with what they make of all outputs."""
        letters = self.declared.outputs
        changed: dict[str, tuple[Array, Array]] = {}
        for name, values in self._lines.items():
            positions = [position for position, _ in values]
            with np.errstate(all="ignore"):
                found = self.case.batch(name, np.stack([value for _, value in values]), letters.values())
            for output, letter in letters.items():
                if letter in found:
                    self._arrays.setdefault(output, []).extend(zip(positions, found[letter], strict=True))
        for output, pairs in self._arrays.items():
            true = self.case.true[letters[output]]
            at, made = np.array([at for at, _ in pairs]), np.stack([array for _, array in pairs])
            with np.errstate(all="ignore"):
                is_other = np.abs(made - true).max(axis=(-2, -1)) > _SAME * np.abs(true).max()
            kept = is_other & np.isfinite(made).all(axis=(-2, -1))
            if kept.any():
                changed[output] = (at[kept], made[kept])
        self._lines, self._arrays, self._seen = {}, {}, {}
        wrong = breaks(self.declared, self.case, changed, len(self.faults))
        return Catalogue(self.case, self.faults, changed, Columns.of(self.faults), wrong)


def fits(shape: tuple[int, ...], true: tuple[int, ...]) -> bool:
    """Whether a line may have a value: of its shape, or one column for all samples, as of a bias alone."""
    return shape in (true, (true[0], 1))


def arrays(declared: Declared, case: ProbeCase, fault: Fault) -> dict[str, Array]:
    """Return what a fault makes of the outputs that it may change, as matrices.

    Raises:
        DoesNotFitError: sizes do not fit.
    """
    letters = declared.outputs
    if fault.outputs and not fault.lines:
        return {name: case.value(node, case.true) for name, node in fault.outputs.items()}
    if fault.back is None and not fault.given:
        behind = frozenset[str]().union(*map(case.program.behind, fault.lines))
        names = [name for name, letter in letters.items() if letter in behind]
        wanted = [Letter(letters[name]) for name in names]
        return dict(zip(names, case.with_lines(fault.lines, wanted), strict=True))
    lines = {**case.program.lines, **(fault.back or {}), **fault.lines}
    nodes = [fault.outputs.get(name, Letter(letter)) for name, letter in letters.items()]
    return dict(zip(letters, case.afresh(lines, fault.given, nodes), strict=True))


def program(declared: Declared) -> FaultProgram:
    """Both ways, one after the other."""
    lines = {one.letter: one.node for one in (*declared.program.lines, *declared.back.lines)}
    return FaultProgram(lines, dict(declared.back.shapes))


def case_of(declared: Declared, both: FaultProgram, inputs: Mapping[str, Array]) -> ProbeCase:
    """Return a case with the values of all letters."""
    matrices = declared.matrices(inputs)
    with np.errstate(all="ignore"):
        return ProbeCase(both, matrices, declared.sizes(matrices))
