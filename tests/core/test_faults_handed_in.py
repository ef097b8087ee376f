"""Faults of the catalogue, printed as hand-ins and graded in the sandbox: each is explained.

It is explained by itself, or by one that makes the same arrays. CELLGRADE_FAULTS=600 hands in more of them.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from printed_hand_in import CannotBePrintedError, hand_in
from shipped import answers, known

from grader.cell.derived import Derived, derived
from grader.cell.explaining import declared
from grader.engine import Grader, Options
from grader.faults.fault import Declared, Fault
from grader.faults.matching import Matcher
from grader.mistakes import laid
from grader.records import Cause, CriterionResult, Report, Suite

pytestmark = pytest.mark.slow  # not for `make check`

CELLS = ("gru_cell", "torch_gru_cell", "torch_lstm_cell")
DRAWN = int(os.environ.get("CELLGRADE_FAULTS", "12"))  # faults of each cell; all of them take hours
SEED = int(os.environ.get("CELLGRADE_FAULTS_SEED", "0"))
ZEROS = "every entry is 0"


@cache
def cell(name: str) -> Derived:
    module: Any = importlib.import_module(f"grader.assignments.{name}.assignment")
    return derived(known(name).folder, module.CELL)


@cache
def one(name: str) -> Declared:
    return declared(cell(name))


@cache
def matcher(name: str) -> Matcher:
    return Matcher(one(name), suite(name))


def suite(name: str) -> Suite:
    return known(name).suites["cells"](0)


def drawn(name: str) -> Iterator[Fault]:
    """Faults of all modes that have something wrong on the probe case, by a seed."""
    rng, faults = np.random.default_rng(SEED), matcher(name).faults.faults
    modes = sorted({fault.mode for fault in faults})
    by_mode = {
        mode: [
            at
            for at, fault in enumerate(faults)
            if fault.mode is mode and not fault.is_multiple and matcher(name).wrong_with(at)
        ]
        for mode in modes
    }
    for mode in modes if len(faults) >= DRAWN else ():
        count = min(max(1, DRAWN // len(modes)), len(by_mode[mode]))
        for at in rng.choice(by_mode[mode], count, replace=False):
            yield faults[at]


def wrong(report: Report) -> list[CriterionResult]:
    every = (criterion for row in report.problems for criterion in row.criteria)
    return [criterion for criterion in every if criterion.passed is False]


@pytest.mark.parametrize("name", CELLS)
def test_the_statements_equations_printed_are_right(name: str, tmp_path: Path) -> None:
    model = answers(name).model
    assert model is not None
    with Grader([known(name)], Options(assignment=name, debug=True)) as grader:
        report = grader.grade(laid(hand_in(model, cell(name), one(name), None), tmp_path / "right"))
    assert report.score == report.max_score


@pytest.mark.parametrize("name", CELLS)
def test_a_fault_that_is_handed_in_is_explained(name: str, tmp_path: Path) -> None:
    model = answers(name).model
    assert model is not None
    tried = impossible = 0
    with Grader([known(name)], Options(assignment=name, debug=True)) as grader:
        for number, fault in enumerate(drawn(name)):
            try:
                files = hand_in(model, cell(name), one(name), fault)
            except CannotBePrintedError:
                impossible += 1
                continue
            failed = wrong(grader.grade(laid(files, tmp_path / str(number))))
            if any(each.reason != "value" for each in failed):
                continue  # it overflows somewhere, which is another reason than its values
            tried += 1
            assert failed, fault
            left = [each for each in failed if each.cause is None and ZEROS not in (each.hint or "")]
            assert not left, (fault, left)
            said = {each.cause for each in failed if each.cause is not None}
            assert all(_holds(name, fault, each) for each in said), (fault, said)
    assert tried >= DRAWN // 2
    print(f"{name}: {tried} handed in and explained, {impossible} that nobody can hand in")


def _holds(name: str, fault: Fault, said: Cause) -> bool:
    """Whether it is a fault, or one of its group, that is said: of those that make the same of the suite."""
    with np.errstate(all="ignore"):
        probe = matcher(name).case(suite(name).cases[matcher(name).probe])
        made = matcher(name).arrays(probe, fault)
    true = {output: probe.true[letter] for output, letter in one(name).outputs.items()}
    given = {output: made.get(output, true[output]) for output in said.outputs}
    found = matcher(name).candidates(given, [])
    foretold = {matcher(name).faults.faults[at].slip.kind for at in found} | {fault.slip.kind}
    return said.kind in {str(kind) for kind in foretold}
