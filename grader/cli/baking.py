"""`cellgrade bake`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader import baked, course_data, discovery, listed
from grader.cli.options import GRADED, chosen, command, seed
from grader.declaration import Loaded
from grader.drawn import drawn_from
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.cli.options import Commands

DESCRIPTION = f"""\
Draw the cases of assignments, with what is true on each, and keep them: a grading that finds them needs
neither torch nor Hypothesis. What names mistakes is compiled and kept, too. Without a secret the first
grading, and the first wrong value of its kind, do the same; a course's secret is baked by this command alone,
with all the cases of its pool, into files that only their owner can read.

They are kept in ${baked.VARIABLE}, or else where caches are ($XDG_CACHE_HOME/cellgrade, ~/.cache/cellgrade).
With {baked.VARIABLE} set to nothing, nothing is kept. What a changed cellgrade, assignment or course would
draw otherwise has another name, so that nothing is ever out of date; the cache may be deleted at any time.
"""
ENDS = "exit status: 0 baked; 2 wrong usage; 3 it could not be drawn or written."


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands, "bake", "draw cases once, for all gradings after it", epilog=ENDS, description=DESCRIPTION
    )
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="an assignment; default: the course's, or all there are"
    )
    parser.add_argument(
        "--course", metavar="FILE", type=Path, help="a course.toml: its assignment, seed, secret and points"
    )
    parser.add_argument("--seed", metavar="N", type=seed, help="draws the cases; default: 0, the public ones")
    parser.add_argument(
        "--installed",
        action="store_true",
        help="keep them beside the installed cellgrade, for all users of this machine or image",
    )
    parser.set_defaults(run=_bake)


def _left_out(assignment: Loaded, *, installed: bool) -> str | None:
    """Return why an assignment that nobody named is not baked, if it is not."""
    if assignment.data and installed:
        return "its cases hold the course's own texts, which are not for all users of an image"
    if not course_data.is_here(assignment.data):
        return f"the course's {', '.join(assignment.data)} are not here"
    return None


def _bake(options: argparse.Namespace, known: Sequence[Loaded]) -> int:
    choices, known, _ = chosen(options, known)
    names = options.names or ([choices.assignment] if choices.assignment else [one.name for one in known])
    assignments = [discovery.by_name(name, known) for name in names]
    shelf = baked.Shelf(baked.usual_folder())
    for assignment in assignments:
        if not options.names and (why := _left_out(assignment, installed=options.installed)) is not None:
            print(f"{assignment.name}: not baked: {why}")
            continue
        drawn = drawn_from(assignment, choices.seed, choices.secret)
        try:
            path = shelf.bake(assignment, *drawn, installed=options.installed)
        except OSError as error:
            raise UsageError(f"{error.filename or 'the cache'} cannot be written: {error.strerror}") from None
        print(f"{assignment.name}: {path}")
    if options.installed:
        listed.keep(discovery.assignments(), baked.INSTALLED)
    return GRADED
