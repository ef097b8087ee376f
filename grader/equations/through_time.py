"""Loops through time: a cell, and wiring equations with an index that say what goes from step to step.

    xt     = x⟨t⟩           what the cell is given at step t
    a_prev = a⟨t−1⟩         what is carried from the step before
    a⟨t⟩   = a_next         what is kept of each step
    a⟨0⟩   = a0             where it starts; zeros, where nothing is said

The way back is derived as wiring, too:

    da_next = da⟨t⟩ + da_prev⟨t+1⟩       dx⟨t⟩ = dxt       da0 = da_prev⟨1⟩       dWax = Σ_t dWax

Source: back-propagation through time (Werbos, 1990): the loop is unrolled, and a weight that all steps share
gets the sum of what each step contributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.equations import way_back
from grader.equations.nodes import Letter, OverTime
from grader.equations.program import Line, Program, Term
from grader.equations.reading import Equation
from grader.equations.values import NUMPY, Operations, run
from grader.equations.way_back import WayBack

# How far a step's index is from t; the others are steps of their own.
_FROM_T = {"t": 0, "t−1": -1, "t+1": 1}


@dataclass(frozen=True)
class Loop:
    """A cell through time.

    Attributes:
        cell: one step.
        into: the lines that give the cell what it is given, before each step.
        kept: the lines that keep what comes of it, after each step: "a⟨t⟩ = a_next".
        starts: sequence -> the letter of what stands before its first step.
    """

    cell: Program
    into: tuple[Line, ...]
    kept: tuple[Line, ...]
    starts: Mapping[str, str]


@dataclass(frozen=True)
class LoopBack:
    """The way back through a loop.

    Attributes:
        cell: the way back through one step.
        into: the lines that give it the derivatives by what the step has made, before each step.
        kept: the lines that keep what comes of it, after each step: "dx⟨t⟩ = dxt".
        after: the lines for what is left when all steps are gone back through: "dWax = Σ_t dWax".
    """

    cell: WayBack
    into: tuple[Line, ...]
    kept: tuple[Line, ...]
    after: tuple[Line, ...]

    def __str__(self) -> str:
        """Return the wiring, in the statement's notation."""
        return "\n".join(map(str, (*self.into, *self.kept, *self.after)))


@dataclass(frozen=True)
class Steps:
    """What a loop has computed.

    Attributes:
        letters: of step 0, which holds what the loop starts from, and of steps 1 to T: letter -> matrix.
        back: the same of the way back, by step.
        given: what all steps share.
    """

    letters: tuple[Mapping[str, Any], ...]
    back: Mapping[int, Mapping[str, Any]]
    given: Mapping[str, Any]

    def of(self, letter: str) -> list[Any]:
        """Return a letter's values at steps 1 to T, of whichever way has it."""
        return [
            (self.back[t] if letter in self.back.get(t, {}) else step)[letter]
            for t, step in enumerate(self.letters)
            if t
        ]


def indexed(name: str) -> tuple[str, str]:
    """Return a letter and its step: "a⟨t−1⟩" -> ("a", "t−1"); without a step, ("a", "")."""
    base, _, step = name.partition("⟨")
    return base, step.removesuffix("⟩")


def wired(cell: Program, wiring: Sequence[Equation]) -> Loop:
    """Return the loop that some wiring makes of a cell.

    Args:
        cell: one step.
        wiring: equations of letters alone, with a step where they have one.

    Raises:
        EquationError: one is none of the four kinds above, or an input of the cell is not wired.
    """
    into, kept, starts = [], [], {}
    for one in wiring:
        left, at = indexed(one.left[0])
        if not isinstance(one.right, Letter) or len(one.left) > 1:
            raise one.place.error("wiring has one letter on each side, such as a_prev = a⟨t−1⟩")
        right, from_ = indexed(one.right.name)
        line = Line(one.left[0], (Term(one.right, one.number),))
        if not at and from_ in ("t", "t−1") and left in cell.data:
            into.append(line)
        elif at == "t" and not from_ and right in cell.shapes and left not in cell.shapes:
            kept.append(line)
        elif at == "0" and not from_:
            starts[left] = right
        else:
            kinds = "xt = x⟨t⟩, a_prev = a⟨t−1⟩, a⟨t⟩ = a_next and a⟨0⟩ = a0"
            raise one.place.error(f"{line} wires nothing that the cell has; wiring is like {kinds}")
    if missing := [name for name in cell.data if name not in {line.letter for line in into}]:
        raise wiring[0].place.error(f"nothing is wired to {missing[0]}, which the cell is given")
    return Loop(cell, tuple(into), tuple(kept), starts)


