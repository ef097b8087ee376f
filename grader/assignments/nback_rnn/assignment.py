"""n-back with an RNN: back-propagation through time, and training (CS525 191D, homework 6, spring 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from grader.declaration import (
    Assignment,
    Check,
    GradientOf,
    HintLevel,
    Limits,
    Output,
    Problem,
    Reading,
    Shape,
    Wanted,
    Without,
)
from grader.records import Arrays, Explain, Keep, Suite
from grader.suite import further

from .paper import PDF, SOURCE, derivation
from .sequences import RANGES, check, inputs, sequences
from .training import judge_training, published

TRAINING_S = 30.0  # for one seed
WRITTEN = ("RNN.forward", "RNN.backward", "RNN.train")

NETWORK = ("rnn = RNN(6, 1, 1)", "rnn.U, rnn.V, rnn.w = U.copy(), V.copy(), w.copy()")
ANOTHER = (
    "other = RNN(6, 1, 1)",
    "other.U, other.V, other.w = U[::-1].copy(), V[::-1].copy(), w[::-1].copy()",
    "other.forward(x[::-1])",
)


def explain(suites: Mapping[str, Suite], keep: Keep) -> Explain:
    """Return what names the causes of wrong values."""
    from . import explaining  # which a right hand-in needs nothing of

    return explaining.explain(suites["sequences"], keep)


def misfit(inputs: Arrays, answered: Arrays) -> float:
    """Return J, the sum of (yhat_t - y_t)^2 / 2 over all steps, of what a hand-in's forward answered."""
    y = inputs["y"]
    return float(np.sum((answered["yhat"].reshape(y.shape) - y) ** 2)) / 2


forward = Check(
    call="forward",
    method="RNN.forward",
    suite="sequences",
    outputs=(Output("yhat", Shape.VECTOR),),
    paste=(*NETWORK, "yhat = rnn.forward(x)"),
    meanwhile=ANOTHER,
)
gradients = Check(
    call="gradients",
    method="RNN.backward",
    suite="sequences",
    outputs=(Output("dU"), Output("dV", Shape.VECTOR), Output("dw", Shape.VECTOR)),
    paste=(*NETWORK, "rnn.forward(x)", "dU, dV, dw = rnn.backward(y) or (rnn.dU, rnn.dV, rnn.dw)"),
    meanwhile=ANOTHER,
    gradient_of=GradientOf(forward, ("yhat",), misfit, {"dU": "U", "dV": "V", "dw": "w"}),
    # They are the derivation, half of the points: with the term that is wrong, it would be given away.
    hints=HintLevel.EQUATION,
)
training = Check(
    call="training",
    method="RNN.train",
    suite="published",
    outputs=(Output("training"),),
    judge=judge_training,
    call_s=TRAINING_S,
)


ASSIGNMENT = Assignment(
    name="nback_rnn",
    title="n-back with an RNN: back-propagation through time, and training",
    # The derivation alone is half of the homework: without the program a hand-in is not rejected.
    wanted=(
        Wanted(SOURCE, defines=("RNN",), methods=WRITTEN, required=False),
        Wanted(PDF, required=False),
    ),
    problems=(
        Problem("Gradient derivation", 30, (Reading("derivation and screenshot", derivation, person=True),)),
        Problem(
            "Application to the n-back problem",
            30,
            (forward, gradients, training),
            needs=WRITTEN,
            without=Without.PERSON,
        ),
    ),
    explains={"sequences": explain},
    further={"sequences": partial(further, inputs, RANGES, check)},
    suites={"sequences": sequences, "published": published},
    shares=("matplotlib",),
    stand_ins=("matplotlib/*", "scipy/*"),
    # Importing may train as well, where a script does it below its class: with five trainings, six limits.
    limits=Limits(call_s=TRAINING_S, model_s=2.0, total_s=6 * TRAINING_S, cpu_s=int(7 * TRAINING_S)),
)
