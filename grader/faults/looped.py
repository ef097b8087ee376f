"""What loops with faults compute: all steps forward, and all steps back, many faults of one line at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.equations.nodes import Letter, Node
from grader.equations.through_time import indexed
from grader.faults.loop_step import LoopStep, absolute, index_of
from grader.faults.values import DoesNotFitError, Lines, evaluated
from grader.faults.wiring import CACHE, STEPS, STEPS_BACK, At, DeclaredLoop, at
from grader.records import Arrays


class LoopCase:
    """A loop on one case.

    Args:
        declared: the loop.
        inputs: the case's arrays.

    Attributes:
        true: what is judged -> its matrix; of a sequence, the steps' side by side.
    """

    def __init__(self, declared: DeclaredLoop, inputs: Arrays) -> None:
        self.declared, self.wires = declared, declared.wires
        self.program = self.wires.program
        self.given = dict(declared.matrices(inputs))
        self.sequences = {name: list(steps) for name, steps in declared.sequences(inputs).items()}
        self.count = len(next(iter(self.sequences.values())))
        self.sizes = {
            **declared.sizes({**self.given, **{k: v[0] for k, v in self.sequences.items()}}),
            "1": 1,
        }
        self.sizes["steps"] = self.count
        self.clean: Run | None = None
        self.clean = Run(self, {}, frozenset())
        self.true = self.clean.outputs(declared.judged)

    def made(self, lines: Lines, back: Lines | None = None) -> dict[str, Any]:
        """Return what is judged, as far as other lines may change it.

        Args:
            lines: what other lines say.
            back: all lines of another way back through a step, if it is one.

        Raises:
            DoesNotFitError: sizes do not fit.
        """
        dirty = self._dirty([*lines, *(back or ())])
        return Run(self, {**(back or {}), **lines}, dirty).outputs(self._reached(dirty))

    def batch(self, name: str, nodes: Sequence[Node]) -> dict[str, Any]:
        """Return the same for many right-hand sides of one line: matrices (n, r, c)."""
        dirty = self._dirty([name])
        run = Run(self, {}, dirty, (name, tuple(nodes)))
        shape = (len(nodes),)
        found = run.outputs(self._reached(dirty))
        return {one: np.broadcast_to(made, shape + made.shape[-2:]) for one, made in found.items()}

    def _dirty(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset[str]().union(*map(self.wires.behind, names))

    def _reached(self, dirty: frozenset[str]) -> dict[str, str]:
        judged = self.declared.judged
        return {name: key for name, key in judged.items() if key in dirty or at(key, At.HERE) in dirty}


class Run:
    """One way through a loop and back.

    Args:
        case: the case.
        lines: what lines say that are others.
        dirty: the keys of all lines whose value may be another; those of the case's clean run are taken for
            the rest.
        many: a line, and what it says in each of many loops.
    """

    def __init__(
        self,
        case: LoopCase,
        lines: Lines,
        dirty: frozenset[str],
        many: tuple[str, tuple[Node, ...]] | None = None,
    ) -> None:
        self.case, self.wires, self.lines, self.dirty, self.many = case, case.wires, lines, dirty, many
        clean = case.clean
        is_forward = clean is None or bool(dirty & self.wires.forward)
        is_back = clean is None or bool(dirty & (self.wires.backward | self.wires.after.keys()))
        self.steps: list[LoopStep] = [] if clean is None or is_forward else clean.steps
        self.back: list[LoopStep] = []
        if not self.steps:
            self._go(self.steps, STEPS)
        if is_back and self.wires.back:
            self._go(self.back, STEPS_BACK)

    def node(self, key: str) -> Node:
        """Return what a line says."""
        return self.lines.get(key) or self.wires.all[key]

    def step(self, key: str) -> At:
        """Which step a line says."""
        node = self.node(key)
        if not isinstance(node, Letter):
            raise DoesNotFitError(key)
        return At(indexed(node.name)[1])

    def _go(self, steps: list[LoopStep], key: str) -> None:
        is_back = key == STEPS_BACK
        clean = self.case.clean and (self.case.clean.back if is_back else self.case.clean.steps)
        carried = self._carried(is_back)
        for position, t in enumerate(_order(self.step(key), self.case.count)):
            cached = self._cached(t) if is_back else None
            known = clean[position] if clean and not (self.dirty & {key, CACHE}) else None
            steps.append(LoopStep(self, t, steps[-1] if steps else None, known, cached))
            for name in carried:  # step by step, so that no recursion goes through all of them
                steps[-1](name)

    def _carried(self, is_back: bool) -> list[str]:
        lines = self.wires.back_into if is_back else self.wires.into
        found: dict[str, None] = {}
        for key in lines:
            for name in _letters(self.node(key)):
                base, step = indexed(name)
                base = self.wires.made_by.get(base, base)
                if step and base in (self.wires.back if is_back else self.wires.front):
                    found[base] = None
        return list(found)

    def _cached(self, t: int) -> LoopStep:
        """Return the step whose values the way back through a step reads; caches are kept in the loop's
        order.
        """
        which = index_of(self.step(CACHE), t, self.case.count)
        if which is None or which >= len(self.steps):
            raise DoesNotFitError(CACHE)
        return self.steps[which]

    def outputs(self, judged: Mapping[str, str]) -> dict[str, Any]:
        """Return what is judged, as matrices."""
        found = {}
        for name, key in judged.items():
            if key in self.wires.after:
                found[name] = self._after(key)
            else:
                found[name] = self._sequence(key)
        return found

    def _after(self, key: str) -> Any:
        def letter(name: str) -> Any:
            base, step = indexed(name)
            if not step:
                if base not in self.case.given:
                    raise DoesNotFitError(base)
                return self.case.given[base]
            if base in self.case.sequences:
                return self.case.sequences[base][absolute(At(step), self.case.count)]
            values = [one(base) for one in self.back]
            if not values:  # no step was gone back through
                values = [np.zeros(self.wires.shapes[base].numbers(self.case.sizes))]
            match At(step):
                case At.FIRST:
                    return values[-1]
                case At.LAST:
                    return values[0]
                case At.ALL | At.MEAN:
                    total = _total(values)
                    return total / self.case.count if step == At.MEAN else total
            raise DoesNotFitError(name)

        return self.value(key, letter)

    def _sequence(self, base: str) -> Any:
        key = at(base, At.HERE)
        is_back = key in self.wires.back_kept
        steps = self.back if is_back else self.steps
        found: dict[int, Any] = {}
        where = self.step(f"{base}⟨⟩")
        for one in steps:
            index = index_of(where, one.t, self.case.count)
            if index is None:
                raise DoesNotFitError(key)
            found[index] = one.line(key)
        of = next(name for name in _letters(self.wires.all[key]))
        lead = max((np.shape(one)[:-2] for one in found.values()), key=len, default=())
        shape = (*lead, *self.wires.shapes[of].numbers(self.case.sizes))
        try:  # as NumPy does where a step is stored: one column goes for all samples
            parts = [
                np.broadcast_to(found[t], shape) if t in found else np.zeros(shape)
                for t in range(self.case.count)
            ]
        except ValueError as error:
            raise DoesNotFitError(str(error)) from None
        return np.concatenate(parts, axis=-1)

    def value(self, key: str, letter: Any) -> Any:
        """Return what a line's right-hand side is; of the line that has many, of each of them."""
        if self.many is None or self.many[0] != key:
            return evaluated(self.case, self.node(key), letter)
        found = []
        for i, node in enumerate(self.many[1]):

            def one(name: str, i: int = i) -> Any:
                value = letter(name)
                return value[i] if np.ndim(value) == 3 else value

            found.append(evaluated(self.case, node, one))
        return np.stack(found)


def _letters(node: Node) -> Iterable[str]:
    if isinstance(node, Letter):
        yield node.name
    for one in node.below:
        yield from _letters(one)


def _total(values: Sequence[Any]) -> Any:
    total = values[0]
    for one in values[1:]:
        total = total + one
    return total


def _order(which: At, count: int) -> list[int]:
    """Return the steps in the order in which they are gone through, from 0."""
    everything = list(range(count))
    return {
        At.ALL: everything,
        At.TURNED: everything[::-1],
        At.AFTER: everything[1:],
        At.BEFORE: everything[:-1],
        At.LATE: everything[:0:-1],
        At.EARLY: everything[-2::-1] if count > 1 else [],
    }[which]
