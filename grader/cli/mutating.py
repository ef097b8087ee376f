"""`cellgrade verify --mutants`: which small changes of right answers pass, and which are named."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader import engine, verify
from grader.cases import Seed
from grader.cli.bar import progress
from grader.declaration import RIGHT, Loaded
from grader.errors import UsageError
from grader.mistakes import MODEL, Answers
from grader.records import Report
from grader.report import escape
from grader.verify import Mutant, Named, Naming

MOST_DRAWN = 100  # mutants of right answers in other styles, of each assignment
MORE = range(1, 6)  # seeds, after the first, whose cases tell what is really the same from what was lucky
LARGER = 3  # times the usual sizes, and in as many cases: for what only shows there
BEYOND = 1_000  # no seed that anybody verifies by


@dataclass(frozen=True)
class Mutated:
    """What came of all mutants of one right answer.

    Attributes:
        of: the right answer.
        count: how many there were.
        late: those that only further cases told apart.
        alive: those that nothing told apart.
        naming: what the reports say of the mistakes of the plausible ones.
        in_styles: the same of the mutants that were drawn from all right answers.
    """

    of: str
    count: int
    late: tuple[Mutant, ...]
    alive: tuple[Mutant, ...]
    naming: Naming
    in_styles: Naming


def mutated(
    shipped: Sequence[tuple[Loaded, Answers]], options: engine.Options, seed: int
) -> Mapping[str, Mutated]:
    """Grade all mutants of each model hand-in; where there is none, of the first right answer.

    Raises:
        UsageError: an assignment has neither.
    """
    planned = [
        (assignment, answers, *_right(assignment, answers), _drawn(assignment, answers, seed))
        for assignment, answers in shipped
    ]
    found = {}
    total = sum(len(mutants) + len(drawn) for *_, mutants, drawn in planned)
    with progress(total, sys.stderr) as advance:
        for assignment, answers, of, mutants, drawn in planned:
            with verify.Verifier(assignment, answers, options) as verifier:
                missed, plausible = [], []
                for mutant in mutants:
                    advance(f"{assignment.name}: {mutant.path}:{mutant.line}")
                    report = verifier.report(mutant, seed)
                    if not verify.loses(report):
                        missed.append(mutant)
                    elif mutant.is_plausible:
                        plausible.append((mutant, of, report))
                others = []
                for mutant, style in drawn:
                    advance(f"{assignment.name}: {style}/{mutant.path}:{mutant.line}")
                    others.append((mutant, style, verifier.report(mutant, seed)))
                naming = _named(assignment, verifier, plausible, seed)
                in_styles = _named(assignment, verifier, others, seed)
                alive = missed
                for more in (*(seed + one for one in MORE), Seed(seed + BEYOND, scale=LARGER)):
                    alive = [mutant for mutant in alive if not verify.loses(verifier.report(mutant, more))]
            late = tuple(mutant for mutant in missed if mutant not in alive)
            found[assignment.name] = Mutated(of, len(mutants), late, tuple(alive), naming, in_styles)
    return found


def _named(
    assignment: Loaded,
    verifier: verify.Verifier,
    reports: Sequence[tuple[Mutant, str, Report]],
    seed: int,
) -> Naming:
    """Return what the reports say of the mistakes of mutants; what they say is held against fresh cases."""
    fresh = {
        at: verifier.report(mutant, seed + 1)
        for at, (mutant, _, report) in enumerate(reports)
        if any(one.cause is not None for row in report.problems for one in row.criteria)
    }
    return Naming(
        tuple(
            (mutant, of, verify.named(assignment, mutant, report, fresh.get(at)))
            for at, (mutant, of, report) in enumerate(reports)
        )
    )


def _drawn(assignment: Loaded, answers: Answers, seed: int) -> list[tuple[Mutant, str]]:
    """Plausible mutants of right answers in all their styles, by the seed."""
    all_ = [
        (mutant, f"{RIGHT}/{style}")
        for style, files in answers.right.items()
        for mutant in verify.mutants(assignment, files)
        if mutant.is_plausible
    ]
    chosen = np.random.default_rng(seed).choice(len(all_), min(MOST_DRAWN, len(all_)), replace=False)
    return [all_[at] for at in sorted(chosen)]


def _right(assignment: Loaded, answers: Answers) -> tuple[str, tuple[Mutant, ...]]:
    if answers.model is not None:
        return MODEL, tuple(verify.mutants(assignment, answers.model))
    for style, files in answers.right.items():
        return f"{RIGHT}/{style}", tuple(verify.mutants(assignment, files))
    raise UsageError(
        f"{assignment.name} has no right answer to change: name the model hand-ins with --models"
    )


def as_text(found: Mapping[str, Mutated]) -> str:
    """Return a line for each assignment, and below it the mutants that were missed."""
    lines = []
    for name, one in found.items():
        lost = one.count - len(one.late) - len(one.alive)
        lines.append(f"{name}: of {one.count} mutants of {one.of}, {lost} lose points")
        if one.late:
            lines += ["  only with further seeds:", *(f"    {mutant}" for mutant in one.late)]
        if one.alive:
            lines += ["  never, so they are right as well, or a case is missing:"]
            lines += [f"    {mutant}" for mutant in one.alive]
        if one.naming.wrong:
            lines.append(f"  mistakes named: {one.naming}")
        if one.in_styles.wrong:
            lines.append(f"  mistakes named in other styles: {one.in_styles}")
    return escape.visible("\n".join(lines) + "\n", keep="\n")


def as_json(found: Mapping[str, Mutated]) -> str:
    """Return the same for programs."""
    said = {
        name: {
            "of": one.of,
            "mutants": one.count,
            "only_with_further_seeds": list(map(str, one.late)),
            "never": list(map(str, one.alive)),
            "named": _counts(one.naming),
            "named_in_other_styles": _counts(one.in_styles),
        }
        for name, one in found.items()
    }
    return json.dumps(said, indent=1) + "\n"


def _counts(naming: Naming) -> dict[str, int]:
    return {one.name.lower(): naming.count(one) for one in Named}


def unexplained(found: Mapping[str, Mutated], seed: int) -> str:
    """Return the mutants whose mistake is not named, in Markdown, to be kept."""
    lines = [
        "# Mistakes that are not named",
        "",
        f"Written by `cellgrade verify --mutants --unexplained FILE`, seed {seed}: small changes of right",
        "answers that lose points by their values alone, and for which the report names no cause, or only",
        "for a part.",
    ]
    for name, one in found.items():
        lines += ["", f"## {name}", "", f"- model: {one.naming}", f"- other styles: {one.in_styles}", ""]
        for mutant, of, said in (*one.naming.each, *one.in_styles.each):
            if said in (Named.PART, Named.NOTHING, Named.FALSE):
                lines.append(f"- {of}: `{_one_line(mutant)}`: {said}")
    return "\n".join(lines) + "\n"


def _one_line(mutant: Mutant) -> str:
    return " ".join(escape.visible(str(mutant)).split()).replace("`", "'")
