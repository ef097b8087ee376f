"""How a saved model is asked. Runs in the student's process: NumPy, Keras, Python's own and `inside` only."""

from __future__ import annotations

import io
import json
import posixpath
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from inside.adapter_api import Absent, Given
from keras.src.saving import saving_lib

RESULTS = "results.json"
KINDS = ("SimpleRNN", "LSTM", "GRU")
LAYERS = {kind: getattr(keras.layers, kind) for kind in KINDS}  # as they are before a hand-in is imported
WHOLE, WEIGHTS = ".keras", ".weights.h5"
LOOPS = keras.layers.RNN, keras.layers.ConvLSTM1D, keras.layers.ConvLSTM2D, keras.layers.ConvLSTM3D
SIDES = ("pre", "post")
MOST = {"num_words": 1_000_000, "maxlen": 10_000}
OTHER_WORD = 2  # stands for every word that is rarer than those that are known
BATCH = 500


def ask(kind: str, module: Any, given: Given) -> Mapping[str, object]:
    """Return the score of each review as `predict` gives it, and of which layers the model is made."""
    model, preparation = _model(kind, module, given.files), _preparation(given.files)
    if isinstance(model, Absent):
        return {"layers": model, "scores": model}
    layers = _layers(model)
    if isinstance(preparation, Absent):
        return {"layers": layers, "scores": preparation}
    given.leaves(lambda: {"layers": layers})
    reviews = np.split(given.arrays["words"].astype(int), np.cumsum(given.arrays["lengths"].astype(int))[:-1])
    scores = model.predict(_prepared(reviews, preparation), batch_size=BATCH, verbose=0)
    return {"layers": layers, "scores": scores}


CALLS = {kind: partial(ask, kind) for kind in KINDS}


def _model(kind: str, module: Any, files: Mapping[str, bytes]) -> Any:
    """Return the saved model of a kind: whole, or its weights put into what the hand-in builds."""
    if (whole := _file(kind + WHOLE, files)) is not None:
        # No code that stands in the file is run: safe mode takes classes and functions by name alone.
        return saving_lib.load_model(io.BytesIO(whole), compile=False, safe_mode=True)
    if (weights := _file(kind + WEIGHTS, files)) is None:
        return Absent(f"there is no {kind}{WHOLE}, and no {kind}{WEIGHTS}")
    build: Callable[[str], Any] | None = getattr(module, "build_model", None)
    if not callable(build):
        return Absent(
            f"{kind}{WEIGHTS} are weights alone, and sentiment.py has no build_model(kind) to put them into"
        )
    model = build(kind)
    if not isinstance(model, keras.Model):
        return Absent(f"build_model({kind!r}) returned no Keras model but {type(model).__name__}"[:200])
    if not model.built:
        return Absent(f"what build_model({kind!r}) returned is not built: begin it with keras.Input(shape)")
    problems: dict[Any, Any] = {}
    saving_lib._load_state(
        model,
        weights_store=saving_lib.H5IOStore(io.BytesIO(weights), mode="r"),
        assets_store=None,
        inner_path="",
        visited_saveables=set(),
        failed_saveables=set(),
        error_msgs=problems,
    )
    for layer, problem in problems.values():
        return Absent(f"{kind}{WEIGHTS} do not fit build_model({kind!r}): {layer.name}: {problem}"[:200])
    return model


def _file(name: str, files: Mapping[str, bytes]) -> bytes | None:
    """Return the content of the file of that name, of several the one with the fewest folders around it."""
    paths = sorted((path.count("/"), path) for path in files if posixpath.basename(path) == name)
    return files[paths[0][1]] if paths else None


def _preparation(files: Mapping[str, bytes]) -> dict[str, Any] | Absent:
    """Return how the hand-in prepares its reviews, as results.json says."""
    content = _file(RESULTS, files)
    if content is None:
        return Absent(f"there is no {RESULTS}, which says how reviews are prepared")
    try:
        said = json.loads(content)["preparation"]
        found = {name: said[name] for name in ("num_words", "maxlen", "padding", "truncating")}
    except (ValueError, RecursionError, LookupError, TypeError):
        return Absent(f'{RESULTS} has no "preparation" with num_words, maxlen, padding and truncating')
    for name, most in MOST.items():
        if type(found[name]) is not int or not 1 <= found[name] <= most:
            return Absent(f'"{name}" in {RESULTS} is no whole number from 1 to {most:,}')
    for name in ("padding", "truncating"):
        if found[name] not in SIDES:
            return Absent(f'"{name}" in {RESULTS} is neither "pre" nor "post"')
    return found


def _prepared(reviews: Sequence[Any], preparation: Mapping[str, Any]) -> Any:
    """Return what a model reads of these reviews: int32 (reviews, maxlen)."""
    known = [np.where(review < preparation["num_words"], review, OTHER_WORD) for review in reviews]
    return keras.utils.pad_sequences(
        known,
        maxlen=preparation["maxlen"],
        padding=preparation["padding"],
        truncating=preparation["truncating"],
    )


def _layers(model: Any) -> Any:
    """Return how many layers it has of each of KINDS, then of other recurrent ones, then its weights."""
    counts = [0] * (len(KINDS) + 1)
    for layer in model._flatten_layers():
        mine = [
            type(layer) is of_kind for of_kind in LAYERS.values()
        ]  # what is derived of one may do anything
        if any(mine):
            counts[mine.index(True)] += 1
        elif isinstance(layer, LOOPS):
            counts[-1] += 1
    return np.array([*counts, model.count_params()], dtype=float)
