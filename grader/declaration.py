"""What an assignment's folder declares. The engine knows these types and no assignment by name.

An assignment is a folder with

    assignment.py   declares ASSIGNMENT = Assignment(...)
    adapter.py      calls the hand-in the way the homework says; travels to the student's process as source
    statement.md    what is asked, in our own words
    starter/        what students are given
    wrong/<problem>/<mistake>/   wrong answers, each with its expect.toml

and a model hand-in in `src/<assignment>/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.errors import DeclarationError
from grader.words import Suite


class Shape(StrEnum):
    """How strictly an answer's shape is held to the true one."""

    EXACT = "exact"  # weights and their gradients
    VECTOR = "vector"  # axes of length 1 may differ, with a notice: (n,), (1, n) and (n, 1) are one vector


@dataclass(frozen=True)
class Output:
    """An array that a call must answer with, and how it is compared.

    Attributes:
        name: the criterion's name, and the adapter's key.
        shape: how strictly the shape is held.
        each: axes of the true array along which every slice is held to its own scale (samples, steps).
    """

    name: str
    shape: Shape = Shape.EXACT
    each: tuple[int, ...] = ()


@dataclass(frozen=True)
class Check:
    """One function of the adapter, asked on every case of a suite.

    Attributes:
        call: the adapter's function.
        suite: key of `Assignment.suites`.
        outputs: the criteria, in equal shares.
        forms: the ways to hand the arguments over, in words, in the order in which they are tried on the
            probe case; the first that works is used for all cases.
        paste: lines of Python that make the call, for a student to paste below the lines that set a case's
            inputs.
    """

    call: str
    suite: str
    outputs: tuple[Output, ...]
    forms: tuple[str, ...] = ("",)
    paste: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A row of the gradebook. Its criteria are the outputs of its checks."""

    name: str
    points: float
    checks: tuple[Check, ...]

    @property
    def outputs(self) -> tuple[Output, ...]:
        """All criteria, in order."""
        return tuple(output for check in self.checks for output in check.outputs)


@dataclass(frozen=True)
class Wanted:
    """A file that the hand-in must hold.

    Attributes:
        path: where the statement puts it, such as "hw3/gru.py".
        also: other file names that are accepted (fnmatch patterns), such as "gru_cell.py".
        defines: top-level names by which it is recognised, such as "GRU_Cell".
        methods: functions and methods that the student writes, such as "GRU_Cell.forward".
        given: those that the starter gives and that are to be left alone, such as "GRU_Cell.__init__".
    """

    path: str
    also: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What a student process may use.

    Attributes:
        call_s: wall-clock seconds for importing the hand-in, and for each call.
        total_s: wall-clock seconds for the whole submission.
        cpu_s: processor seconds for one process.
        memory_bytes: address space of one process.
        output_bytes: what it may print before it is stopped.
    """

    call_s: float = 10.0
    total_s: float = 60.0
    cpu_s: int = 30
    memory_bytes: int = 1 << 30
    output_bytes: int = 32 << 20


@dataclass(frozen=True)
class Assignment:
    """One homework: what is asked, what it is worth, how a hand-in is called, what is true.

    Attributes:
        name: its folder's name.
        title: what a person reads.
        wanted: the files; the first is the module that is imported.
        archive: form that the statement asks for ("tar.gz"); another one gets a notice.
        problems: the gradebook's rows.
        suites: key -> function that draws the suite for a seed. Called by the grader alone; imports torch
            when called, not before.
        limits: what a student process may use.
        adapter: source of adapter.py, filled in by discovery.
        starter: path -> content of what students are given, filled in by discovery.
    """

    name: str
    title: str
    wanted: tuple[Wanted, ...]
    problems: tuple[Problem, ...]
    suites: Mapping[str, Callable[[int], Suite]]
    archive: str | None = None
    limits: Limits = field(default_factory=Limits)
    adapter: str = field(default="", repr=False)
    starter: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Hold the declaration to what the platforms can carry.

        Raises:
            DeclarationError: a problem's name would break Autolab's last line, or something is named twice.
        """
        names = [problem.name for problem in self.problems]
        if len(set(names)) != len(names) or not names:
            raise DeclarationError(f"{self.name}: problems must have distinct names, got {names}")
        for problem in self.problems:
            # Autolab substitutes /([a-zA-Z0-9]+):/ before it parses: a colon there breaks the whole line.
            if re.search(r"[a-zA-Z0-9]:", problem.name) or not problem.name.isascii():
                raise DeclarationError(
                    f"{self.name}: Autolab cannot carry the problem name {problem.name!r}: "
                    "use ASCII, and no colon after a letter or digit"
                )
            outputs = [output.name for output in problem.outputs]
            if len(set(outputs)) != len(outputs) or not outputs:
                raise DeclarationError(
                    f"{self.name}, {problem.name}: criteria must be distinct, got {outputs}"
                )
            for check in problem.checks:
                if check.suite not in self.suites:
                    raise DeclarationError(f"{self.name}, {problem.name}: there is no suite {check.suite!r}")
        if not self.wanted:
            raise DeclarationError(f"{self.name}: no file is wanted")

    @property
    def max_score(self) -> float:
        """Points to be had."""
        return sum(problem.points for problem in self.problems)
