"""What came of one model: its layers, how often it is right, and whether that is what was reported."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.declaration import Files, HandedIn
from grader.records import Answer, Array, Judged, Suite

from .claims import HOW, KINDS, RESULTS, Unreadable, claims, of_kind, share

LEAST = 0.6
"""Accuracy below which a model has learnt next to nothing: half of the reviews are for, half against."""
SAME_SCORE = 1e-3
"""Of one review, scores among others differ by float32's rounding alone, which is a hundredth of this."""
LOSS = 0.05
"""By how much accuracy may fall where a tenth of the words is left out, beside what chance makes: a model
that reads loses one or two percent."""
CHANGED = 0.1
"""Share of the reviews about which a model may change its mind by that, for what chance makes of it."""
MOST = 0.93
"""Accuracy above which a person looks: recurrent layers that were trained on the 25,000 training reviews
alone stay below 0.91, and one that was trained on test reviews as well does not."""
ERRORS = 4
"""Standard errors within which a share of a sample is that of the whole: once in 16,000 it is not."""
ROUNDED = 0.0005
"""A figure that was written with one digit behind the point, in percent."""


@dataclass(frozen=True)
class Measured:
    """What a model's scores are worth.

    Attributes:
        right: whether it is right, for each of the held-out reviews.
        shortened: the same of those with words left out.
        whole: the same of these reviews as they were.
        of: how many reviews the held-out ones were drawn from.
    """

    right: Array
    shortened: Array
    whole: Array
    of: int

    @property
    def accuracy(self) -> float:
        """Share of the held-out reviews that it is right about."""
        return float(self.right.mean())


def judge(
    kind: str, suite: Suite, answers: Sequence[Answer], handed_in: HandedIn
) -> tuple[Judged, Judged, Judged]:
    """Judge a model's layer, its accuracy, and what was reported of it."""
    measured = _measured(suite, answers)
    if isinstance(measured, Judged):
        return layer(kind, answers[0]), measured, measured
    return layer(kind, answers[0]), accuracy(measured), reported(kind, measured, handed_in.files)


def layer(kind: str, answer: Answer) -> Judged:
    """Whether its recurrent layers are of the kind that was asked for."""
    counts = answer.arrays.get("layers")
    if counts is None:
        return _lacking("layers", answer)
    if counts.shape != (len(KINDS) + 2,) or not np.isfinite(counts).all():
        return Judged(False, "what it is made of cannot be read", reason="shape")
    named = dict(zip((*KINDS, "other recurrent layer"), counts.astype(int), strict=False))
    if named.pop(kind) < 1 or any(named.values()):
        there = ", ".join(
            f"{count} {name}" for name, count in zip(KINDS, counts.astype(int), strict=False) if count
        )
        other = int(counts[len(KINDS)])
        there += f"{', ' if there else ''}{other} of another kind" if other else ""
        return Judged(
            False, f"its recurrent layers should be {kind}, and are: {there or 'none'}", reason="value"
        )
    return Judged(True)


def accuracy(measured: Measured) -> Judged:
    """Whether it has learnt to tell reviews apart, by what they say."""
    says = f"it is right about {measured.accuracy:.1%} of {measured.right.size:,} held-out reviews"
    if measured.accuracy < LEAST:
        hint = f"Guessing is right about half of them; {LEAST:.0%} are needed. Was the best model saved, and "
        hint += f'are its reviews prepared as "preparation" in {RESULTS} says?'
        return Judged(False, says, hint, "value")
    before, after = float(measured.whole.mean()), float(measured.shortened.mean())
    chance = ERRORS * math.sqrt(CHANGED / measured.shortened.size)
    if after < before - LOSS - chance:
        return Judged(
            False,
            f"{says}, and of {measured.shortened.size:,} of them about {before:.1%}; with a tenth of their "
            f"words left out, about {after:.1%}",
            "A model that reads a review loses one or two percent by that. This one knows these reviews.",
            "memorised",
        )
    if measured.accuracy > MOST:
        return Judged(
            None,
            f"{says}: a person looks what it was trained on, since models that learn from the "
            "training reviews alone stay below that",
        )
    return Judged(True, f"{says} ({after:.1%} where words are left out)")


