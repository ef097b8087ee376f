"""Sentiment of film reviews with recurrent networks of Keras: the bonus of homework 004."""

from __future__ import annotations

from functools import partial

from grader.declaration import (
    Assignment,
    Check,
    Environment,
    Limits,
    Output,
    Person,
    Problem,
    Reading,
    Wanted,
)

from .claims import KINDS, RESULTS, chosen, validation
from .judging import judge
from .reviews import DATA, reviews

CARRIED = (RESULTS, *(f"{kind}{ending}" for kind in KINDS for ending in (".keras", ".weights.h5")))
ANSWERS = ("layers", "scores")
ASK_S = 60.0  # for one model, to score the held-out reviews

CODE = (
    "read sentiment.py: it loads IMDB, keeps the validation reviews apart from those that it trains on, and "
    "looks at the test reviews only when a model is chosen; the figures of its epochs are those of a training"
)


def model(kind: str) -> Check:
    """Return how a saved model of this kind is asked."""
    return Check(
        call=kind,
        method="build_model",
        suite="reviews",
        outputs=(
            Output("layer"),
            Output("accuracy", only_with=("layer",)),
            Output("reported", only_with=("layer",)),
        ),
        answers=ANSWERS,
        judge_of_hand_in=partial(judge, kind),
        call_s=ASK_S,
    )


ASSIGNMENT = Assignment(
    name="imdb_sentiment",
    title="Sentiment of film reviews, by recurrent networks of Keras (the bonus of homework 004)",
    wanted=(
        Wanted("sentiment.py", defines=("build_model",), methods=("build_model",)),
        Wanted(RESULTS, places=("sentiment",), required=False),
        *(
            Wanted(f"{kind}.keras", places=("sentiment",), also=(f"{kind}.weights.h5",), required=False)
            for kind in KINDS
        ),
    ),
    problems=(
        *(Problem(f"IMDB {kind}", 3, (model(kind),)) for kind in KINDS),
        Problem(
            "IMDB validation",
            3,
            (
                Reading("validation share", validation),
                Reading("chosen by validation", chosen),
                Person("code", CODE),
            ),
        ),
    ),
    suites={"reviews": reviews},
    environment=Environment.KERAS,
    data=(DATA,),
    shares=("matplotlib",),
    stand_ins=("matplotlib/*",),
    carries=tuple(f"{folder}{name}" for name in CARRIED for folder in ("", "*/")),
    model="rnn_step_by_step",
    trained=tuple(f"*{kind}.keras" for kind in KINDS),
    limits=Limits(call_s=ASK_S, model_s=5.0, total_s=4 * ASK_S, cpu_s=int(4 * ASK_S), memory_bytes=4 << 30),
)
