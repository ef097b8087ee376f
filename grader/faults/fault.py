"""What a fault is: one way to depart from the statement's equations and their way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from grader.equations.nodes import Letter, Node
from grader.equations.program import Program
from grader.equations.way_back import WayBack
from grader.faults.modes import Mode
from grader.faults.operations import Kind, Slip
from grader.records import Array, Arrays


class Scope(StrEnum):
    """At how many places a fault is."""

    LINE = "line"  # where a letter is made
    FAMILY = "family"  # in all lines that are alike
    GROUP = "group"  # at several uses of a letter
    USE = "use"  # at one use of it


@dataclass(frozen=True)
class Declared:
    """A cell with what is judged of it.

    Attributes:
        program, back: the way forward, and back.
        seeds: letter -> the derivative by it that is handed in.
        states: what is judged of forward -> its letter.
        gradients: what is judged of backward -> the letter that it is the derivative by.
        matrices: a case's arrays -> those of its letters.
        matrix: name of what is judged and its array -> the matrix.
        sizes: matrices -> the number of each size.
    """

    program: Program
    back: WayBack
    seeds: Mapping[str, str]
    states: Mapping[str, str]
    gradients: Mapping[str, str]
    matrices: Callable[[Arrays], Mapping[str, Array]] = field(repr=False)
    matrix: Callable[[str, Array], Array] = field(repr=False)
    sizes: Callable[[Mapping[str, Array]], Mapping[str, int]] = field(repr=False)

    @property
    def outputs(self) -> dict[str, str]:
        """All that is judged -> its letter, of either way."""
        return {**self.states, **self.derivatives(self.back)}

    def derivatives(self, back: WayBack) -> dict[str, str]:
        """Return what is judged of backward -> its letter there."""
        return {name: back.derivative[of] for name, of in self.gradients.items()}

    @property
    def stacks(self) -> Mapping[str, tuple[str, ...]]:
        """Stacked array -> the letters that it is stacked of, from the top."""
        stacked = [one for one in self.program.equations if len(one.left) > 1]
        return {one.right.name: one.left for one in stacked if isinstance(one.right, Letter)}


@dataclass(frozen=True)
class Fault:
    """One way to be wrong.

    Attributes:
        slip: what was done, at one place.
        letter: whose line, or which array, is wrong.
        equation: the number of the equation that is wrong, or that is gone back through wrongly; "" if it
            cannot be said.
        mode, scope: what has it in it, and at how many places.
        lines: letters whose lines are others -> what they are.
        back: all lines of a way back in the place of the statement's; of CONSISTENT.
        outputs: what is judged -> what is handed back for it.
        given: letter -> what stands for it from the start.
        places: of a family, the letters.
        others: of a family, what was done at the other places.
        says: what no slip says; else "".
        unlikely: how much less likely than others of its kind.
        is_multiple: that what is added by it is added a number of times that only the answers tell.
    """

    slip: Slip
    letter: str
    equation: str
    mode: Mode
    scope: Scope = Scope.LINE
    lines: Mapping[str, Node] = field(default_factory=dict, repr=False)
    back: Mapping[str, Node] | None = field(default=None, repr=False)
    outputs: Mapping[str, Node] = field(default_factory=dict, repr=False)
    given: Mapping[str, Node] = field(default_factory=dict, repr=False)
    places: tuple[str, ...] = ()
    others: tuple[Slip, ...] = ()
    says: str = ""
    unlikely: int = 0
    is_multiple: bool = False

    @property
    def rank(self) -> int:
        """How likely it is: the smaller, the likelier."""
        far = {Scope.LINE: 0, Scope.FAMILY: 1, Scope.GROUP: 2, Scope.USE: 3}[self.scope]
        mode = {Mode.OUTPUT: -5, Mode.BORROWED: 35}.get(self.mode, 0)
        return 10 * _RANK[self.slip.kind] + far + mode + self.unlikely + (3 if self.slip.here else 0)


def both(first: Fault, second: Fault) -> Fault:
    """Return the two as one; the second was found on top of the first."""
    return replace(first, lines={**first.lines, **second.lines}, places=(), scope=second.scope)


_RANK = {
    Kind.SLOPE: 0,
    Kind.SLOPE_PART: 0,
    Kind.SLOPE_OTHER: 0,
    Kind.SLOPE_TWICE: 0,
    Kind.SLOPE_BEFORE: 0,
    Kind.SLOPE_OF: 0,
    Kind.ORDER: 0,
    Kind.TERM: 1,
    Kind.FACTOR: 1,
    Kind.SIGN: 1,
    Kind.TRANSPOSED: 1,
    Kind.SIDES: 1,
    Kind.RULE: 1,
    Kind.ACTIVATION: 1,
    Kind.ZERO: 1,
    Kind.SAMPLES: 1,
    Kind.STEP: 1,
    Kind.GIVEN: 2,
    Kind.GATE: 2,
    Kind.PARENTHESIS: 2,
    Kind.MOVED: 2,
    Kind.LETTER: 3,
    Kind.PLUS: 3,
    Kind.TIMES: 4,
    Kind.CONSTANT: 4,
    Kind.ADDED: 4,
}
