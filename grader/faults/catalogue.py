"""The faults of a cell with what each makes of a probe case: what hand-ins are held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from grader.faults.agreeing import agree
from grader.faults.fault import Declared, Fault, Scope
from grader.faults.modes import Mode
from grader.faults.values import ProbeCase
from grader.records import Array

MODES, SCOPES = tuple(Mode), tuple(Scope)


@dataclass(frozen=True)
class Columns:
    """What is asked of all faults at once, an entry for each: of ten thousand, few need to be looked at.

    Attributes:
        ranks: how likely each is.
        modes, scopes: positions in `MODES` and `SCOPES`.
        lines: how many lines are others.
        is_more: that more than lines is another: what is given, what is handed back, or all of the way back.
        is_multiple: that what is added by it is added a number of times that only the answers tell.
    """

    ranks: NDArray[np.int32]
    modes: NDArray[np.uint8]
    scopes: NDArray[np.uint8]
    lines: NDArray[np.int32]
    is_more: NDArray[np.bool_]
    is_multiple: NDArray[np.bool_]

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> Self:
        """Return the columns of some faults."""
        return cls(
            np.array([one.rank for one in faults], np.int32),
            np.array([MODES.index(one.mode) for one in faults], np.uint8),
            np.array([SCOPES.index(one.scope) for one in faults], np.uint8),
            np.array([len(one.lines) for one in faults], np.int32),
            np.array([bool(one.back or one.outputs or one.given) for one in faults], np.bool_),
            np.array([one.is_multiple for one in faults], np.bool_),
        )

    @property
    def arrays(self) -> Mapping[str, Array]:
        """All of them, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def has_mode(self, mode: Mode) -> NDArray[np.bool_]:
        """Which faults are of a mode."""
        return np.asarray(self.modes == MODES.index(mode))

    def has_scope(self, scope: Scope) -> NDArray[np.bool_]:
        """Which faults are of a scope."""
        return np.asarray(self.scopes == SCOPES.index(scope))

    def likeliest_first(self, which: NDArray[np.bool_]) -> list[int]:
        """Return the positions of some faults, by rank."""
        positions = np.flatnonzero(which)
        return [int(at) for at in positions[np.argsort(self.ranks[positions], kind="stable")]]


@dataclass(frozen=True)
class Catalogue:
    """The faults of a cell, and the arrays that they make.

    Attributes:
        case: the probe case, on which all sizes are distinct.
        faults: those that fit and are finite there.
        made: output -> (positions of the faults that change it, the matrices that they make of it).
        columns: of all faults.
        breaks: which fault has which output wrong: (faults, outputs).
    """

    case: ProbeCase
    faults: Sequence[Fault]
    made: Mapping[str, tuple[Array, Array]]
    columns: Columns
    breaks: NDArray[np.bool_]


def breaks(
    declared: Declared, case: ProbeCase, made: Mapping[str, tuple[Array, Array]], count: int
) -> NDArray[np.bool_]:
    """Return which of so many faults has which output wrong on a case: (faults, outputs)."""
    found = np.zeros((count, len(declared.outputs)), np.bool_)
    for column, (name, letter) in enumerate(declared.outputs.items()):
        if name in made:
            at, matrices = made[name]
            found[at, column] = ~agree(case.true[letter][None], matrices)
    return found
