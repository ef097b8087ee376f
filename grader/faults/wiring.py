"""A loop as lines: those of its cell, and those of its wiring.

Beside what `grader.equations.through_time` wires, what a program must say has a line here, too:

    steps       = t⟨1…T⟩        the order in which the steps are gone through; "steps back" on the way back
    a⟨⟩         = t⟨t⟩          at which step what belongs to step t is kept
    cache       = t⟨t⟩          which step's values the way back through step t reads
    Σ dWax      = dWax⟨1…T⟩     what is summed over the steps

So a mistake of a loop is another right-hand side of one of these, like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from grader.equations.nodes import Letter, Node, OverTime, Zeros, letters
from grader.equations.program import Line
from grader.equations.sizes import Dimensions
from grader.equations.through_time import Loop, LoopBack, indexed
from grader.faults.fault import Declared
from grader.faults.operations import renamed
from grader.faults.values import FaultProgram
from grader.records import Array, Arrays

STEPS, STEPS_BACK, CACHE = "steps", "steps back", "cache"


class At(StrEnum):
    """The step of a letter, as it is written behind it."""

    HERE = "t"
    BEFORE = "t−1"  # a state: that of the step gone through before
    AFTER = "t+1"  # a derivative that is carried: that of the step gone back through before
    LATE = "t+2"
    EARLY = "t−2"
    FIRST = "1"
    LAST = "T"
    TURNED = "T+1−t"
    ALL = "1…T"  # the sum of all
    ALL_AFTER = "t+1…T"  # the sum of all that were gone back through before
    MEAN = "1…T/T"
    LAST_ALONE = "T alone"  # of the last step, and at the last step alone
    ALONE = "t+1 alone"  # what is carried from the step behind, made of that step's own derivative alone


def at(name: str, step: At) -> str:
    """Return a letter with its step."""
    return f"{name}⟨{step}⟩"


@dataclass(frozen=True)
class DeclaredLoop(Declared):
    """A loop with what is judged of it; `program` and `back` are those of its cell.

    Attributes:
        loop, loop_back: the wiring.
        judged: all that is judged -> its sequence ("a", "dx") or the key of its line ("Σ dWax", "da0").
        sequences: a case's arrays -> sequence -> the matrices of all steps.
        sequences_of: sequence that is handed in -> the letter of the cell that has its shape.
        loop_seeds: those of them that are derivatives.
        errors: derivative that a loop is handed -> what it is, where the hand-in computes it.
    """

    loop: Loop = field(kw_only=True)
    loop_back: LoopBack | None = field(kw_only=True)
    judged: Mapping[str, str] = field(kw_only=True)
    sequences: Callable[[Arrays], Mapping[str, Array]] = field(kw_only=True, repr=False)
    sequences_of: Mapping[str, str] = field(kw_only=True)
    loop_seeds: tuple[str, ...] = field(kw_only=True, default=())
    errors: Mapping[str, Node] = field(kw_only=True, default_factory=dict)

    @property
    def outputs(self) -> dict[str, str]:
        """All that is judged, by its own name."""
        return {name: name for name in self.judged}

    @cached_property
    def wires(self) -> Wires:
        """All its lines."""
        return Wires.of(self)


@dataclass(frozen=True)
class Wires:
    """All lines of a loop, by letter or key.

    Attributes:
        front, back: those of the cell.
        into, back_into: what the cell is given at a step.
        kept, back_kept: "a⟨t⟩" -> what is kept of a step.
        starts: "a⟨0⟩" -> what stands before the first step.
        after: "Σ dWax", "da0" -> what is left when all steps are gone back through.
        plain: the lines of the table above that only say steps.
        shapes: of all letters of the cell.
        carried: letters of the cell that the next step is handed, of both ways.
    """

    front: Mapping[str, Node]
    back: Mapping[str, Node]
    into: Mapping[str, Node]
    back_into: Mapping[str, Node]
    kept: Mapping[str, Node]
    back_kept: Mapping[str, Node]
    starts: Mapping[str, Node]
    after: Mapping[str, Node]
    plain: Mapping[str, Node]
    shapes: Mapping[str, Dimensions]
    made_by: Mapping[str, str]

    @staticmethod
    def of(one: DeclaredLoop) -> Wires:
        """Return the lines of a loop."""
        loop, back = one.loop, one.loop_back
        kept = {line.letter: line.node for line in loop.kept}
        made_by = {indexed(name)[0]: node.name for name, node in kept.items() if isinstance(node, Letter)}
        into = {line.letter: line.node for line in loop.into}
        carried = [
            base for node in into.values() for base, step in map(indexed, letters(node)) if step == At.BEFORE
        ]
        starts: dict[str, Node] = {
            at(base, At.BEFORE): Letter(loop.starts[base]) if base in loop.starts else Zeros(made_by[base])
            for base in carried
        }
        plain: dict[str, Node] = {STEPS: Letter(at("t", At.ALL))}
        plain |= {f"{base}⟨⟩": Letter(at("t", At.HERE)) for base in made_by}
        empty: dict[str, Node] = {}
        if back is None:
            shapes = loop.cell.shapes
            return Wires(
                _lines(loop.cell.lines),
                empty,
                into,
                empty,
                kept,
                empty,
                starts,
                empty,
                plain,
                shapes,
                made_by,
            )
        back_kept = {line.letter: line.node for line in back.kept}
        plain |= {f"{indexed(name)[0]}⟨⟩": Letter(at("t", At.HERE)) for name in back_kept}
        plain |= {STEPS_BACK: Letter(at("t", At.TURNED)), CACHE: Letter(at("t", At.HERE))}
        back_into = {line.letter: _with_errors(line.node, one.errors) for line in back.into}
        after: dict[str, Node] = {}
        for line in back.after:
            node = line.node
            if isinstance(node, OverTime):
                assert isinstance(node.of, Letter)
                after[f"Σ {line.letter}"] = Letter(at(node.of.name, At.ALL))
            else:
                after[line.letter] = node
        return Wires(
            _lines(loop.cell.lines),
            _lines(back.cell.lines),
            into,
            back_into,
            kept,
            back_kept,
            starts,
            after,
            plain,
            back.cell.shapes,
            made_by,
        )

    @cached_property
    def all(self) -> dict[str, Node]:
        """Every line."""
        wiring = (self.into, self.kept, self.starts, self.back_into, self.back_kept, self.after, self.plain)
        found = {**self.front, **self.back}
        for lines in wiring:
            found |= lines
        return found

    @cached_property
    def of_step(self) -> frozenset[str]:
        """The letters that a step of the way forward makes."""
        return frozenset({*self.front, *self.into})

    @cached_property
    def of_step_back(self) -> frozenset[str]:
        """The letters that a step of the way back makes."""
        return frozenset({*self.back, *self.back_into})

    @cached_property
    def forward(self) -> frozenset[str]:
        """The keys of all lines of the way forward."""
        steps = {key for key in self.plain if key not in (STEPS_BACK, CACHE)}
        return frozenset({*self.front, *self.into, *self.kept, *self.starts, *steps})

    @cached_property
    def backward(self) -> frozenset[str]:
        """The keys of all lines of the way back that each step goes through."""
        return frozenset({*self.back, *self.back_into, *self.back_kept})

    @cached_property
    def _behind(self) -> dict[str, frozenset[str]]:
        return {}

    def behind(self, key: str) -> frozenset[str]:
        """Return the keys of the lines whose value depends on this one's at any step, itself included."""
        if key not in self._behind:
            if key == STEPS:
                reached = {*self.all} - {STEPS_BACK, CACHE}
            elif key in (STEPS_BACK, CACHE):
                reached = {*self.backward, *self.after, key}
            else:
                reached = {key}
            grown = True
            while grown:
                grown = False
                for name in self.all:
                    if name not in reached and self._uses[name] & reached:
                        reached.add(name)
                        grown = True
            self._behind[key] = frozenset(reached)
        return self._behind[key]

    @cached_property
    def _uses(self) -> dict[str, frozenset[str]]:
        found = {}
        for key, node in self.all.items():
            used = set()
            for name in letters(node):
                base, step = indexed(name)
                used |= {base, self.made_by.get(base, base)}
                if step == At.BEFORE:
                    used.add(name)
            found[key] = frozenset(used)
        for key in (*self.kept, *self.back_kept):
            found[key] |= {f"{indexed(key)[0]}⟨⟩"}
        return found

    @cached_property
    def program(self) -> FaultProgram:
        """The cell's lines as what evaluates expressions wants them."""
        return FaultProgram({**self.front, **self.back}, dict(self.shapes))


def _lines(lines: tuple[Line, ...]) -> dict[str, Node]:
    return {line.letter: line.node for line in lines}


def _with_errors(node: Node, errors: Mapping[str, Node]) -> Node:
    return renamed(node, {at(name, At.HERE): error for name, error in errors.items()})
