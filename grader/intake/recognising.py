"""Tells which assignment a hand-in is for, when the caller does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from grader.declaration import Assignment
from grader.errors import UsageError
from grader.intake.candidates import candidates, defined, has_own_name
from grader.intake.paths import printable
from grader.records import HandIn

A = TypeVar("A", bound=Assignment)


def recognise(hand_in: HandIn, assignments: Sequence[A]) -> A:
    """Return the one assignment whose names the hand-in defines, or, where it defines none, whose files it
    holds.

    Any of the functions and classes that an assignment asks for tells, in whatever file. Of several that are
    told so, the one whose file name fits the file that defines them goes first, then the one whose own file
    name is there, then the one of which most is defined.

    Raises:
        UsageError: none of `assignments` fits, or several do; the message lists the choices.
    """
    told = _told(hand_in, assignments)
    fitting: Sequence[A]
    if told:
        most = max(len(names) for names in told.values())
        fitting = [one for one in assignments if one.name in told]
        narrowed = (
            lambda one: _has_file_of(hand_in, one, defining=True),
            lambda one: _has_own_file_of(hand_in, one),
            lambda one: len(told[one.name]) == most,
        )
        fitting = _narrowed(fitting, narrowed)
    else:
        named = [one for one in assignments if _has_file_of(hand_in, one, defining=False)]
        fitting = _narrowed(named, (lambda one: _has_own_file_of(hand_in, one),))
    if len(fitting) == 1:
        return fitting[0]
    why = (
        f"it could be any of {_names(fitting)}" if fitting else "it holds none of the files that they ask for"
    )
    raise UsageError(
        f"Cannot tell which assignment {printable(hand_in.name)} is for ({why}): "
        f"say it with --assignment NAME, one of {_names(assignments)}."
    )


def may_be(hand_in: HandIn, assignment: Assignment, others: Sequence[Assignment] = ()) -> bool:
    """Whether a hand-in of a class may be for the class's assignment.

    It may if it defines one of the names, whatever their case and underscores (`GRU_Cell` and `GRUCell`
    differ by their equations), or if it holds one of the files and defines nothing of what others ask for.
    """
    if _told(hand_in, [assignment], loosely=True):
        return True
    return _has_file_of(hand_in, assignment, defining=False) and not _told(hand_in, others)


def _narrowed(fitting: Sequence[A], by: Sequence[Callable[[Assignment], bool]]) -> Sequence[A]:
    """Those of which more is true; as many as before where a rule is true of none."""
    for rule in by:
        fitting = [one for one in fitting if rule(one)] or fitting
    return fitting


def _told(
    hand_in: HandIn, assignments: Sequence[Assignment], *, loosely: bool = False
) -> Mapping[str, frozenset[str]]:
    """Return assignment -> which of its names the hand-in's Python files define; those with none are left
    out.
    """
    names = {one.name: frozenset(one.written) for one in assignments}
    found = defined(hand_in, frozenset().union(*names.values()), loosely=loosely)
    return {name: mine & found for name, mine in names.items() if mine & found}


def _has_file_of(hand_in: HandIn, assignment: Assignment, *, defining: bool) -> bool:
    """Whether a file has a name of a wanted one; if asked, one that defines what it should."""
    # A mere pattern, such as *.pdf, tells nothing.
    telling = (one for one in assignment.wanted if one.required or one.defines or "*" not in one.path)
    fits = (fit for wanted in telling for fit in candidates(hand_in, wanted).values())
    return any(not (defining and fit.undefined) for fit in fits)


def _has_own_file_of(hand_in: HandIn, assignment: Assignment) -> bool:
    return any(has_own_name(hand_in, wanted) for wanted in assignment.wanted)


def _names(assignments: Sequence[Assignment]) -> str:
    return ", ".join(sorted(assignment.name for assignment in assignments)) or "(there are none)"
