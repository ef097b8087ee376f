"""BPTT, and a GRU in PyTorch in a notebook: derived, written, trained, measured (CS 479, assignment 8)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from grader.cell import Cell
from grader.cell.derived import Derived, derived
from grader.cell.homework import suite as cells_of
from grader.declaration import (
    Assignment,
    Check,
    Environment,
    Limits,
    Output,
    Problem,
    Reading,
    Rule,
    Wanted,
    Without,
)
from grader.records import Explain, Judged, Keep, Suite
from reference.dialects import TEXT_GRU

from . import judging, ruling, suites, texts

MAIN, PAPER = "a08_*.ipynb", "*.pdf"
RUN_S = 150.0  # for importing and running the whole notebook, of which its cells have 100
CELL = Cell(
    made="GRU(input, hidden)",
    forward="h_next = step(x, h)",
    backward="dx, dh = backward(delta)",
    torch=TEXT_GRU,
    gates={"ĥ": "n"},
    letters={"h_next": "h′"},
    batch=(1, 5),
)


@cache
def cell() -> Derived:
    """Return the cell that the statement's equations define."""
    return derived(Path(__file__).parent, CELL)


def cells(seed: int) -> Suite:
    """Return the cases of one step."""
    return cells_of(cell(), seed)


def explain(found: Mapping[str, Suite], keep: Keep) -> Explain:
    """Return what names the causes of a wrong step."""
    from grader.cell import explaining  # which a right hand-in needs nothing of

    return explaining.explain(cell(), found["cells"], keep)


def paper(files: Mapping[str, tuple[str, bytes]]) -> Judged:
    """Left to a person, with where it can be read."""
    where = files[PAPER][0] if PAPER in files else "the notebook, or on Crowdmark"
    return Judged(None, f"a person reads the derivation, in {where}")


WRITTEN = ("GRU.__init__", "GRU.step", "GRU.output", "matching_length", "trials_at_least")

network = (
    Check(
        call="weights",
        method="GRU.__init__",
        suite="once",
        outputs=(Output("weights"),),
        judge=judging.weights,
    ),
    Check(call="step", method="GRU.step", suite="cells", outputs=(Output("h_next", each=(0,)),)),
    Check(call="output", method="GRU.output", suite="outputs", outputs=(Output("y", each=(0,)),)),
    Check(
        call="sequence",
        method="GRU.step",
        suite="sequences",
        outputs=(Output("sequence", each=(0, 1)), Output("gradients", each=(0,))),
    ),
)
functions = (
    Check(
        call="matching_length",
        method="matching_length",
        suite="texts",
        outputs=(Output("matching_length"),),
    ),
    Check(
        call="trials_at_least",
        method="trials_at_least",
        suite="lengths",
        outputs=(Output("trials_at_least"),),
    ),
    Check(
        call="experiment",
        suite="once",
        outputs=(Output("trials"), Output("figure")),
        judge=judging.experiment,
        call_s=RUN_S,
    ),
)
rules = (
    Rule("more than the skeleton", ruling.more),
    Rule("imports in one cell", ruling.imports),
    Rule("definitions alone", ruling.definitions),
    Check(
        call="notebook",
        suite="once",
        outputs=(Output("runs from top to bottom", only_with=("more than the skeleton",)),),
        judge_of_hand_in=judging.run,
        call_s=RUN_S,
    ),
    Rule("no GRU of torch's own", ruling.doors),
)

ASSIGNMENT = Assignment(
    name="gru_notebook",
    title="BPTT, and a GRU in PyTorch that reads the Origin of Species",
    wanted=(
        Wanted(
            MAIN,
            also=("as08*.ipynb", "a8*.ipynb"),
            defines=("GRU", "matching_length"),
            methods=WRITTEN,
            given=("GRU.forward", "GRU.bptt", "GRU.predict"),
        ),
        Wanted(PAPER, required=False),
    ),
    problems=(
        Problem("Question 1 BPTT", 5, (Reading("derivation", paper, person=True),)),
        Problem(
            "Question 1 in numbers",
            0,
            (Check(call="gradient_W", method="gradient_W", suite="recursions", outputs=(Output("dW"),)),),
            needs=("gradient_W",),
            without=Without.LEAVE_OUT,
        ),
        Problem("Question 2a GRU", 5, network),
        Problem("Question 2b matching", 4, functions),
        Problem("Notebook rules", 0, rules),
    ),
    suites={
        "once": suites.once,
        "cells": cells,
        "outputs": suites.outputs,
        "sequences": suites.sequences,
        "recursions": suites.recursions,
        "texts": texts.texts,
        "lengths": texts.lengths,
    },
    explains={"cells": explain},
    lends={"origin_of_species/origin_of_species.txt": "origin_of_species.txt"},
    environment=Environment.NOTEBOOK,
    definitions_alone=True,
    limits=Limits(call_s=30.0, model_s=0.01, total_s=300.0, cpu_s=280, memory_bytes=4 << 30),
)
