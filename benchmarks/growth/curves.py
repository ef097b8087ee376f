"""The curves: what is graded at each size."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.growth import commands, engines
from benchmarks.processes import Program


@dataclass(frozen=True)
class Curve:
    """One thing that can be large.

    Attributes:
        name: of its files.
        title: what the picture shows.
        x: what the axis says.
        sizes: in order.
        why: what the cost is made of at either end: the reason of a bend.
        inside: size -> a context whose value grades once, in this process and what it started; or
        outside: size, scratch folder -> the command that is measured as a whole process.
    """

    name: str
    title: str
    x: str
    sizes: tuple[int, ...]
    why: str
    inside: Callable[[int], AbstractContextManager[Callable[[], None]]] | None = None
    outside: Callable[[int, Path], Program] | None = None

    def up_to(self, part: float) -> Curve:
        """Return the curve with its first sizes alone: such a part of them, and three at least."""
        return replace(self, sizes=self.sizes[: max(3, round(part * len(self.sizes)))])


CURVES = (
    Curve(
        "cases",
        "gru_cell, by the number of its cases",
        "cases",
        (64, 128, 256, 512, 1_024, 2_048, 4_096),
        "What each case costs (three calls of the hand-in, its arrays there and back, nine comparisons) "
        "stands beside what a job costs whatever it is asked: its fork, its layers, and the import of the "
        "hand-in.",
        inside=engines.cases,
    ),
    Curve(
        "hidden",
        "gru_cell, forward and backward, one case, by hidden units",
        "hidden units",
        (8, 16, 32, 64, 128, 256, 512),
        "Weights and their gradients have hidden² entries, and every product of the cell reads each entry "
        "once: so the slope nears 2. Below the bend they are smaller than what a job costs whatever it is "
        "asked. An answer may have 2**18 entries, which is 512 by 512.",
        inside=engines.both_ways,
    ),
    Curve(
        "hidden_forward",
        "gru_cell, forward alone, one case, by hidden units",
        "hidden units",
        (8, 16, 32, 64, 128, 256, 512, 1_024),
        "What is handed in grows with hidden², what comes back with hidden. Below the bend the weights "
        "are smaller than what a job costs whatever it is asked.",
        inside=engines.forward_alone,
    ),
    Curve(
        "steps",
        "An RNN forward and back through time, by its steps",
        "steps",
        (5, 10, 20, 50, 100, 200, 500),
        "A step is a step: forward and back again, some 10 NumPy calls on small arrays. Below the bend "
        "it is less than what a job costs whatever it is asked.",
        inside=engines.steps,
    ),
    Curve(
        "hand_ins",
        "A batch with one worker, by its hand-ins",
        "hand-ins",
        (10, 30, 100, 300, 1_000, 3_000, 10_000),
        "Each hand-in costs a job and its reports. Below the bend the start of the command and of its "
        "worker is more than that; nothing of it grows with what was graded before, so the slope ends at 1.",
        outside=commands.right_ones,
    ),
    Curve(
        "mistakes",
        "A batch of mistakes with one worker, by how many are explained",
        "mistakes explained",
        (1, 2, 4, 8, 16, 32, 64),
        "The first wrong value in a process needs the catalogue of mistakes; each further hand-in only "
        "looks into it, and is asked for its smallest case.",
        outside=commands.wrong_ones,
    ),
)
