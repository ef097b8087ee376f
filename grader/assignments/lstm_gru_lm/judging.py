"""What a setting is worth: its cell, its validation perplexity, its checkpoint, its row of the table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from grader.declaration import HandedIn
from grader.records import Answer, Judged, Suite

from . import readings
from .measuring import Unknown, measured
from .readings import Files, Unreadable
from .texts import COLUMNS, UNITS

BOUNDS = {"lstm": 125.0, "lstm-dropout": 100.0, "gru": 125.0, "gru-dropout": 100.0}
CRITERIA = ("cell", "validation", "checkpoint", "table")
# The best that is published for two layers of 200 units is above 90. Whoever is below this has found
# something, or has trained on the text.
LOWEST = 80.0

SAME = 0.02  # of a perplexity: texts may be cut into more or fewer rows
SAME_TRAIN = 0.15  # and a sample of the training text is not all of it


def judge(setting: str, suite: Suite, answers: Sequence[Answer], handed_in: HandedIn) -> Sequence[Judged]:
    """Judge a setting: one verdict for each of CRITERIA."""
    files = handed_in.files
    try:
        with np.errstate(all="ignore"):  # weights and answers may hold anything
            perplexity = measured(setting, suite, answers, files)
    except Unreadable as why:
        cell = why.judged
        rest = Judged(False, f"not measured: {why.message}", None, why.reason)
        return (cell, rest, rest, rest)
    except Unknown as why:
        said = ", ".join(f"{name} {value:.2f}" for name, value in why.perplexity.items())
        look = Judged(None, f"a person decides, since {why}; it answers as if its perplexities were {said}")
        return (Judged(None, f"a person decides: {why}"), look, look, look)
    return (
        Judged(True),
        _validation(setting, perplexity["validation"]),
        _checkpoint(setting, perplexity["validation"], files),
        _row(setting, perplexity, files),
    )


def _validation(setting: str, value: float) -> Judged:
    said = f"its validation perplexity is {value:.2f}"
    if value >= BOUNDS[setting]:
        return Judged(False, f"{said}; below {BOUNDS[setting]:g} is asked", None, "value")
    if value < LOWEST:
        asks = "a person sees whether it was trained on that text"
        return Judged(None, f"{said}, lower than any that is known of two layers of {UNITS} units: {asks}")
    return Judged(True, said)


def _checkpoint(setting: str, value: float, files: Files) -> Judged:
    """Judge whether the weights are those of the epoch with the best validation perplexity."""
    try:
        rows = readings.metrics(setting, files)
    except Unreadable as why:
        return why.judged
    said = [row["validation"] for row in rows]
    best = said.index(min(said))
    its = f"epoch {best + 1} was the best, with {said[best]:.2f}"
    if abs(value / said[best] - 1) <= SAME:
        return Judged(True)
    near = min(range(len(said)), key=lambda at: abs(math.log(said[at] / value)))
    if abs(value / said[near] - 1) <= SAME:
        which = "the last epoch" if near == len(said) - 1 else f"epoch {near + 1}"
        message = f"the weights are those of {which}, by their validation perplexity of {value:.2f}; {its}"
        return Judged(False, message, "Keep the weights of the epoch that validation chooses.", "epoch")
    message = (
        f"the weights have a validation perplexity of {value:.2f}, which metrics.csv has at no epoch; {its}"
    )
    return Judged(False, message, None, "value")


def _row(setting: str, perplexity: Mapping[str, float], files: Files) -> Judged:
    """Judge whether the table says what was measured."""
    try:
        said = readings.result(setting, files)
    except Unreadable as why:
        return why.judged
    wrong = []
    for name in COLUMNS:
        share = SAME_TRAIN if name == "train" else SAME
        if abs(said[name] / perplexity[name] - 1) > share:
            about = " on a sample" if name == "train" else ""
            wrong.append(f"{name} {said[name]:.2f}, and {perplexity[name]:.2f} was measured{about}")
    if wrong:
        return Judged(
            False, f"the table says {'; '.join(wrong)}", "Measure the saved weights, dropout off.", "value"
        )
    return Judged(True)
