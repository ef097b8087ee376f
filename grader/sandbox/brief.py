"""What a session is told of a hand-in and its assignment, and the two frames that a job gets of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.declaration import Limits
from grader.records import Notebook

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Brief:
    """What is asked of one hand-in, and what it may use.

    Attributes:
        texts: path inside the hand-in -> text of every source file.
        main: path of the module that is imported; None if the hand-in has none.
        wanted: what the assignment calls that module.
        adapter: source of the assignment's adapter.
        calls: the functions that it must define.
        needs: functions, classes and methods of the hand-in that are to be looked for.
        limits: what each job and the whole may use.
        starter: text of the starter of `main`, if there is one.
        given: functions and methods that it defines.
        any_name: take what fits under another name.
        cells: path of a notebook -> the number and the text of each of its code cells.
        provided: path -> text of modules for imports that find nothing in the hand-in.
        also: paths of files that may define what the main file lacks, in the order in which they are asked.
        names: what that may be.
        notebook: the main file, where it is one.
        definitions_alone: of the top level, run what is there to define something, and nothing else.
        disk: whether files can be opened and saved in memory, beside those of the next two.
        carried: path inside the hand-in -> content of what it may open.
        lent: name -> content of what the course lends it.
    """

    texts: Mapping[str, str]
    main: str | None
    wanted: str
    adapter: str
    calls: Sequence[str]
    limits: Limits
    needs: Sequence[str] = ()
    starter: str | None = None
    given: Sequence[str] = ()
    any_name: bool = True
    cells: Mapping[str, Sequence[tuple[int, str]]] = field(default_factory=dict)
    provided: Mapping[str, str] = field(default_factory=dict)
    also: Sequence[str] = ()
    names: Sequence[str] = ()
    notebook: Notebook | None = None
    definitions_alone: bool = False
    disk: bool = False
    carried: Mapping[str, bytes] = field(default_factory=dict)
    lent: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def ours(self) -> dict[str, Any]:
        """What a job hears before it is locked down: nothing of the hand-in."""
        return {
            "adapter": self.adapter,
            "calls": list(self.calls),
            "needs": list(self.needs),
            "starter": self.starter,
            "given": list(self.given),
            "any_name": self.any_name,
            "disk": self.disk,
            "cpu_s": self.limits.cpu_s,
            "memory_bytes": self.limits.memory_bytes,
        }

    @property
    def theirs(self) -> dict[str, Any]:
        """What it hears once it is locked down: the hand-in, and what of it is asked for."""
        return {
            "do": "take",
            "texts": dict(self.texts),
            "main": self.main,
            "cells": {path: [list(cell) for cell in found] for path, found in self.cells.items()},
            "provided": dict(self.provided),
            "also": list(self.also),
            "names": list(self.names),
            "carried": list(self.carried),
            "lent": list(self.lent),
        }

    @property
    def files(self) -> dict[str, NDArray[np.uint8]]:
        """The content of the files that go with `theirs`, by numbers: those carried, then those lent."""
        contents = (*self.carried.values(), *self.lent.values())
        return {str(at): np.frombuffer(content, np.uint8) for at, content in enumerate(contents)}
