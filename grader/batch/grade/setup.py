"""What the process that leads a batch tells its workers at the start, and what both take for granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from grader import discovery
from grader.course import Course
from grader.declaration import Loaded
from grader.options import Options

END_S = 10  # for a worker to end by itself, its student's process included


@dataclass(frozen=True)
class Setup:
    """What the grader of every worker is made from.

    Attributes:
        options: how each hand-in is graded. The course's secret in them travels over the worker's pipe alone.
        assignments: a folder of further assignments.
        course: the fields of the course's settings, of which points and limits count here.
    """

    options: Options = field(default_factory=Options)
    assignments: str | None = None
    course: Mapping[str, Any] = field(default_factory=dict)

    def known(self) -> tuple[Loaded, ...]:
        """Find the assignments, as the course has them."""
        own = [Path(self.assignments)] if self.assignments else []
        known = discovery.assignments(discovery.BUILT_IN, *own)
        return Course(**self.course).applied(known) if self.course else known

    def wire(self) -> dict[str, Any]:
        """Give the setup as JSON carries it."""
        return {**vars(self), "options": self.options.wire()}

    @classmethod
    def of_wire(cls, said: Mapping[str, Any]) -> Self:
        """Give the setup that `wire` gave to JSON."""
        return cls(**{**said, "options": Options.of_wire(said["options"])})


def setup_line(setup: Setup, slot: int) -> dict[str, Any]:
    """Write the first line for a worker: what its grader is made from, and which of the workers it is."""
    return {"slot": slot, **setup.wire()}
