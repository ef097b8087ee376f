"""What the process that leads a batch tells its workers at the start, and what both take for granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader import discovery
from grader.course import Course
from grader.declaration import Loaded, Response

END_S = 10  # for a worker to end by itself, its student's process included


@dataclass(frozen=True)
class Setup:
    """What the grader of every worker is made from.

    Attributes:
        assignment: name; None to recognise it from the files.
        assignments: a folder of further assignments.
        course: the fields of the course's settings, of which points and limits count here.
        seed, strict, unsandboxed: see `engine.Options`.
        numerical_gradients, published_solution: likewise.
        secret: hex of the course's secret, which travels over the worker's pipe alone; None without one.
    """

    assignment: str | None = None
    assignments: str | None = None
    course: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    strict: bool = False
    unsandboxed: bool = False
    numerical_gradients: str = Response.NOTICE
    published_solution: str = Response.NOTICE
    secret: str | None = field(default=None, repr=False)

    def known(self) -> tuple[Loaded, ...]:
        """Find the assignments, as the course has them."""
        own = [Path(self.assignments)] if self.assignments else []
        known = discovery.assignments(discovery.BUILT_IN, *own)
        return Course(**self.course).applied(known) if self.course else known


def setup_line(setup: Setup, slot: int) -> dict[str, Any]:
    """Write the first line for a worker: what its grader is made from, and which of the workers it is."""
    return {"slot": slot, **asdict(setup)}
