"""The faults of a cell on a suite: what they make of a probe case, and which may be what was answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grader.equations.sizes import Dimensions
from grader.faults import probing
from grader.faults.agreeing import TOLERANCE, agree
from grader.faults.catalogue import Catalogue
from grader.faults.collected import arrays, case_of, program
from grader.faults.fault import Declared, Fault
from grader.faults.values import ProbeCase
from grader.records import Array, Arrays, Keep, Suite
from grader.records import Case as Asked


@dataclass(frozen=True)
class Known:
    """What is known of a suite once for all hand-ins.

    Attributes:
        probe: the position of the probe case.
        safe: the positions of the cases on which faults are held.
        faults: all faults, with what they make of the probe case.
    """

    probe: int
    safe: Sequence[int]
    faults: Catalogue


class Bench:
    """The faults of a cell on a suite. What is needed of them is computed when it is first asked for.

    Args:
        declared: the cell.
        suite: what everybody is asked.
        keep: finds what was computed of it before, by whatever process, or computes it and keeps that; None
            to compute it.

    Attributes:
        kept_values: what is computed once of a state's line for pairs of faults of forward.
        most_tried: second faults that are tried on top of a first one, on the probe case.
    """

    most_tried = 250

    def __init__(self, declared: Declared, suite: Suite, keep: Keep | None = None) -> None:
        self.declared, self.suite, self._keep = declared, suite, keep
        self.program = program(declared)
        self._on_top: dict[int, Catalogue | None] = {}
        self.kept_values: dict[str, Mapping[str, tuple[list[int], Array]]] = {}

    # --- what is known of the suite

    @property
    def probe(self) -> int:
        """The position of the probe case."""
        return self.known.probe

    @property
    def faults(self) -> Catalogue:
        """All faults, with what they make of the probe case."""
        return self.known.faults

    @cached_property
    def known(self) -> Known:
        """All that is the same for all hand-ins, by the suite alone."""
        return self._computed() if self._keep is None else self._read(*self._keep(self._written))

    def _computed(self) -> Known:
        drawn = [self.case(asked) for asked in self.suite.cases]
        safe = [at for at, case in enumerate(drawn) if self.is_safe(case)]
        at = self.best(drawn)
        return Known(at, safe, self.compiled(drawn[at]))

    def _written(self) -> tuple[Any, Arrays]:
        """Return what is known in flat form: what is said of it, and arrays by name."""
        from grader.faults import written  # which where nothing is kept is not needed

        known = self._computed()
        outputs, found = written.written(known.faults)
        own = self.declared.back.shapes
        shapes = [
            [name, one.rows, one.columns] for name, one in self.program.shapes.items() if own.get(name) != one
        ]
        return {"probe": known.probe, "safe": known.safe, "outputs": outputs, "shapes": shapes}, found

    def _read(self, said: Any, found: Arrays) -> Known:
        from grader.faults import written

        # Of letters that wrong forwards have beside the cell's own.
        self.program.shapes |= {
            name: Dimensions(tuple(rows), tuple(columns)) for name, rows, columns in said["shapes"]
        }
        case = self.case(self.suite.cases[said["probe"]])
        return Known(said["probe"], said["safe"], written.read(said["outputs"], found, case))

    # --- what a cell has otherwise than a loop

    def case(self, asked: Asked) -> ProbeCase:
        """Return a case with the values of all letters."""
        return case_of(self.declared, self.program, asked.inputs)

    def is_safe(self, case: ProbeCase) -> bool:
        """Whether faults may be held on a case."""
        return probing.is_safe(case)

    def best(self, drawn: Sequence[ProbeCase]) -> int:
        """Return the position of the case that tells faults apart best."""
        return probing.probe(drawn, self.suite.cases)

    def compiled(self, case: ProbeCase) -> Catalogue:
        """Return all faults, with what they make of a case."""
        from grader.faults import compiling  # which where that was kept is not needed

        return compiling.compiled(self.declared, case)

    def on_top(self, position: int) -> Catalogue | None:
        """Return the likeliest faults on top of one."""
        from grader.faults import pairs

        if position not in self._on_top:
            first = self.faults.faults[position]
            self._on_top[position] = pairs.on_top(self.declared, self.faults.case, first)
        return self._on_top[position]

    def arrays(self, case: ProbeCase, fault: Fault) -> dict[str, Array]:
        """Return what a fault makes of the outputs that it may change.

        Raises:
            DoesNotFitError: sizes do not fit.
        """
        return arrays(self.declared, case, fault)

    # --- what hand-ins are held to

    @cached_property
    def _drawn(self) -> list[tuple[int, ProbeCase]]:
        return [(at, self.case(self.suite.cases[at])) for at in self.known.safe]

    def safe(self, cases: Sequence[Asked]) -> list[tuple[int, ProbeCase]]:
        """Return the cases on which faults are held: of those of this hand-in alone, too."""
        first = len(self.suite.cases)
        own = [(at, self.case(asked)) for at, asked in enumerate(cases[first:], start=first)]
        return self._drawn + [(at, case) for at, case in own if self.is_safe(case)]

    def wrong_with(self, fault: int) -> set[str]:
        """Return the outputs that a fault has wrong on the probe case."""
        broken = self.faults.breaks[fault]
        return {name for name, one in zip(self.declared.outputs, broken, strict=True) if one}

    def with_wrong(self, outputs: Collection[str]) -> list[int]:
        """Return the faults that have these outputs wrong on the probe case, and no others, the likeliest
        first.
        """
        wanted = np.array([name in outputs for name in self.declared.outputs])
        return self.faults.columns.likeliest_first((self.faults.breaks == wanted).all(axis=1))

    def candidates(
        self, given: Mapping[str, Array], right: Collection[str]
    ) -> dict[int, dict[str, float | None]]:
        """Return the faults that make some of a hand-in's arrays of the probe case, and leave right what is
        right.

        Args:
            given: wrong output -> its matrix on the probe case.
            right: outputs that are right.

        Returns:
            position of the fault -> output that it makes -> the number of times that it adds what it adds.
        """
        faults, is_multiple = self.faults, self.faults.columns.is_multiple
        columns = [column for column, name in enumerate(self.declared.outputs) if name in right]
        allowed = np.asarray(~faults.breaks[:, columns].any(axis=1))
        found: dict[int, dict[str, float | None]] = {}
        for column, (name, letter) in enumerate(self.declared.outputs.items()):
            if name not in given or name not in faults.made:
                continue
            at, made = faults.made[name]
            true = faults.case.true[letter]
            fits = allowed[at] & faults.breaks[at, column] & ~is_multiple[at]
            for i in np.flatnonzero(fits & agree(made, given[name][None], true)):
                found.setdefault(int(at[i]), {})[name] = None
            for i in np.flatnonzero(allowed[at] & is_multiple[at]):
                factor = times_added(made[i] - true, given[name] - true)
                if factor is not None:
                    found.setdefault(int(at[i]), {})[name] = factor
        return found


def times_added(step: Array, off: Array) -> float | None:
    """How many times a step makes a difference; None if none does."""
    square = float((step * step).sum())
    if not square:
        return None
    factor = float((step * off).sum()) / square
    is_it = np.abs(off - factor * step).max() <= TOLERANCE * np.abs(off).max()
    return factor if is_it and factor else None
