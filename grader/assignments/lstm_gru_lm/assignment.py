"""LSTM and GRU as language models of the Penn Treebank (exercise 2, practical, 2024)."""

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

from .judging import CRITERIA, judge
from .readings import README, SETTINGS, TABLE, VOCABULARY, curve, metrics_of, picture_of, readme, weights_of
from .texts import FILES, measured

MAIN, BUILD = "model.py", "build_model"
TITLES = {
    "lstm": "LSTM",
    "lstm-dropout": "LSTM with dropout",
    "gru": "GRU",
    "gru-dropout": "GRU with dropout",
}
ANSWERS = ("tensors", "weights", "log_p", "whole", "again", "later", "carried", "raw")


def setting(name: str) -> Problem:
    """Return what one of the four settings is worth: its model, and what its files say of it."""
    check = Check(
        call=name,
        suite="texts",
        outputs=tuple(Output(one) for one in CRITERIA),
        answers=ANSWERS,
        judge_of_hand_in=partial(judge, name),
    )
    return Problem(TITLES[name], 10, (check, Reading("curve", partial(curve, name))), needs=(BUILD,))


def of_a_setting(name: str) -> tuple[Wanted, ...]:
    """Return the files of one of the four settings."""
    return (
        Wanted(weights_of(name), also=("weights.pt", "weights.pth"), required=False, own_folder=True),
        Wanted(metrics_of(name), required=False, own_folder=True),
        Wanted(picture_of(name), required=False),
    )


ASSIGNMENT = Assignment(
    name="lstm_gru_lm",
    title="Language modelling with LSTMs and GRUs on the Penn Treebank",
    wanted=(
        Wanted(MAIN, defines=(BUILD,), methods=(BUILD,)),
        Wanted(VOCABULARY, required=False),
        Wanted(TABLE, required=False),
        *(wanted for name in SETTINGS for wanted in of_a_setting(name)),
        Wanted(README, also=("README*",), required=False),
    ),
    problems=(
        *(setting(name) for name in SETTINGS),
        Problem(
            "Graphs",
            4,
            (Person("headings and labels", "of the four graphs, with learning rate and dropout"),),
        ),
        Problem("Conclusions", 4, (Person("conclusions", "what is concluded from the results"),)),
        Problem("Readme", 2, (Reading("readme", readme, person=True),)),
    ),
    suites={"texts": measured},
    data=FILES,
    carries=("*/weights.safetensors", "*/weights.pt", "*/weights.pth", "*vocabulary.txt"),
    environment=Environment.TORCH,
    # A model of 4.65 million numbers takes 10 s of a processor for a text, and there are eight to go through,
    # and four samples; in between, its network is asked in the grader. Of the memory, torch takes half.
    # A setting that hangs, three times at most, leaves the others theirs.
    limits=Limits(
        call_s=60.0, model_s=10.0, total_s=800.0, cpu_s=800, memory_bytes=3 << 29, carried_bytes=80 << 20
    ),
    trained=("runs/*/weights.*",),
)
