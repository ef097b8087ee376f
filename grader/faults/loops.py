"""Which mistake a loop through time has made: those of its cell at every step, and those of its wiring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.equations.nodes import Applied, Letter
from grader.faults.catalogue import Catalogue
from grader.faults.fault import Fault
from grader.faults.looped import LoopCase
from grader.faults.matching import Matcher
from grader.faults.probing import SATURATED, is_bent
from grader.faults.values import ProbeCase
from grader.faults.wiring import DeclaredLoop
from grader.records import Array, Keep, Suite
from grader.records import Case as Asked

# Of an output's largest entry: where yhat is 1e-9, a loop whose error is yhat - y does not see yhat.
VANISHING = 1e-3
LEAST_STEPS = 3  # of the probe case: with fewer, the first step, the last and the next one are one


class LoopMatcher(Matcher):
    """Explains hand-ins of a loop.

    Args:
        declared: the loop.
        suite: what everybody is asked.
        keep: as a `Bench` has it.
    """

    def __init__(self, declared: DeclaredLoop, suite: Suite, keep: Keep | None = None) -> None:
        super().__init__(declared, suite, keep)
        self.looped = declared

    def case(self, asked: Asked) -> ProbeCase:
        """Return a case with the values of all that is judged."""
        with np.errstate(all="ignore"):
            return LoopCase(self.looped, asked.inputs)  # type: ignore[return-value]

    def is_safe(self, case: Any) -> bool:
        """Whether nothing is saturated at any step: then what a fault makes is no matter of rounding."""
        return is_safe(case)

    def best(self, drawn: Sequence[Any]) -> int:
        """Return the position of the probe case: small, of three steps or more, sizes distinct, nothing in it
        0, no output that vanishes, and at some step no activation as good as a line.
        """

        def key(at: int) -> tuple[int, int, int]:
            case: LoopCase = drawn[at]
            sizes = [size for name, size in case.sizes.items() if name not in ("1", "steps")]
            is_long = case.count >= LEAST_STEPS
            is_distinct = min(sizes) > 1 and len({*sizes, case.count}) == len(sizes) + 1
            is_plain = is_safe(case) and all(np.all(array != 0) for array in case.given.values())
            is_plain = is_plain and is_bent(np.stack(steps) for steps in _arguments(case))
            judged = (case.true[letter] for letter in self.declared.outputs.values())
            is_plain = is_plain and all(np.abs(array).max() >= VANISHING for array in judged)
            return -(4 * is_long + 2 * is_plain + is_distinct), self.suite.cases[at].entries, at

        return min(range(len(drawn)), key=key)

    def compiled(self, case: Any) -> Catalogue:
        """Return all faults, with what they make of a case."""
        from grader.faults import loop_compiling  # which where that was kept is not needed

        return loop_compiling.compiled(self.looped, case)

    def on_top(self, position: int) -> Catalogue | None:
        """None: pairs are not looked for through time."""
        return None

    def arrays(self, case: Any, fault: Fault) -> dict[str, Array]:
        """Return what a fault makes of the outputs that it may change.

        Raises:
            DoesNotFitError: sizes do not fit.
        """
        made: dict[str, Array] = case.made(fault.lines, fault.back)
        return made


def is_safe(case: LoopCase) -> bool:
    """Whether nothing is saturated at any step: then what a fault makes of it is no matter of rounding."""
    return all(bool(np.abs(one).max() <= SATURATED) for steps in _arguments(case) for one in steps)


def _arguments(case: LoopCase) -> Iterator[list[Array]]:
    """Yield what goes into each activation, at every step."""
    assert case.clean is not None
    for node in case.wires.front.values():
        if isinstance(node, Applied) and isinstance(node.of, Letter):
            yield [step(node.of.name) for step in case.clean.steps]
