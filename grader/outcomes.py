"""What came of the cases of one criterion, in words: alike ones counted together, the commonest first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.compare import Gap, GapKind, Match
from grader.records import Case, Failure, FailureKind

Outcome = Match | Gap | Failure

VALUES = (GapKind.FINITE, GapKind.VALUE)
SHOWN = (GapKind.SHAPE, *VALUES)  # those of which an array can be shown
MOST_OTHERS = 2  # groups that are told beside the commonest


@dataclass(frozen=True)
class Group:
    """Cases that fail alike: they say the same, numbers aside, or raise the same exception in the same line.

    Attributes:
        at: positions of the cases: first those that say what most of them say, the smallest case first.
        shown: what came of the first of them.
        word_for_word: whether they say the same, numbers included.
        but_for_numbers: whether they say the same, numbers aside.
    """

    at: tuple[int, ...]
    shown: Gap | Failure
    word_for_word: bool
    but_for_numbers: bool


def groups(cases: Sequence[Case], outcomes: Sequence[Outcome]) -> list[Group]:
    """Return the failing cases by what is said of them.

    The commonest kind comes first, and of a kind the commonest group; of equal ones the smallest case's.
    """
    found: dict[object, dict[object, list[int]]] = {}
    kinds: Counter[str | None] = Counter()
    for i in sorted(range(len(cases)), key=lambda i: cases[i].entries):
        outcome = outcomes[i]
        if not isinstance(outcome, Match):
            kinds[kind(outcome)] += 1
            found.setdefault(_place(outcome), {}).setdefault(_key(outcome), []).append(i)
    made = [_group(list(alike.values()), outcomes) for alike in found.values()]
    return sorted(made, key=lambda group: (-kinds[kind(group.shown)], -len(group.at)))  # a stable sort


def message(cases: Sequence[Case], outcomes: Sequence[Outcome]) -> str:
    """Return the fact about a criterion that fails: what happens, in how many cases, and which is the
    smallest.
    """
    first, *others = groups(cases, outcomes)
    if _is_fatal(first.shown):
        return _fact(first.shown)  # the process died of it, so the other cases were not asked
    if len(outcomes) == 1:
        wrong = isinstance(first.shown, Gap) and first.shown.kind in VALUES
        return f"wrong: {_fact(first.shown)}" if wrong else _fact(first.shown)
    said = [_counted(first, cases)]
    said += [_also(group) for group in others[:MOST_OTHERS]]
    if rest := sum(len(group.at) for group in others[MOST_OTHERS:]):
        said.append(f"in {rest} still otherwise")
    return "; ".join(said)


def shortly(outcome: Gap | Failure) -> str:
    """Return what came of a case, to stand in a sentence about several: "is wrong", "has shape (3,)"."""
    return "is wrong" if isinstance(outcome, Gap) and outcome.kind in VALUES else _fact(outcome)


def kind(outcome: Outcome) -> str | None:
    """Why it fails in one word; None if it holds."""
    return None if isinstance(outcome, Match) else outcome.kind.value


def _counted(group: Group, cases: Sequence[Case]) -> str:
    """Return what the commonest group says, with its count and its smallest case."""
    shown, label = group.shown, cases[group.at[0]].label
    count = f"in {len(group.at)} of {len(cases)} cases"
    if isinstance(shown, Gap) and shown.kind in VALUES:
        wrong = "wrong" if shown.kind is GapKind.VALUE else "not finite"
        return f"{wrong} {count} (smallest: {label}; {_fact(shown)})"
    if isinstance(shown, Gap) and shown.kind is GapKind.MISSING:
        return f"{_fact(shown)}, {count}"
    if len(group.at) == len(cases) and group.word_for_word:
        return f"{_fact(shown)}, {count}"
    if group.word_for_word:
        return f"{_fact(shown)}, {count} (smallest: {label})"
    if not group.but_for_numbers:
        return f"{_fact(shown)}, in the smallest case ({label}); that line raises {count}"
    return f"{_fact(shown)}, in the smallest case ({label}); the same with other numbers {count}"


def _also(group: Group) -> str:
    """Return what another group says, with its count."""
    shown = group.shown
    if isinstance(shown, Gap) and shown.kind in VALUES:
        return f"in {len(group.at)} {'wrong' if shown.kind is GapKind.VALUE else 'not finite'}"
    return f"in {len(group.at)}: {_fact(shown)}"


def _group(alike: Sequence[Sequence[int]], outcomes: Sequence[Outcome]) -> Group:
    """Make a group of the cases that say the same, numbers aside, and others that belong to them."""
    at = [i for some in sorted(alike, key=lambda some: -len(some)) for i in some]
    shown = outcomes[at[0]]
    assert not isinstance(shown, Match)
    said = {one.message for i in at if not isinstance(one := outcomes[i], Match)}
    return Group(tuple(at), shown, len(said) == 1, len(alike) == 1)


def _place(outcome: Gap | Failure) -> object:
    """Return what is the same for all outcomes of a group: for what was raised, which exception and where."""
    if isinstance(outcome, Failure) and outcome.kind is FailureKind.RAISED and outcome.line is not None:
        return outcome.message.partition(":")[0], outcome.file, outcome.cell, outcome.line
    return _key(outcome)


def _key(outcome: Gap | Failure) -> object:
    """Return what is said, without its numbers; of an array that is there, only in which way it is wrong."""
    if isinstance(outcome, Gap) and outcome.kind in SHOWN:
        return outcome.kind
    return outcome.kind, re.sub(r"\d+", "0", outcome.message)


def _is_fatal(outcome: Gap | Failure) -> bool:
    return isinstance(outcome, Failure) and outcome.fatal


def _fact(outcome: Gap | Failure) -> str:
    return outcome.message.rstrip(".")


def listed(names: Sequence[str]) -> str:
    """Return "a",, "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def by_saying(said: Mapping[str, tuple[str, str | None]]) -> list[tuple[str, str, str | None]]:
    """From name -> (message, hint): (names, message, hint), names that say the same together."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for name, saying in said.items():
        found.setdefault(saying, []).append(name)
    return [(listed(names), *saying) for saying, names in found.items()]
