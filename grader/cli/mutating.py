"""`cellgrade verify --mutants`: which small changes of a right answer no case tells apart."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader import engine, verify
from grader.cli.bar import progress
from grader.declaration import RIGHT, Loaded
from grader.errors import UsageError
from grader.mistakes import MODEL, Answers
from grader.report import escape
from grader.verify import Mutant

MORE = range(1, 6)  # seeds, after the first, whose cases tell what is really the same from what was lucky


@dataclass(frozen=True)
class Mutated:
    """What came of all mutants of one right answer.

    Attributes:
        of: the right answer.
        count: how many there were.
        late: those that only further cases told apart.
        alive: those that nothing told apart.
    """

    of: str
    count: int
    late: tuple[Mutant, ...]
    alive: tuple[Mutant, ...]


def mutated(
    shipped: Sequence[tuple[Loaded, Answers]], options: engine.Options, seed: int
) -> Mapping[str, Mutated]:
    """Grade all mutants of each model hand-in; where there is none, of the first right answer.

    Raises:
        UsageError: an assignment has neither.
    """
    planned = [(assignment, answers, *_right(assignment, answers)) for assignment, answers in shipped]
    found = {}
    with progress(sum(len(mutants) for *_, mutants in planned), sys.stderr) as advance:
        for assignment, answers, of, mutants in planned:
            with verify.Verifier(assignment, answers, options) as verifier:
                missed = []
                for mutant in mutants:
                    advance(f"{assignment.name}: {mutant.path}:{mutant.line}")
                    missed += [] if verifier.loses(mutant, seed) else [mutant]
                alive = missed
                for more in MORE:
                    alive = [mutant for mutant in alive if not verifier.loses(mutant, seed + more)]
            late = tuple(mutant for mutant in missed if mutant not in alive)
            found[assignment.name] = Mutated(of, len(mutants), late, tuple(alive))
    return found


def _right(assignment: Loaded, answers: Answers) -> tuple[str, tuple[Mutant, ...]]:
    if answers.model is not None:
        return MODEL, tuple(verify.mutants(assignment, answers.model))
    for style, files in answers.right.items():
        return f"{RIGHT}/{style}", tuple(verify.mutants(assignment, files))
    raise UsageError(
        f"{assignment.name} has no right answer to change: name the model hand-ins with --models"
    )


def as_text(found: Mapping[str, Mutated]) -> str:
    """A line for each assignment, and below it the mutants that were missed."""
    lines = []
    for name, one in found.items():
        lost = one.count - len(one.late) - len(one.alive)
        lines.append(f"{name}: of {one.count} mutants of {one.of}, {lost} lose points")
        if one.late:
            lines += ["  only with further seeds:", *(f"    {mutant}" for mutant in one.late)]
        if one.alive:
            lines += ["  never, so they are right as well, or a case is missing:"]
            lines += [f"    {mutant}" for mutant in one.alive]
    return escape.visible("\n".join(lines) + "\n", keep="\n")


def as_json(found: Mapping[str, Mutated]) -> str:
    """The same for programs."""
    said = {
        name: {
            "of": one.of,
            "mutants": one.count,
            "only_with_further_seeds": list(map(str, one.late)),
            "never": list(map(str, one.alive)),
        }
        for name, one in found.items()
    }
    return json.dumps(said, indent=1) + "\n"
