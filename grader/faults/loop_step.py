"""One step of a loop: its letters, each computed when it is asked for, with those of the steps around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.equations.through_time import indexed
from grader.faults.values import DoesNotFitError
from grader.faults.wiring import At, at

if TYPE_CHECKING:
    from grader.faults.looped import Run


class LoopStep:
    """The letters of one step. Called with a letter's name, it gives its value."""

    def __init__(
        self, run: Run, t: int, before: LoopStep | None, clean: LoopStep | None, cached: LoopStep | None
    ) -> None:
        self.run, self.t, self.before, self.clean, self.cached = run, t, before, clean, cached
        self.found: dict[str, Any] = {}
        self.begun: set[str] = set()
        self._alone: LoopStep | None = None

    def __call__(self, name: str) -> Any:
        """Return a letter's value, with ⟨step⟩ behind its name at another step than this."""
        if name in self.found:
            return self.found[name]
        run, wires = self.run, self.run.wires
        if "⟨" in name:
            return self._indexed(*indexed(name))
        if name in run.case.given:
            return run.case.given[name]
        if name not in (wires.of_step_back if self.cached else wires.of_step) and name not in run.lines:
            if self.cached is None:
                raise DoesNotFitError(name)
            return self.cached(name)
        if self.cached and name in run.lines and name in wires.of_step:
            return self.cached(name)
        return self.line(name)

    def line(self, key: str) -> Any:
        """Return what a line of this step's comes to."""
        if key in self.found:
            return self.found[key]
        if self.clean is not None and key not in self.run.dirty:
            return self.clean.line(key)
        if key in self.begun:
            raise DoesNotFitError(f"{key} needs itself")
        self.begun.add(key)
        self.found[key] = self.run.value(key, self)
        return self.found[key]

    def _indexed(self, base: str, step: str) -> Any:
        """Return a letter of some step."""
        case, where = self.run.case, At(step)
        if base in case.sequences:
            if where is At.LAST_ALONE:
                return case.sequences[base][-1] * float(self.t == case.count - 1)
            index = index_of(where, self.t, case.count)
            return case.sequences[base][index] if index is not None else 0 * case.sequences[base][0]
        if base == "1":  # 1 at the last step, and 0 before
            return np.full((1, 1), float(self.t == case.count - 1))
        if self.cached is not None and (base in self.run.wires.front or base in self.run.wires.into):
            index = index_of(where, self.t, case.count)
            steps = self.run.steps
            return steps[index](base) if index is not None and index < len(steps) else 0 * self.cached(base)
        made = self.run.wires.made_by.get(base)
        if made is not None and self.cached is None:
            return self._state(base, made, where)
        if self.cached is not None and made is None:
            return self._carried(base, where)
        raise DoesNotFitError(base)

    def _state(self, base: str, made: str, where: At) -> Any:
        """Return a state of a step before, as it is handed on."""
        match where:
            case At.BEFORE:
                return self.before(made) if self.before else self._start(base)
            case At.EARLY:
                before = self.before and self.before.before
                return before(made) if before else self._start(base)
        raise DoesNotFitError(base)

    def _start(self, base: str) -> Any:
        key = at(base, At.BEFORE)
        return self.run.value(key, self.run.case.given.__getitem__)

    def _carried(self, base: str, where: At) -> Any:
        """Return a derivative of the step that was gone back through before."""
        zeros = np.zeros(self.run.wires.shapes[base].numbers(self.run.case.sizes))
        match where:
            case At.AFTER:
                return self.before(base) if self.before else zeros
            case At.LATE:
                before = self.before and self.before.before
                return before(base) if before else zeros
            case At.ALL_AFTER:
                total, one = zeros, self.before
                while one is not None:
                    total, one = total + one(base), one.before
                return total
            case At.ALONE:
                return self.before.alone(base) if self.before else zeros
        raise DoesNotFitError(base)

    def alone(self, name: str) -> Any:
        """Return a letter of this step if nothing were carried to it."""
        if self._alone is None:
            self._alone = LoopStep(self.run, self.t, None, None, self.cached)
        return self._alone(name)


def index_of(which: At, t: int, count: int) -> int | None:
    """Return the index of a step, from 0; before the first is the last, as in Python; None where there is
    none.
    """
    match which:
        case At.HERE:
            return t
        case At.BEFORE:
            return (t - 1) % count
        case At.AFTER:
            return t + 1 if t + 1 < count else None
        case At.TURNED:
            return count - 1 - t
    return absolute(which, count)


def absolute(which: At, count: int) -> int:
    """Return the index of the first or the last step."""
    if which is At.FIRST:
        return 0
    if which is At.LAST:
        return count - 1
    raise DoesNotFitError(which)
