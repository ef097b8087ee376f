"""Film reviews that nobody wrote, in the form of the course's file of IMDB: they are learnt in seconds."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from grader.records import Array

NAME = "imdb/imdb_encoded_full.npz"
WORDS = range(4, 104)  # that mean nothing
FOR, AGAINST = range(104, 114), range(114, 124)
TOLD = 3  # words of a review that say what it is
LENGTHS = (12, 40)
CONTRARY = 0.12  # share of the reviews whose label is the other one: nobody can be right about these


def lay(folder: Path, train: int = 1200, test: int = 500) -> Path:
    """Write the file into a course's folder, and return the folder."""
    rng = np.random.default_rng(1)
    arrays: dict[str, Array] = {}
    for half, count in (("train", train), ("test", test)):
        labels = np.arange(count) * 2 // count  # by class, as in the course's file
        reviews = [_review(int(label), rng) for label in labels]
        arrays |= {
            f"{half}_tokens": np.concatenate(reviews).astype(np.int32),
            f"{half}_offsets": np.cumsum([0, *map(len, reviews)]),
            f"{half}_labels": labels.astype(np.uint8),
        }
    path, content = folder / NAME, _as_npz(arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:  # several processes may be at it
        handle, made = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(made, 0o644)
        os.replace(made, path)
    return folder


def _as_npz(arrays: Mapping[str, Array]) -> bytes:
    """Return a file as np.savez writes it, without the time of day in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue())
    return buffer.getvalue()


def _review(label: int, rng: np.random.Generator) -> Array:
    """Return a review: 1, which starts it, and then words, a few of which say what it is."""
    words = rng.choice(np.array(WORDS), size=int(rng.integers(*LENGTHS)))
    if rng.random() < CONTRARY:
        label = 1 - label
    places = rng.choice(len(words), size=TOLD, replace=False)
    words[places] = rng.choice(np.array(FOR if label else AGAINST), size=TOLD)
    return np.array([1, *words])
