"""Two faults of one hand-in that meet: neither alone makes all of the arrays that both have wrong.

Some output shows the first by itself. The second has wrong, of what is left, all and nothing else; so few
of the catalogue are tried on top of the first. What is not found so is looked for in a catalogue compiled on
top of the first. Two faults in one sum add up: they are found by what each adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from grader.equations.algebra import added, negative
from grader.faults import forwards
from grader.faults.agreeing import TOLERANCE, agree
from grader.faults.catalogue import Catalogue, Columns
from grader.faults.fault import Fault, both
from grader.faults.modes import Mode
from grader.faults.values import DoesNotFitError

if TYPE_CHECKING:
    from grader.faults.matching import OneHandIn

WITNESSES = 4  # first faults that are tried
COMPILED = 2  # of them, how many have a catalogue compiled on top of them
MOST_HELD = 5  # second ones that are held on every case
LIKELY = 45  # ranks of faults that add up to something; those behind are too far-fetched for two of them
MOST_ADDED = 1_500


def two(of: OneHandIn, shown: Sequence[int]) -> tuple[Fault, Fault] | None:
    """Return two faults that explain all that is wrong, the second on top of the first.

    Args:
        of: the hand-in.
        shown: positions of the faults that make some of its outputs.
    """
    for position in shown[:WITNESSES]:
        if not (made := of.outputs_of(position)):
            continue
        first = of.matcher.faults.faults[position]
        for second in islice(_among(of, first, of.wrong - made), MOST_HELD):
            if of.all_hold(both(first, second)):
                return first, second
    for name in of.matcher.declared.states:
        for a, b in forwards.pairs_of(of, name)[:MOST_HELD] if name in of.wrong - of.zero else ():
            first, second = of.matcher.faults.faults[a], of.matcher.faults.faults[b]
            if of.all_hold(both(first, second)):
                return first, second
    if (found_ := adding_up(of, of.wrong)) is not None:
        return found_
    for position in shown[:COMPILED]:
        if not of.outputs_of(position) or (found := of.matcher.on_top(position)) is None:
            continue
        first = of.matcher.faults.faults[position]
        for at in found.columns.likeliest_first(_seconds(of, found))[:MOST_HELD]:
            if of.all_hold(both(first, found.faults[at])):
                return first, found.faults[at]
    return None


def _among(of: OneHandIn, first: Fault, left: frozenset[str]) -> Iterator[Fault]:
    """Yield the faults of the catalogue with which, on top of a first one, the probe case is as answered."""
    faults, case, columns = of.matcher.faults.faults, of.matcher.faults.case, of.matcher.faults.columns
    is_plain = ~columns.is_more & ~columns.is_multiple & (columns.lines > 0)
    plain = (faults[at] for at in of.matcher.with_wrong(left) if is_plain[at])
    fit = (one for one in plain if _goes_with(of, first, one))
    for one in islice(fit, of.matcher.most_tried):
        try:
            with np.errstate(all="ignore"):
                made = of.matcher.arrays(case, both(first, one))
        except (DoesNotFitError, KeyError):
            continue
        if all(name in made and of.is_made(of.matcher.probe, case, name, made[name]) for name in left):
            yield one


def _goes_with(of: OneHandIn, first: Fault, second: Fault) -> bool:
    """Whether a fault of some lines can be there as well as a first one: in others, still the statement's."""
    back, known = first.back or {}, of.matcher.faults.case.program.lines
    return all(
        name not in first.lines and (name not in back or back[name] == known.get(name))
        for name in second.lines
    )


def _seconds(of: OneHandIn, found: Catalogue) -> NDArray[np.bool_]:
    """Which faults on top of a first one make of the probe case what was answered."""
    fits = np.ones(len(found.faults), np.bool_)
    for name, letter in of.matcher.declared.outputs.items():
        given = of.matcher.faults.case.true[letter] if name in of.right else None
        given = of.matrix(of.matcher.probe, name) if name in of.wrong else given
        if given is None:
            continue
        with_first = found.case.true[letter]
        same = np.full(len(found.faults), bool(agree(with_first, given, with_first)))
        at, made = found.made.get(name, (np.zeros(0, np.intp), np.zeros((0, *given.shape))))
        same[at] = agree(made, given[None], with_first) if len(at) else same[at]
        fits &= same
    return fits


def adding_up(of: OneHandIn, outputs: frozenset[str]) -> tuple[Fault, Fault] | None:
    """Return two faults of backward that have these outputs wrong, each by the sum of what both change.

    Two terms of one sum do that, and the gates of an LSTM, whose derivatives meet nowhere but in sums.

    Args:
        of: the hand-in.
        outputs: what they are to explain, all of it.
    """
    matcher, faults = of.matcher, of.matcher.faults.faults
    name = next((one for one in matcher.declared.outputs if one in outputs - of.zero), "")
    given = of.matrix(matcher.probe, name) if name else None
    if given is None or name not in matcher.faults.made:
        return None
    positions, made = matcher.faults.made[name]
    rows = {int(at): row for row, at in enumerate(positions)}
    fit = np.zeros(len(faults), np.bool_)
    fit[positions] = True
    others = [column for column, one in enumerate(matcher.declared.outputs) if one not in outputs]
    fit &= _are_likely(matcher.faults.columns) & ~matcher.faults.breaks[:, others].any(axis=1)
    kept = matcher.faults.columns.likeliest_first(fit)[:MOST_ADDED]
    true = matcher.faults.case.true[matcher.declared.outputs[name]]
    steps, scale = made[[rows[at] for at in kept]] - true, np.abs(given - true).max()
    ranks, found = matcher.faults.columns.ranks, []
    for i, step in enumerate(steps[:-1]):
        gaps = np.abs(given - true - step - steps[i + 1 :]).max(axis=(-2, -1))
        for j in np.flatnonzero(gaps <= TOLERANCE * scale):
            second_at = i + 1 + int(j)
            found.append((int(ranks[kept[i]] + ranks[kept[second_at]]), i, second_at))
    for _, at, second_at in sorted(found)[:MOST_HELD]:
        first, second = faults[kept[at]], faults[kept[second_at]]
        on_top = _on_top(of, first, second)
        if of.hold(both(first, on_top), outputs):
            return first, on_top
    return None


def _are_likely(columns: Columns) -> NDArray[np.bool_]:
    is_plain = columns.has_mode(Mode.BACKWARD) & ~columns.is_multiple & (columns.ranks < LIKELY)
    return np.asarray(is_plain & (columns.lines == 1))


def _on_top(of: OneHandIn, first: Fault, second: Fault) -> Fault:
    """Return the second fault where the first is there already: in the same line both are added."""
    ((letter, node),) = second.lines.items()
    if letter not in first.lines:
        return second
    base = of.matcher.faults.case.program.lines[letter]
    return replace(second, lines={letter: added(first.lines[letter], node, negative(base))})