def reported(kind: str, measured: Measured, files: Files) -> Judged:
    """Whether the accuracy in results.json is that of the saved model, as well as a sample can tell."""
    found = claims(files)
    if isinstance(found, Unreadable):
        return found.judged()
    claim = share(of_kind(found, kind).get("test_accuracy"))
    if claim is None:
        return Judged(False, f"{RESULTS} has no test_accuracy of {kind} between 0 and 1", HOW, "missing")
    size = measured.right.size
    left = (measured.of - size) / max(1, measured.of - 1)  # nothing is uncertain where all of them were asked
    within = ERRORS * math.sqrt(claim * (1 - claim) / size * left) + ROUNDED
    says = f"{claim:.2%} is reported; measured on {size:,} held-out reviews it is {measured.accuracy:.2%}"
    if abs(claim - measured.accuracy) > within:
        hint = f"They may differ by {within:.1%}, {ERRORS} standard errors. Report the accuracy on the test "
        hint += "reviews of the model that you hand in."
        return Judged(False, says, hint, "value")
    return Judged(True, says)


def _measured(suite: Suite, answers: Sequence[Answer]) -> Measured | Judged:
    """Return what the scores are worth, or why they are worth nothing."""
    said: list[Array] = []
    for case, answer in zip(suite.cases, answers, strict=True):
        found = answer.arrays.get("scores")
        if found is None or answer.failure is not None:
            return _lacking("scores", answer)
        read = _columns(np.asarray(found, dtype=float), case.inputs["lengths"].size)
        if isinstance(read, Judged):
            return read
        said.append(read)
    scores = _margins(said)
    labels = suite.expected[0]["labels"]
    again, shortened = (suite.expected[at]["at"].astype(int) for at in (1, 2))
    apart = np.abs(scores[0][again] - scores[1])
    if apart.max() > SAME_SCORE:
        worst = int(apart.argmax())
        return Judged(
            False,
            f"one review scores {said[0][again[worst], -1]:.4g} among some reviews and "
            f"{said[1][worst, -1]:.4g} among others: a score must not depend on the reviews around it, or on "
            "their order",
            reason="batch",
        )
    right = (scores[0] > 0) == (labels > 0)
    fewer = (scores[2] > 0) == (labels[shortened] > 0)
    return Measured(right, fewer, right[shortened], int(suite.expected[0]["of"][0]))


def _columns(found: Array, count: int) -> Array | Judged:
    """Return what predict answered as (reviews, 1) or (reviews, 2)."""
    if found.shape == (count,):
        found = found[:, None]
    if found.shape not in ((count, 1), (count, 2)):
        says = f"predict returned shape {found.shape} for {count:,} reviews, not ({count}, 1)"
        return Judged(False, says, reason="shape")
    if not np.isfinite(found).all():
        odd = np.count_nonzero(~np.isfinite(found).all(1))
        says = f"the scores of {odd:,} of {count:,} reviews are NaN or infinite"
        return Judged(False, says, reason="finite")
    return found


def _margins(said: Sequence[Array]) -> list[Array]:
    """Return one number for each review, above 0 where it is held to be for its film.

    Two columns score against and for; one is the probability of for, or, where one leaves 0 to 1, its logit.
    """
    if any(one.shape[1] != 1 for one in said):
        return [one[:, -1] - one[:, 0] for one in said]
    are_probabilities = all(((one >= 0) & (one <= 1)).all() for one in said)
    return [one[:, 0] - (0.5 if are_probabilities else 0.0) for one in said]


def _lacking(name: str, answer: Answer) -> Judged:
    """Say why there is nothing to judge."""
    if (failure := answer.failure) is not None:
        where = "" if failure.file is None else f" ({failure.file}, line {failure.line})"
        return Judged(False, f"{failure.message}{where}", failure.hint, failure.kind.value)
    return Judged(False, answer.absent.get(name, "there is no answer"), reason="missing")
