"""LSTM and GRU, on paper: sequences, parameters, and a GRU's gradients by hand (exercise 2, theory, 2024)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from grader.declaration import Assignment, Check, HintLevel, Limits, Output, Problem, Reading, Shape, Wanted
from grader.records import Explain, Judged, Keep, Suite
from grader.suite import further

from .answers import FILE, parameters
from .points import ARGUMENTS, GRADIENTS, ONE, check, inputs, points

MAIN, PDF = "gru_gradients.py", "theory*.pdf"


def explain(suites: Mapping[str, Suite], keep: Keep) -> Explain:
    """Return what names the causes of wrong values."""
    from . import explaining  # which a right hand-in needs nothing of

    return explaining.explain(suites["points"], keep)


def in_writing(files: Mapping[str, tuple[str, bytes]]) -> Judged:
    """Left to a person, with where it can be read."""
    if PDF not in files:
        return Judged(None, "a person reads the answer; there is no PDF in this hand-in to read it in")
    path, content = files[PDF]
    doubt = "" if b"%PDF-" in content[:1024] else ", which does not begin as a PDF does"
    return Judged(None, f"a person reads the answer, in {path}{doubt}")


def derivative(name: str) -> Check:
    """One of the six functions, at every point."""
    return Check(
        call=name,
        method=name,
        suite="points",
        outputs=(Output(name, Shape.VECTOR, show="found"),),
        paste=(f"found = {name}({', '.join(ARGUMENTS)})",),
        # Question 4 is a derivation on paper: with the term that is wrong, it would be given away.
        hints=HintLevel.EQUATION,
    )


ASSIGNMENT = Assignment(
    name="lstm_gru_theory",
    title="LSTM and GRU in theory: sequences, parameters, gradients",
    wanted=(
        Wanted(MAIN, defines=GRADIENTS, methods=GRADIENTS, required=False),
        Wanted(FILE, required=False),
        Wanted(PDF, also=("*.pdf",), required=False),
    ),
    problems=(
        Problem("Question 1", 10, (Reading("sequences of different lengths", in_writing, person=True),)),
        Problem("Question 2", 10, (Reading("two advantages", in_writing, person=True),)),
        Problem("Question 3", 10, (Reading("parameters", parameters),)),
        Problem("Question 4", 20, tuple(derivative(name) for name in GRADIENTS)),
    ),
    limits=Limits(model_s=0.001),
    explains={"points": explain},
    further={"points": partial(further, inputs, ONE, check)},
    suites={"points": points},
)
