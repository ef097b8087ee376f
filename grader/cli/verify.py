"""`cellgrade verify`: what an assignment promises, proven; the mistakes that it ships, shown."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader import discovery, engine, mistakes, verify
from grader.cli import mutating
from grader.cli.bar import progress
from grader.cli.options import BELOW, GRADED, command, seed
from grader.declaration import MISTAKES, Loaded
from grader.errors import UsageError
from grader.report import escape
from grader.verify import Claim, ClaimKind, Held

if TYPE_CHECKING:
    from grader.cli.options import Commands

SEEDS = (0, 1, 2)
SOURCES = discovery.BUILT_IN.parent.parent / "src"  # the model hand-ins, in a checkout

EPILOG = """\
Right answers and mistakes are no part of an installed cellgrade: those of the assignments that come with it
are verified in a checkout, your own anywhere. Exit status: 0 all holds; 1 something does not; 2 wrong usage;
3 it could not be found out.
"""

Row = tuple[str, ...]


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "verify",
        "prove that an assignment grades right answers and known mistakes as it says",
        epilog=EPILOG,
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="an assignment; default: all, or all of DIR")
    parser.add_argument(
        "--models",
        metavar="DIR",
        type=Path,
        help="the folder of model hand-ins, each under its assignment's name; default: src/ of a checkout",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        action="append",
        type=seed,
        dest="seeds",
        help=f"draws the cases; several are verified one by one; default: {', '.join(map(str, SEEDS))}",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="write what new mistakes fail into mistakes.toml, to be read by you",
    )
    parser.add_argument(
        "--mutants",
        action="store_true",
        help="instead, change right answers in one place after the other; list what keeps full points, "
        "and say of how many the mistake is named",
    )
    parser.add_argument(
        "--unexplained",
        metavar="FILE",
        type=Path,
        help="with --mutants: write those whose mistake no report names into a file; what it says of other "
        "assignments stays",
    )
    parser.add_argument("--json", action="store_true", help="print every claim, as JSON")
    parser.add_argument(
        "--show",
        metavar="NAME/PROBLEM/MISTAKE",
        help="verify nothing; print a mistake's files, or write them into the folder --output",
    )
    parser.add_argument("--output", metavar="DIR", type=Path, help="where --show writes to")
    parser.add_argument(
        "--allow-unsandboxed", action="store_true", help="go on where system calls cannot be filtered"
    )
    parser.set_defaults(run=_verify)


def _verify(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    if options.output is not None and options.show is None:
        raise UsageError("--output says where --show writes a mistake to: name one with --show")
    if options.show is not None:
        return _show(options, known)
    seeds = tuple(dict.fromkeys(options.seeds or SEEDS))
    shipped = [(one, _answers(one, options.models)) for one in _meant(options, known)]
    choices = engine.Options(unsandboxed=options.allow_unsandboxed, debug=options.debug)
    if options.mutants:
        found = _mutated(shipped, choices, seeds[0], options.unexplained)
        print(mutating.as_json(found) if options.json else mutating.as_text(found), end="")
        return GRADED
    planned = [(one, answers, verify.claims(one, answers, seeds)) for one, answers in shipped]
    results: dict[str, list[Held]] = {}
    with progress(sum(len(claims) for *_, claims in planned), sys.stderr) as advance:
        for assignment, answers, claims in planned:
            results[assignment.name] = []
            with verify.Verifier(assignment, answers, choices) as verifier:
                for claim in claims:
                    advance(f"{assignment.name}: {claim}")
                    results[assignment.name].append(verifier.check(claim))
    written = _written(planned, results) if options.write else {}
    print(
        _as_json(results) if options.json else escape.visible(_as_text(results, written), keep="\n"), end=""
    )
    still_wrong = [
        held
        for name, found in results.items()
        for held in found
        if not held.holds and not (held.claim.about in written.get(name, ()) and len(held.wrong) == 1)
    ]
    return BELOW if still_wrong else GRADED


def _mutated(
    shipped: Sequence[tuple[Loaded, mistakes.Answers]], choices: engine.Options, seed: int, file: Path | None
) -> dict[str, mutating.Mutated]:
    """Return what came of all mutants; the file is written after each assignment: all of them take long."""
    found = {}
    ready = []
    for assignment, answers in shipped:
        if verify.is_trained(assignment, answers.model or next(iter(answers.right.values()), {})):
            ready.append((assignment, answers))
        else:
            print(f"{assignment.name} has no mutants: {verify.untrained(assignment)}", file=sys.stderr)
    for name, one in mutating.mutated(ready, choices, seed):
        found[name] = one
        if file is not None:
            before = file.read_text(encoding="utf-8") if file.exists() else ""
            file.write_text(mutating.unexplained({name: one}, before), encoding="utf-8")
    return found


def _meant(options: argparse.Namespace, known: Sequence[Loaded]) -> list[Loaded]:
    """Return the assignments that are to be verified: those named, else those of the caller's folder, else
    all.
    """
    own = [one for one in known if not _is_built_in(one)]
    if options.names:
        return [discovery.by_name(name, known) for name in dict.fromkeys(options.names)]
    return own or list(known)


def _is_built_in(assignment: Loaded) -> bool:
    return assignment.folder.parent == discovery.BUILT_IN


def _answers(assignment: Loaded, models: Path | None) -> mistakes.Answers:
    if _is_built_in(assignment) and not mistakes.are_shipped(assignment.folder):
        raise UsageError(
            f"{assignment.name} comes with cellgrade, and its right and wrong answers do not: they are "
            "solutions. Verify it in a checkout of cellgrade's repository; your own assignments are verified "
            "here, with --assignments DIR"
        )
    model = models / assignment.model_folder if models is not None else None
    if model is not None and not model.is_dir():
        raise UsageError(f"--models {models}: there is no folder {assignment.model_folder} in it")
    if model is None and _is_built_in(assignment):
        model = SOURCES / assignment.model_folder
    return mistakes.read(assignment, model)


def _show(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    name, _, path = options.show.partition("/")
    answers = _answers(discovery.by_name(name, known), options.models)
    found = {one.path: one for one in answers.mistakes}
    if path not in found:
        names = ", ".join(found) or "none"
        raise UsageError(f"{name} has no mistake {path!r}; there are: {names}")
    mistake = found[path]
    if options.output is not None:
        mistake.laid(options.output)
        print(f"{mistake.says}\nwritten to {options.output}: {', '.join(mistake.files)}")
        return GRADED
    for file, content in mistake.files.items():
        if len(mistake.files) > 1:
            print(f"# {file}")
        print(escape.visible(content.decode("utf-8", "replace"), keep="\n\t"), end="")
    return GRADED


def _written(
    planned: Sequence[tuple[Loaded, mistakes.Answers, Sequence[Claim]]], results: dict[str, list[Held]]
) -> dict[str, list[str]]:
    """Return what was found to fail, added to each mistakes.toml: assignment -> mistakes."""
    written: dict[str, list[str]] = {}
    for assignment, _, _ in planned:
        file = assignment.folder / MISTAKES
        for held in results[assignment.name]:
            if held.found is not None and held.claim.mistake is not None:
                line = mistakes.fails_line(held.found, assignment)
                text = mistakes.with_fails(file.read_text(encoding="utf-8"), held.claim.mistake, line)
                file.write_text(text, encoding="utf-8")
                written.setdefault(assignment.name, []).append(held.claim.about)
    return written


# What is printed


def _as_text(results: dict[str, list[Held]], written: dict[str, list[str]]) -> str:
    """Return a table, a row for each assignment, and below it what does not hold."""
    header: Row = ("", "model", "starter", "right", "mistakes", "snippets", "slopes", "seeds")
    rows = [header, *(_row(name, found) for name, found in results.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    for name, found in results.items():
        for note in dict.fromkeys(held.note for held in found if held.is_open):
            lines += ["", f"{name} is not verified as a whole: {note}"]
    wrong = [(name, held) for name, found in results.items() for held in found if not held.holds]
    for name, held in wrong:
        is_written = held.claim.about in written.get(name, ()) and held.found is not None
        told = ["its fails are now in mistakes.toml: read whether they are meant", *held.wrong[1:]]
        lines += ["", f"{name}, {held.claim}"]
        if held.claim.mistake is not None:
            lines.append(f"    ({held.claim.mistake.says})")
        lines += [f"    {one}" for one in (told if is_written else held.wrong)]
    return "\n".join([*lines, ""])


def _row(name: str, found: Sequence[Held]) -> Row:
    kinds = (ClaimKind.MODEL, ClaimKind.STARTER, ClaimKind.RIGHT, ClaimKind.MISTAKE)
    seeds = dict.fromkeys(held.claim.seed for held in found)
    of_slopes = [held for held in found if held.claim.kind is ClaimKind.TRUTH]
    slopes = "not declared" if any(held.note for held in of_slopes) else _count(found, ClaimKind.TRUTH)
    return (
        name,
        *(_count(found, kind) for kind in kinds),
        str(sum(held.snippets for held in found)),
        slopes,
        ", ".join(map(str, seeds)),
    )


def _count(found: Sequence[Held], kind: ClaimKind) -> str:
    """How many hold: once each, whatever the number of seeds."""
    about: dict[str, bool] = {}
    if any(held.is_open for held in found if held.claim.kind is kind):
        return "not verified"
    for held in found:
        if held.claim.kind is kind:
            about[held.claim.about] = about.get(held.claim.about, True) and held.holds
    if len(about) == 1:
        return "holds" if all(about.values()) else "FAILS"
    return f"{sum(about.values())}/{len(about)}" if about else "none"


def _as_json(results: dict[str, list[Held]]) -> str:
    claims = [
        {
            "assignment": name,
            "kind": held.claim.kind.value,
            "about": held.claim.about,
            "seed": held.claim.seed,
            "holds": held.holds,
            "wrong": list(held.wrong),
            "found": held.found,
            "snippets": held.snippets,
            "note": held.note,
        }
        for name, found in results.items()
        for held in found
    ]
    return json.dumps({"holds": all(one["holds"] for one in claims), "claims": claims}, indent=1) + "\n"
