"""What becomes of what is missing, or right and yet not quite as it was asked for."""

from __future__ import annotations

from enum import Enum, StrEnum
from functools import total_ordering


class Without(StrEnum):
    """What becomes of a problem when the hand-in lacks what it needs."""

    FAIL = "fail"  # it is asked all the same, and fails
    LEAVE_OUT = "leave out"  # it was optional
    PERSON = "person"  # it may be there in another form: a person looks


class Response(StrEnum):
    """What a course makes of something in the source that is right by its values."""

    NOTICE = "notice"  # it is told, and costs nothing
    PERSON = "person"  # a person decides
    FAIL = "fail"  # what it answers does not count


class SizesOfOne(StrEnum):
    """What becomes of a criterion that fails only where a size is 1, and holds in all other cases."""

    TELL = "tell"  # it counts, and the report says in which cases it fails
    COUNT = "count"  # it fails


@total_ordering
class HintLevel(Enum):
    """How much of what is known of a mistake a student is told: each level has all that is below it."""

    ARRAYS = "arrays"  # which arrays are wrong
    EQUATION = "equation"  # and in which equation, and at which line of the hand-in
    TERM = "term"  # and what was done there, in a sentence
    ALL = "all"  # and what the catalogue of mistakes calls it

    def __lt__(self, other: HintLevel) -> bool:
        """Tell whether the other level has more."""
        order = list(HintLevel)
        return order.index(self) < order.index(other)