def derived(loop: Loop, seeds: Mapping[str, str]) -> LoopBack:
    """Return the way back through a loop, to everything that is given.

    Args:
        loop: the way forward.
        seeds: sequence -> the name of the derivative of the loss by its steps, as far as they do not come
            from one another.
    """
    made_by = {indexed(line.letter)[0]: _right(line) for line in loop.kept}  # sequence -> the cell's letter
    carried = {
        indexed(_right(line))[0]: line.letter for line in loop.into if indexed(_right(line))[1] == "t−1"
    }
    reached = dict.fromkeys(made_by[name] for name in (*seeds, *carried))
    cell = way_back.derived(loop.cell, {letter: f"d{letter}" for letter in reached})
    into = []
    for letter in reached:
        terms = []
        for name in (one for one, by in made_by.items() if by == letter):
            terms += [Term(Letter(f"{seeds[name]}⟨t⟩"), "")] if name in seeds else []
            if name in carried:
                terms.append(Term(Letter(f"{cell.derivative[carried[name]]}⟨t+1⟩"), ""))
        into.append(Line(f"d{letter}", tuple(terms)))
    kept, after = [], []
    for line in loop.into:
        name, at = indexed(_right(line))
        derivative = cell.derivative[line.letter]
        if at == "t":
            kept.append(Line(f"d{name}⟨t⟩", (Term(Letter(derivative), ""),)))
        elif name in loop.starts:
            after.append(Line(f"d{loop.starts[name]}", (Term(Letter(f"{derivative}⟨1⟩"), ""),)))
    after += [
        Line(f"d{name}", (Term(OverTime(Letter(cell.derivative[name])), ""),)) for name in loop.cell.weights
    ]
    return LoopBack(cell, tuple(into), tuple(kept), tuple(after))


def forward(
    loop: Loop,
    given: Mapping[str, Any],
    sequences: Mapping[str, Sequence[Any]],
    sizes: Mapping[str, int],
    by: Operations = NUMPY,
) -> Steps:
    """Take all steps.

    Args:
        loop: the way forward.
        given: matrices of the weights and of what is started from.
        sequences: matrices of what each step is given, by sequence.
        sizes: the number of each size.
        by: the library whose arrays they are.
    """
    count = len(next(iter(sequences.values())))
    steps: list[dict[str, Any]] = [{name: given[start] for name, start in loop.starts.items()}]
    weights = {name: given[name] for name in loop.cell.weights}
    for t in range(1, count + 1):
        step = {name: values[t - 1] for name, values in sequences.items()}
        steps.append(step)
        for line in loop.into:
            step[line.letter] = _looked_up(line, t, steps, {}, loop, sizes, given, by)
        inside = {name: step[name] for name in loop.cell.data} | weights
        step |= run(loop.cell.lines, inside, loop.cell.shapes, sizes, by)
        for line in loop.kept:
            step[indexed(line.letter)[0]] = step[_right(line)]
    return Steps(tuple(steps), {}, given)


def backward(
    loop: Loop,
    back: LoopBack,
    steps: Steps,
    seeds: Mapping[str, Sequence[Any]],
    sizes: Mapping[str, int],
    by: Operations = NUMPY,
) -> tuple[Steps, dict[str, Any]]:
    """Go back through all steps, from the last.

    Args:
        loop: the way forward.
        back: the way back.
        steps: what the way forward has computed.
        seeds: matrices of the derivatives that each step is given, by their names.
        sizes: the number of each size.
        by: the library whose arrays they are.

    Returns:
        the steps with the letters of the way back; the derivatives by weights and by what is started from.
    """
    found: dict[int, dict[str, Any]] = {}
    count = len(steps.letters) - 1
    for t in range(count, 0, -1):
        step = {name: values[t - 1] for name, values in seeds.items()}
        found[t] = step
        for line in back.into:
            step[line.letter] = _looked_up(line, t, steps.letters, found, loop, sizes, steps.given, by)
        inside = {**steps.letters[t], **{line.letter: step[line.letter] for line in back.into}}
        step |= run(back.cell.lines, inside, back.cell.shapes, sizes, by)
        for line in back.kept:
            step[indexed(line.letter)[0]] = step[_right(line)]
    after = {}
    for line in back.after:
        node = line.terms[0].node
        if isinstance(node, OverTime):
            assert isinstance(node.of, Letter)
            after[line.letter] = _total([found[t][node.of.name] for t in range(count, 0, -1)])
        else:
            after[line.letter] = found[1][indexed(_right(line))[0]]
    return Steps(steps.letters, found, steps.given), after


def _right(line: Line) -> str:
    node = line.terms[0].node
    assert isinstance(node, Letter)
    return node.name


def _looked_up(
    line: Line,
    t: int,
    steps: Sequence[Mapping[str, Any]],
    back: Mapping[int, Mapping[str, Any]],
    loop: Loop,
    sizes: Mapping[str, int],
    given: Mapping[str, Any],
    by: Operations,
) -> Any:
    """Return the sum of a line's letters, each at its step; zeros where there is no such step."""
    found = []
    for term in line.terms:
        assert isinstance(term.node, Letter)
        name, at = indexed(term.node.name)
        here = t + _FROM_T[at]
        ways = (back.get(here, {}), steps[here] if 0 <= here < len(steps) else {})
        found += [way[name] for way in ways if name in way][:1]
    if not found:
        like = line.letter if line.letter in loop.cell.shapes else line.letter.removeprefix("d")
        some = next(iter(given.values()))  # of the type that zeros must have
        return by.zeros(some, loop.cell.shapes[like].numbers({**sizes, "1": 1}))
    return _total(found)


def _total(values: Sequence[Any]) -> Any:
    found = values[0]
    for one in values[1:]:
        found = found + one
    return found
