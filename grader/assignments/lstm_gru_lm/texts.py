"""The texts that a model is measured on, and the cases that each setting is asked."""

from __future__ import annotations

import numpy as np

from grader.cases import seeded
from grader.course_data import content
from grader.records import Array, Arrays, Case, Suite
from grader.suite import digest

TRAIN, VALIDATION, TEST = (f"ptb/ptb.{name}.txt" for name in ("train", "valid", "test"))
FILES = (TRAIN, VALIDATION, TEST)
END = "<eos>"  # a word of its own, at the end of every line

UNITS = 200
ROWS = 20  # pieces of a text that are read side by side, each from its own beginning
SAMPLE = 700  # words of each piece of the training text
PART = 1 << 18  # numbers of the weights that one answer carries
PROBED = (12, 2)  # words, and rows of them, after which whole distributions are asked
MOST_WORDS = PART // (PROBED[0] * PROBED[1])

PARTS, PROBE = "weights", "probe"  # the labels of cases; those of texts are the columns of the table
COLUMNS = ("train", "validation", "test")


def words_of(text: bytes) -> list[str]:
    """Return the words of a text, each line ended by <eos>."""
    lines = text.decode("utf-8").removesuffix("\n").split("\n")
    return [word for line in lines for word in (*line.split(), END)]


def vocabulary(text: bytes) -> list[str]:
    """Return the words of the training text, sorted: a word's place is its number here."""
    return sorted(set(words_of(text)))


def in_rows(words: Array, rows: int = ROWS) -> Array:
    """Cut a text into pieces of equal length, side by side: (words // rows, rows)."""
    length = len(words) // rows
    return words[: length * rows].reshape(rows, length).T


def measured(seed: int) -> Suite:
    """Return what every setting is asked: its weights part by part, whole distributions, and the three texts.

    Raises:
        GraderError: the course's texts are not there.
    """
    text = {name: words_of(content(name)) for name in FILES}
    number = {word: at for at, word in enumerate(sorted(set(text[TRAIN])))}
    train, validation, test = (np.array([number[word] for word in text[name]], float) for name in FILES)
    size = {"size": np.array([len(number)], float)}
    rng = np.random.default_rng(seeded(seed).derived("probe"))
    rows = dict(zip(COLUMNS, map(in_rows, (train, validation, test)), strict=True))
    rows["train"] = rows["train"][:SAMPLE]
    probe, later = (_drawn(train, rng) for _ in range(2))
    asked: list[tuple[str, Arrays]] = [
        *((PARTS, {"part": np.array([at], float)}) for at in range(parts(len(number)))),
        (PROBE, {"probe": probe, "later": later}),
        *((name, {"text": text}) for name, text in rows.items()),
    ]
    cases = [Case(label=label, seed=seed, inputs={**size, **inputs}) for label, inputs in asked]
    return Suite(seed, digest(cases), tuple(cases), tuple({} for _ in cases))


def parts(size: int) -> int:
    """Return in how many answers the weights of a model of so many words fit, whatever is shared in it."""
    most = 2 * size * UNITS + size + 2 * 4 * UNITS * (2 * UNITS + 2)
    return -(-most // PART)


def _drawn(train: Array, rng: np.random.Generator) -> Array:
    """Pieces of the training text, (words, rows) as PROBED says."""
    steps, rows = PROBED
    at = rng.integers(len(train) - steps, size=rows)
    return np.stack([train[start : start + steps] for start in at], axis=1)
