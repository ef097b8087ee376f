"""When something must have ended: one moment on the monotonic clock, told in seconds that are left."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Deadline:
    """A moment by which something must have ended.

    Attributes:
        at_s: by `time.monotonic`; infinity for never.
    """

    at_s: float = math.inf

    @classmethod
    def within(cls, seconds: float | None) -> Self:
        """Return the moment that is so many seconds away; without a number, never."""
        return cls() if seconds is None else cls(time.monotonic() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds until then: negative once it is over, infinity for never."""
        return self.at_s - time.monotonic()

    @property
    def over(self) -> bool:
        """Whether the moment has come."""
        return self.left_s <= 0

    def sooner(self, other: Deadline) -> Deadline:
        """Of the two, the one that comes first."""
        return self if self.at_s <= other.at_s else other


NEVER = Deadline()
