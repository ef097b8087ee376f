"""The reviews that a hand-in's models are asked: of the test half of IMDB, drawn by the seed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import numpy as np

from grader.cases import seeded
from grader.course_data import content
from grader.records import Array, Arrays, Case, Suite
from grader.suite import digest

DATA = "imdb/imdb_encoded_full.npz"
HELD_OUT = 5000
"""Reviews that accuracy is measured on."""
AGAIN = 250
"""Of these, reviews that are asked once more, among others and in another order."""
ONE_SIDED = 0.75
"""Share of those with one and the same label: who counts on as many for as against goes wrong."""
SHORTENED = 1000
"""Of these, reviews that are asked once more with some of their words left out."""
LEFT_OUT = 0.1
"""How likely a word is left out of those."""


def reviews(seed: int) -> Suite:
    """Return three cases: held-out reviews, some of them again, some of them shortened.

    The truth is in the labels of the first, 1 for a review that is for its film; `at`, of the others, is
    where each review stands in the first.

    Raises:
        CourseDataError: the course's file is not there.
    """
    texts, labels = test_half()
    rng = np.random.default_rng(int(seeded(seed).derived("reviews")))
    chosen = rng.permutation(len(texts))[:HELD_OUT]  # in the file they stand by class
    again = _one_sided(labels[chosen], rng)
    shortened = rng.permutation(len(chosen))[:SHORTENED]
    held_out = [texts[at] for at in chosen]
    cases = [
        _case(f"{len(chosen):,} held-out reviews", 1, held_out),
        _case(f"{len(again):,} of them, in another order", 2, [held_out[at] for at in again]),
        _case(
            f"{len(shortened):,} of them, with some words left out",
            3,
            [_shortened(held_out[at], rng) for at in shortened],
        ),
    ]
    truths: list[Arrays] = [
        {"labels": labels[chosen].astype(float), "of": np.array([float(len(texts))])},
        {"at": again.astype(float)},
        {"at": shortened.astype(float)},
    ]
    return Suite(seed, digest(cases), tuple(cases), tuple(truths))


def test_half() -> tuple[list[Array], Array]:
    """Return all reviews of the test half, each an array of word numbers, and their labels, 0 or 1."""
    with zipfile.ZipFile(io.BytesIO(content(DATA))) as file:
        tokens, offsets, labels = (_array(file, f"test_{name}") for name in ("tokens", "offsets", "labels"))
    return np.split(tokens, offsets[1:-1]), labels


def _array(file: zipfile.ZipFile, name: str) -> Array:
    """Return an array of an .npz."""
    with file.open(f"{name}.npy") as opened:
        return np.lib.format.read_array(opened, allow_pickle=False)


def _one_sided(labels: Array, rng: np.random.Generator) -> Array:
    """Return where reviews stand that are asked again, most of them of the label that is drawn."""
    order = rng.permutation(len(labels))
    mostly = labels[order] == rng.integers(2)
    most = round(ONE_SIDED * AGAIN)
    return rng.permutation(np.concatenate([order[mostly][:most], order[~mostly][: AGAIN - most]]))


def _shortened(review: Array, rng: np.random.Generator) -> Array:
    """Return a review without about a tenth of its words; its first number, which only starts it, stays."""
    keep = rng.random(len(review)) >= LEFT_OUT
    keep[:1] = True
    return review[keep]


def _case(label: str, seed: int, texts: Sequence[Array]) -> Case:
    """Put reviews end to end."""
    inputs = {
        "words": np.concatenate(texts).astype(float),
        "lengths": np.array([len(text) for text in texts], dtype=float),
    }
    return Case(label=label, seed=seed, inputs=inputs, sizes={})
