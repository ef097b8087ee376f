"""A deadline: one moment, seconds that are left, and the sooner of two."""

from __future__ import annotations

import math
import time

import pytest

from grader.deadline import NEVER, Deadline


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a clock that stands still until it is set."""
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    return clock


def test_it_is_over_when_its_moment_has_come(now: list[float]) -> None:
    """Not a moment before; and then less than nothing is left."""
    deadline = Deadline.within(2.0)
    assert (deadline.left_s, deadline.over) == (2.0, False)
    now[0] = 102.0
    assert (deadline.left_s, deadline.over) == (0.0, True)
    now[0] = 103.0
    assert (deadline.left_s, deadline.over) == (-1.0, True)


def test_of_two_the_sooner_one_holds(now: list[float]) -> None:
    """Whichever of them is asked; and anything is sooner than never."""
    first, second = Deadline.within(1.0), Deadline.within(2.0)
    assert first.sooner(second) == second.sooner(first) == first
    assert NEVER.sooner(first) == first.sooner(NEVER) == first


def test_never_is_never_over(now: list[float]) -> None:
    """Who names no number of seconds sets no deadline."""
    assert Deadline.within(None) == NEVER
    now[0] = 1e12
    assert not NEVER.over
    assert NEVER.left_s == math.inf
