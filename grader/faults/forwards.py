"""Two faults of one forward: of a state's line, or of what goes into it, each at a place of its own.

No output shows either of them. But a line has few letters: what likely faults make of each letter is computed
once, and the line then for all pairs of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from grader.equations.nodes import Letter, letters
from grader.faults.agreeing import agree
from grader.faults.catalogue import Catalogue, Columns
from grader.faults.fault import Scope
from grader.faults.modes import Mode
from grader.faults.values import DoesNotFitError, ProbeCase
from grader.records import Array

if TYPE_CHECKING:
    from grader.faults.matching import OneHandIn

LIKELY = 45  # ranks of faults that are paired

Values = Mapping[str, tuple[list[int], Array]]
"""Letter of a line -> the faults that change that letter of it alone, and what they make of it: (n, r, c)."""
Pair = tuple[int, int]


def values_of(catalogue: Catalogue, name: str) -> Values:
    """Return what likely faults of forward make of the letters of a line, on the probe case.

    Args:
        catalogue: all faults.
        name: the line's letter.
    """
    case = catalogue.case
    used = [one for one in dict.fromkeys(letters(case.program.lines[name])) if one in case.program.lines]
    found: dict[str, tuple[list[int], list[Array]]] = {one: ([], []) for one in used}
    for at in map(int, np.flatnonzero(are_likely(catalogue.columns))):
        fault = catalogue.faults[at]
        if name in fault.lines:
            continue
        try:
            with np.errstate(all="ignore"):
                made = case.with_lines(fault.lines, [Letter(one) for one in used])
        except DoesNotFitError:
            continue
        changed = [
            (one, array)
            for one, array in zip(used, made, strict=True)
            if np.shape(array) != case.true[one].shape or not np.array_equal(array, case.true[one])
        ]
        if len(changed) == 1 and np.shape(changed[0][1]) == case.true[changed[0][0]].shape:
            found[changed[0][0]][0].append(at)
            found[changed[0][0]][1].append(changed[0][1])
    return {one: (some, np.stack(arrays)) for one, (some, arrays) in found.items() if some}


def are_likely(columns: Columns) -> NDArray[np.bool_]:
    """Which faults of forward are paired with others."""
    is_likely = columns.has_mode(Mode.FORWARD) & columns.has_scope(Scope.LINE) & (columns.ranks < LIKELY)
    return np.asarray(is_likely)


def pairs_of(of: OneHandIn, name: str) -> list[Pair]:
    """Return the pairs of faults that make a state of the probe case as it was answered, the likeliest first.

    Args:
        of: the hand-in.
        name: the state.
    """
    matcher, letter = of.matcher, of.matcher.declared.states[name]
    case, faults = matcher.faults.case, matcher.faults.faults
    given = of.matrix(matcher.probe, name)
    if given is None or not isinstance(
        case, ProbeCase
    ):  # through time no pairs of one forward are looked for
        return []
    kept = matcher.kept_values
    if letter not in kept:
        kept[letter] = values_of(matcher.faults, letter)
    values = kept[letter]
    found: list[Pair] = []
    ranks = matcher.faults.columns.ranks
    for a, b in combinations(values, 2):
        (some, first), (others, second) = values[a], values[b]
        known = {**case.true, a: first[:, None], b: second[None]}
        hits = _hits(of, case, name, case.value(case.program.lines[letter], known))
        found += [(some[i], others[j]) for i, j in np.argwhere(hits)]
    for at in map(int, np.flatnonzero(are_likely(matcher.faults.columns))):
        fault = faults[at]
        if fault.lines.keys() == {letter}:
            for a, (some, first) in values.items():
                try:
                    made = case.value(fault.lines[letter], {**case.true, a: first})
                except DoesNotFitError:
                    continue
                if np.shape(made) == (len(first), *given.shape):
                    found += [(some[i], at) for i in np.flatnonzero(_hits(of, case, name, made))]
    return sorted(set(found), key=lambda one: (int(ranks[one[0]] + ranks[one[1]]), one))


def _hits(of: OneHandIn, case: ProbeCase, name: str, made: Array) -> Array:
    given = of.matrix(of.matcher.probe, name)
    assert given is not None
    return np.asarray(agree(made, given, case.true[of.matcher.declared.states[name]]))
