"""A declaration with all that stands in its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Self

from grader.declaration.assignment import Assignment, Explaining
from grader.records import Suite


@dataclass(frozen=True)
class Loaded(Assignment):
    """An assignment as it is found: what hand-ins are graded for.

    Attributes:
        folder: where it was found.
        starter: path -> content of what students are given.
        provided: path -> content of modules that the hand-in may import where it brings none of its own.
            Whoever imports one that begins with a line `# told: SENTENCE` is told so.
        solution: function or method of the published solution -> [number of nodes, digest] of its shape, as
            `inside.numerical` has it.
        definitions: function or method of the starter -> digest, as a job's facts of a hand-in have it.
        found_suites, found_explains: the suites, and what explains them, that its folder declares.
    """

    folder: Path = field(kw_only=True, repr=False)
    starter: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    provided: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    solution: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False)
    definitions: Mapping[str, str] = field(default_factory=dict, repr=False)
    found_suites: Mapping[str, Callable[[int], Suite]] | None = field(default=None, repr=False)
    found_explains: Mapping[str, Explaining] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, declared: Assignment, **found: Any) -> Self:
        """Put what was found beside what is declared.

        Args:
            declared: the declaration.
            found: fields of this class; and `adapter`, where the folder has one.
        """
        return cls(**{**{one.name: getattr(declared, one.name) for one in fields(Assignment)}, **found})

    @property
    def is_as_found(self) -> bool:
        """Whether its suites are those that its folder declares, and follow from what is in it."""
        return self.suites is self.found_suites

    @property
    def is_explained_as_found(self) -> bool:
        """Whether what explains its suites follows from what is in its folder, too."""
        return self.is_as_found and self.explains is self.found_explains

    @property
    def handed_out(self) -> Mapping[str, bytes]:
        """Those of the provided modules that students are given, path -> content."""
        return {
            path: content
            for path, content in self.provided.items()
            if not any(fnmatchcase(path, pattern) for pattern in self.stand_ins)
        }
