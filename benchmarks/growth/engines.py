"""Gradings in this process, by an engine whose assignment was changed to be of some size."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

from grader import discovery
from grader.cell.asked import SUITE
from grader.declaration import Limits, Loaded
from grader.engine import Grader, Options
from grader.records import Case, Status, Suite
from grader.suite import digest, further

SOURCES = discovery.BUILT_IN.parent.parent / "src"
GENEROUS = Limits(call_s=60.0, total_s=600.0, cpu_s=600, memory_bytes=4 << 30)
THROUGH_TIME = "rnn_forward", "rnn_backward"

Grade = Callable[[], None]


@contextmanager
def cases(count: int) -> Iterator[Grade]:
    """Grade the model of gru_cell on so many cases."""
    module = importlib.import_module("grader.cell.homework")  # the package has a function of that name
    with mock.patch.object(module, "CASES", count):
        (draw,) = _loaded("gru_cell").suites.values()
        suite = draw(0)
    with _graded(replace(_loaded("gru_cell"), suites={SUITE: partial(_the, suite)})) as grade:
        yield grade


@contextmanager
def both_ways(size: int) -> Iterator[Grade]:
    """Grade the model of gru_cell on one case of so many hidden units."""
    assignment = _loaded("gru_cell")
    suite = _sized(assignment, SUITE, 1, {"input": 5, "hidden": size})
    with _graded(replace(assignment, suites={SUITE: partial(_the, suite)}, probes=())) as grade:
        yield grade


@contextmanager
def forward_alone(size: int) -> Iterator[Grade]:
    """Grade its forward, and nothing else."""
    assignment = _loaded("gru_cell")
    suite = _sized(assignment, SUITE, 1, {"input": 5, "hidden": size})
    assignment = replace(assignment, problems=assignment.problems[:1])
    with _graded(replace(assignment, suites={SUITE: partial(_the, suite)}, probes=())) as grade:
        yield grade


@contextmanager
def steps(count: int) -> Iterator[Grade]:
    """Grade the model of rnn_step_by_step on so many steps forward and back, in four cases each."""
    assignment = _loaded("rnn_step_by_step")
    sizes = {"input": 4, "hidden": 5, "batch": 3, "outputs": 2, "steps": count}
    suites = {name: _sized(assignment, name, 4, sizes) for name in THROUGH_TIME}
    asked = [
        replace(problem, checks=tuple(one for one in problem.checks if getattr(one, "suite", "") in suites))
        for problem in assignment.problems
        if problem.name in suites
    ]
    # Those of its fallbacks, too, which nothing here asks.
    every = {name: suites.get(name, suites[THROUGH_TIME[0]]) for name in assignment.suites}
    assignment = replace(
        assignment,
        problems=tuple(asked),
        suites={name: partial(_the, suite) for name, suite in every.items()},
        probes=(),
    )
    with _graded(assignment) as grade:
        yield grade


@contextmanager
def _graded(assignment: Loaded) -> Iterator[Grade]:
    """Give what grades the model hand-in of an assignment, in a process that has graded it before.

    Raises:
        SystemExit: it does not get full points, so it was not the same work.
    """
    path: Path = SOURCES / assignment.name

    def grade() -> None:
        report = grader.grade(path)
        if report.status is not Status.GRADED or report.score != report.max_score:
            raise SystemExit(f"{path} was given {report.score} of {report.max_score}: {report.message}")

    with Grader([assignment], Options(assignment=assignment.name)) as grader:
        grade()
        yield grade


def _the(suite: Suite, _: int) -> Suite:
    """Return a suite, whatever the seed."""
    return suite


def _loaded(name: str) -> Loaded:
    """Return an assignment, with limits that no size here meets."""
    return replace(discovery.by_name(name, discovery.assignments()), limits=GENEROUS)


def _sized(assignment: Loaded, key: str, count: int, sizes: Mapping[str, int]) -> Suite:
    """Return a suite of so many cases that all have the same sizes, however large."""
    made_of = assignment.further[key]
    assert isinstance(made_of, partial)
    inputs, ranges, truth = made_of.args
    scale = max(math.ceil(size / max(getattr(ranges, name))) for name, size in sizes.items())
    plain = further(inputs, ranges.larger(scale), truth).plain(sizes)
    made = [Case(f"case {number}", number, plain, sizes=sizes) for number in range(count)]
    return Suite(0, digest(made), tuple(made), tuple(truth(plain) for _ in made))
