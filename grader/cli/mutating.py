"""`cellgrade verify --mutants`: which small changes of right answers pass, and which are named."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from grader import engine, verify
from grader.cases import Seed
from grader.cli.bar import progress
from grader.declaration import RIGHT, Loaded
from grader.errors import UsageError
from grader.mistakes import MODEL, Answers, Files
from grader.records import Report
from grader.report import escape
from grader.verify import Mutant, Named, Naming

MOST_OF_MODEL = 200  # mutants of it whose reports are read for the mistake
MOST_IN_STYLES = 120  # mutants of right answers in other styles, of each assignment
MOST_DOUBLES = 60  # of the model: with two changes, each of which loses points by itself
TRIED = 10  # times as many pairs are drawn, since some are at one place
FRESH = (1, 2)  # seeds, after the first, whose cases what is said of a mistake is held against
MORE = range(1, 6)  # seeds, after the first, whose cases tell what is really the same from what was lucky
LARGER = 3  # times the usual sizes, and in as many cases: for what only shows there
BEYOND = 1_000  # no seed that anybody verifies by

HEAD = """\
# Mistakes that are not named

Written by `cellgrade verify --mutants --unexplained FILE`: small changes of right answers that lose points by
their values alone, and for which the report names no cause, or only for a part."""
HEADINGS: Mapping[str, str] = {
    "named": "model",
    "named_in_other_styles": "other styles",
    "named_of_two": "two changes of the model",
}
T = TypeVar("T")
Reported = tuple[Mutant, str, Report]


@dataclass(frozen=True)
class Mutated:
    """What came of all mutants of one right answer.

    Attributes:
        of: the right answer.
        seed: drew cases and mutants.
        count: how many there were.
        late: those that only further cases told apart.
        alive: those that nothing told apart.
        named: what the reports say of the mistakes of plausible mutants: of those of the model, of those of
            right answers in all their styles, and of those of the model with two changes.
    """

    of: str
    seed: int
    count: int
    late: tuple[Mutant, ...]
    alive: tuple[Mutant, ...]
    named: Mapping[str, Naming]


def mutated(
    shipped: Sequence[tuple[Loaded, Answers]], options: engine.Options, seed: int
) -> Iterator[tuple[str, Mutated]]:
    """Grade mutants of each model hand-in, where there is none of the first right answer, and of the others.

    Yields:
        An assignment's name, and what came of its mutants.

    Raises:
        UsageError: an assignment has neither.
    """
    planned = [
        (assignment, answers, _right(assignment, answers, seed), _drawn(assignment, answers, seed))
        for assignment, answers in shipped
    ]
    total = sum(len(mutants) + len(drawn) + MOST_DOUBLES for *_, (_, _, mutants), drawn in planned)
    with progress(total, sys.stderr) as advance:
        for assignment, answers, (of, files, mutants), drawn in planned:
            with verify.Verifier(assignment, answers, options) as verifier:

                def report(
                    mutant: Mutant, of: str, assignment: Loaded = assignment, verifier: Any = verifier
                ) -> Reported:
                    advance(f"{assignment.name}: {of}/{mutant.path}:{mutant.line}")
                    return mutant, of, verifier.report(mutant, seed)

                reports = [report(mutant, of) for mutant in mutants]
                missed = [mutant for mutant, _, one in reports if not verify.loses(one)]
                plausible = [one for one in reports if one[0].is_plausible and verify.loses(one[2])]
                model = _named(assignment, verifier, _some(plausible, MOST_OF_MODEL, seed), seed)
                styles = [report(mutant, style) for mutant, style in drawn]
                doubles = [report(mutant, of) for mutant in _doubles(files, model, seed)]
                named = {
                    "named": model,
                    "named_in_other_styles": _named(assignment, verifier, styles, seed),
                    "named_of_two": _named(assignment, verifier, doubles, seed),
                }
                alive = missed
                for more in (*(seed + one for one in MORE), Seed(seed + BEYOND, scale=LARGER)):
                    alive = [mutant for mutant in alive if not verify.loses(verifier.report(mutant, more))]
            late = tuple(mutant for mutant in missed if mutant not in alive)
            yield assignment.name, Mutated(of, seed, len(mutants), late, tuple(alive), named)


def _named(assignment: Loaded, verifier: verify.Verifier, reports: Sequence[Reported], seed: int) -> Naming:
    """Return what the reports say of the mistakes of mutants; what they say is held against fresh cases."""
    told = [at for at, (*_, report) in enumerate(reports) if _has_cause(report)]
    fresh: dict[int, list[Report]] = {at: [] for at in told}
    for more in FRESH:  # one after the other: a verifier keeps the cases of one seed
        for at in told:
            fresh[at].append(verifier.report(reports[at][0], seed + more))
    return Naming(
        tuple(
            (mutant, of, verify.named(assignment, mutant, report, fresh.get(at, ())))
            for at, (mutant, of, report) in enumerate(reports)
        )
    )


def _has_cause(report: Report) -> bool:
    return any(one.cause is not None for row in report.problems for one in row.criteria)


def _some(all_: Sequence[T], most: int, seed: int) -> list[T]:
    """Draw some of many, in their order."""
    chosen = np.random.default_rng(seed).choice(len(all_), min(most, len(all_)), replace=False)
    return [all_[at] for at in sorted(chosen)]


def _drawn(assignment: Loaded, answers: Answers, seed: int) -> list[tuple[Mutant, str]]:
    """Plausible mutants of right answers in all their styles, by the seed."""
    all_ = [
        (mutant, f"{RIGHT}/{style}")
        for style, files in answers.right.items()
        for mutant in verify.mutants(assignment, files, seed)
        if mutant.is_plausible
    ]
    return _some(all_, MOST_IN_STYLES, seed)


def _doubles(files: Files, naming: Naming, seed: int) -> list[Mutant]:
    """Right answers with two changes, each of which makes values wrong by itself."""
    wrong = [mutant for mutant, _, said in naming.each if said is not Named.OTHERWISE]
    if len(wrong) < 2:
        return []
    rng = np.random.default_rng(seed)
    found: dict[str, Mutant] = {}
    for _ in range(TRIED * MOST_DOUBLES):
        first, second = (wrong[at] for at in rng.choice(len(wrong), 2, replace=False))
        both = verify.doubled(files, first, second)
        if both is not None:
            found.setdefault(str(both), both)
        if len(found) == MOST_DOUBLES:
            break
    return list(found.values())


def _right(assignment: Loaded, answers: Answers, seed: int) -> tuple[str, Files, tuple[Mutant, ...]]:
    if answers.model is not None:
        return MODEL, answers.model, tuple(verify.mutants(assignment, answers.model, seed))
    for style, files in answers.right.items():
        return f"{RIGHT}/{style}", files, tuple(verify.mutants(assignment, files, seed))
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
        for which, naming in one.named.items():
            if naming.wrong:
                lines.append(f"  mistakes {which.replace('_', ' ')}: {naming}")
    return escape.visible("\n".join(lines) + "\n", keep="\n")


def as_json(found: Mapping[str, Mutated]) -> str:
    """Return the same for programs."""
    said = {
        name: {
            "of": one.of,
            "mutants": one.count,
            "only_with_further_seeds": list(map(str, one.late)),
            "never": list(map(str, one.alive)),
            **{which: _counts(naming) for which, naming in one.named.items()},
        }
        for name, one in found.items()
    }
    return json.dumps(said, indent=1) + "\n"


def _counts(naming: Naming) -> dict[str, int]:
    return {one.name.lower(): naming.count(one) for one in Named}


def unexplained(found: Mapping[str, Mutated], before: str = "") -> str:
    """Return the mutants whose mistake is not named, in Markdown, to be kept.

    Args:
        found: what came of the mutants of some assignments.
        before: what was written before; of other assignments it stays.
    """
    sections = dict(_sections(before))
    for name, one in found.items():
        lines = [f"Seed {one.seed}.", ""]
        lines += [f"- {HEADINGS[which]}: {naming}" for which, naming in one.named.items()]
        left = [
            f"- {of}: `{_one_line(mutant)}`: {said}"
            for naming in one.named.values()
            for mutant, of, said in naming.each
            if said in (Named.PART, Named.NOTHING, Named.FALSE)
        ]
        sections[name] = "\n".join([*lines, *(["", *left] if left else [])])
    parts = [HEAD, *(f"## {name}\n\n{sections[name]}" for name in sorted(sections))]
    return "\n\n".join(parts) + "\n"


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield each assignment's name with what a file says of it."""
    for part in text.split("\n## ")[1:]:
        name, _, body = part.partition("\n")
        yield name.strip(), body.strip()


def _one_line(mutant: Mutant) -> str:
    return " ".join(escape.visible(str(mutant)).split()).replace("`", "'")
