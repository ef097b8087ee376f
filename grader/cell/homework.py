"""A declared cell as an assignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from grader import second
from grader.cell import asked
from grader.cell.declared import Cell
from grader.cell.derived import Derived, derived
from grader.cell.filling import filling
from grader.cell.truth import by_equations, by_torch, parted
from grader.declaration import Assignment, HintLevel, Limits, Problem, Wanted
from grader.errors import DeclarationError
from grader.records import Explain, Keep, Suite
from grader.suite import Recipe, draw, further

CASES = 64
MODEL_S = 0.001  # a step and back, of the largest cell
# Of a cell that torch does not have, what a report says of where its truth is from.
BY_EQUATIONS = (
    "torch has no such cell: what is true here is what the equations of the statement say, and torch's "
    "autograd on the same operations agrees with that in every case"
)


def homework(
    file: str,
    title: str,
    cell: Cell,
    wanted: Wanted,
    points: Mapping[str, float],
    archive: str | None = None,
    limits: Limits | None = None,
    shares: tuple[str, ...] = (),
    stand_ins: tuple[str, ...] = (),
    hints: HintLevel = HintLevel.ALL,
) -> Assignment:
    """Return the assignment that asks for a cell, forward and backward.

    Args:
        file: the assignment.py that declares it; its folder's statement.md has the equations.
        title: what a person reads.
        cell: the cell.
        wanted: the file that is handed in.
        points: of the two problems by their names, forward first.
        archive, limits, shares, stand_ins: as an `Assignment` has them.
        hints: the most that students are told of a mistake in backward, as a `Check` has it.

    Raises:
        DeclarationError: it contradicts itself or the statement.
        EquationError: an equation cannot be used.
    """
    folder = Path(file).parent
    found = derived(folder, cell)
    if len(points) != 2:
        raise DeclarationError(
            f"`points` must name two problems, forward and backward, not {', '.join(points)}"
        )
    checks = (asked.forward(found), replace(asked.backward(found), hints=hints))
    problems = tuple(Problem(*named, (check,)) for named, check in zip(points.items(), checks, strict=True))
    return Assignment(
        name=folder.name,
        title=title,
        wanted=(wanted,),
        archive=archive,
        problems=problems,
        probes=(second.probe(problems, asked.SUITE),),
        limits=limits or Limits(model_s=MODEL_S),
        shares=shares,
        stand_ins=stand_ins,
        suites={asked.SUITE: partial(suite, found)},
        further={asked.SUITE: partial(further, filling(found), found.ranges, partial(by_equations, found))},
        explains={asked.SUITE: partial(explain, found)},
        adapter=asked.adapter(found),
        derived_from=f"{found.program}\n{found.back}",
        told="" if cell.torch is not None else BY_EQUATIONS,
    )


def suite(found: Derived, seed: int) -> Suite:
    """Return the cases that every student gets.

    Raises:
        EquationError: torch and the equations part on one of them.
    """
    truth, check = partial(by_torch, found), partial(by_equations, found)
    if found.cell.torch is None:
        truth, check = check, truth
    recipe = Recipe(
        inputs=filling(found),
        truth=truth,
        check=check,
        count=CASES,
        ranges=found.ranges,
        refused=partial(parted, found),
    )
    return draw(recipe, seed)


def explain(found: Derived, suites: Mapping[str, Suite], keep: Keep) -> Explain:
    """Return what names the causes of wrong values."""
    from grader.cell import explaining  # which a right hand-in needs nothing of

    return explaining.explain(found, suites[asked.SUITE], keep)
