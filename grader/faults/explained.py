"""What explains a hand-in: faults, and the outputs that they make."""

from __future__ import annotations

from dataclasses import dataclass

from grader.faults.fault import Fault


@dataclass(frozen=True)
class Explained:
    """Outputs that a fault explains.

    Attributes:
        faults: the likeliest first, and those beside it that no case tells from it.
        outputs: what they explain.
        factor: of what is added a number of times, that number.
        also: a second fault that is there as well, and meets the first.
    """

    faults: tuple[Fault, ...]
    outputs: frozenset[str]
    factor: float | None = None
    also: Fault | None = None


@dataclass(frozen=True)
class Explanation:
    """What explains a hand-in's wrong outputs, one cause after the other, and what nothing explains.

    Attributes:
        causes: what explains it.
        zero: outputs that are all zeros: what that comes from cannot be seen.
        left: outputs that nothing explains.
        facts: those of them of which something simple can be said, and what.
    """

    causes: tuple[Explained, ...]
    zero: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    facts: tuple[tuple[str, str], ...] = ()
