"""Tells which assignment a hand-in is for, when the caller does not say."""

from __future__ import annotations

from collections.abc import Sequence

from grader.declaration import Assignment
from grader.errors import UsageError
from grader.intake.candidates import candidates, definers, has_own_name
from grader.intake.paths import printable
from grader.words import HandIn


def recognise(hand_in: HandIn, assignments: Sequence[Assignment]) -> Assignment:
    """The one assignment whose files the hand-in holds: by file names, else by what its sources define.

    Where several are left, the one whose own file name is there goes before those that accept it too.

    Raises:
        UsageError: none of `assignments` fits, or several do; the message lists the choices.
    """
    named = [assignment for assignment in assignments if _has_name_of(hand_in, assignment)]
    if len(named) == 1:
        return named[0]
    defined = [assignment for assignment in named or assignments if _has_definitions_of(hand_in, assignment)]
    if len(defined) == 1:
        return defined[0]
    own = [one for one in defined or named if any(has_own_name(hand_in, wanted) for wanted in one.wanted)]
    if len(own) == 1:
        return own[0]
    fitting = defined or named
    why = (
        f"it could be any of {_names(fitting)}" if fitting else "it holds none of the files that they ask for"
    )
    raise UsageError(
        f"Cannot tell which assignment {printable(hand_in.name)} is for ({why}): "
        f"say it with --assignment NAME, one of {_names(assignments)}."
    )


def _has_name_of(hand_in: HandIn, assignment: Assignment) -> bool:
    # A mere pattern, such as *.pdf, tells nothing.
    telling = (one for one in assignment.wanted if one.required or one.defines or "*" not in one.path)
    return any(candidates(hand_in, wanted) for wanted in telling)


def _has_definitions_of(hand_in: HandIn, assignment: Assignment) -> bool:
    return any(definers(hand_in, wanted) for wanted in assignment.wanted)


def _names(assignments: Sequence[Assignment]) -> str:
    return ", ".join(sorted(assignment.name for assignment in assignments)) or "(there are none)"
