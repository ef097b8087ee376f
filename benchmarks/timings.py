"""Functions of one process in turn, each called as often as a clock needs; processor time, of one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

AT_LEAST_S = 0.02  # what is timed at once

Do = Callable[[], object]


def in_turn(functions: Mapping[str, Do], rounds: int) -> dict[str, list[float]]:
    """Return the processor seconds of a call of each, one figure per round; each begins with the next."""
    often = {name: _how_often(do) for name, do in functions.items()}
    found: dict[str, list[float]] = {name: [] for name in functions}
    names = list(functions)
    for index in range(rounds):
        first = index % len(names)
        for name in (*names[first:], *names[:first]):
            found[name].append(_seconds(functions[name], often[name]) / often[name])
    return found


def _how_often(do: Do) -> int:
    """How often a function must be called for its time to be told from the clock's own."""
    do()  # what is made once is made
    often = 1
    while (took_s := _seconds(do, often)) < AT_LEAST_S / 2:
        often = max(2 * often, int(often * AT_LEAST_S / 2 / max(took_s, 1e-6)))
    return often


def _seconds(do: Do, often: int) -> float:
    begin_s = time.process_time()
    for _ in range(often):
        do()
    return time.process_time() - begin_s
