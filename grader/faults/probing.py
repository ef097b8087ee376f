"""Which case tells faults apart, and on which they may be held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from grader.equations.nodes import Applied, Letter
from grader.faults.values import ProbeCase
from grader.records import Array
from grader.records import Case as Asked

# Where more than this goes into an activation, a wrong formula may round to what a right one does not:
# faults are not held on such a case. An LSTM's tanh(c′) never comes near it.
SATURATED = 5.0
# Where less than this goes into an activation, it is as good as a line, to a few parts in a hundred:
# with small weights it is 1 to a millionth, and a slope that is left out cannot be seen.
BENT = 0.3


def probe(drawn: Sequence[ProbeCase], cases: Sequence[Asked]) -> int:
    """Return the position of the case that tells faults apart best: small, sizes distinct, nothing
    in it 0, and no activation where it is as good as a line.

    Args:
        drawn: with the values of all letters.
        cases: as they are asked.
    """
    least = {
        name: 2 if any(case.sizes[name] > 1 for case in drawn) else 1
        for name in drawn[0].sizes
        if name != "1"
    }

    def key(position: int) -> tuple[int, int, int]:
        case = drawn[position]
        sizes = [size for name, size in case.sizes.items() if name != "1"]
        is_distinct = len({*sizes}) == len(sizes) and all(
            case.sizes[name] >= of for name, of in least.items()
        )
        is_plain = is_safe(case) and all(np.all(array != 0) for array in case.given.values())
        return -(is_distinct + (is_plain and is_bent(_arguments(case)))), cases[position].entries, position

    return min(range(len(cases)), key=key)


def is_safe(case: ProbeCase) -> bool:
    """Whether nothing is saturated on a case: then what a fault makes of it is no matter of rounding."""
    return all(bool(np.abs(array).max() <= SATURATED) for array in _arguments(case))


def is_bent(arguments: Iterable[Array]) -> bool:
    """Whether each activation has a slope that is not the one at 0, for one argument at least."""
    return all(bool(np.abs(array).max() >= BENT) for array in arguments)


def _arguments(case: ProbeCase) -> Iterator[Array]:
    """Yield what goes into the activations."""
    for node in case.program.lines.values():
        if isinstance(node, Applied) and isinstance(node.of, Letter):
            yield case.true[node.of.name]
