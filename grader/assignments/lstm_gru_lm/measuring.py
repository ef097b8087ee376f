"""What a setting's perplexities are, held to the network that its weights make.

A model answers first what its weights are, and then log p of every word of three texts. Only then is it
drawn, by a digest of all that it has answered, at which of them that network is asked for the same.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence

import numpy as np

from grader.records import Answer, Array, Suite

from . import network, readings
from .network import Network
from .readings import Files, Unreadable
from .texts import COLUMNS, PART, PARTS, PROBE

CLOSE = 0.005  # nats between float32 arithmetic here and there; it was 0.00002 on trained models
SUMS = 0.01  # how far the sum of probabilities in float32 may be from 1
DRAWN = 4000  # words of each text at which the network is asked as well
BLOCK = 500  # of them at once
MOST_SAID, MOST_TENSORS, MOST_NAME = 1 << 16, 100, 200
BESIDE = 1 << 16  # bytes of a file of weights that are no weights


class Unknown(Exception):
    """It was measured, and cannot be held to its weights: a person decides."""

    def __init__(self, why: str, perplexity: Mapping[str, float]) -> None:
        super().__init__(why)
        self.perplexity = perplexity


def measured(setting: str, suite: Suite, answers: Sequence[Answer], files: Files) -> Mapping[str, float]:
    """Return a setting's perplexity on each text.

    Raises:
        Unreadable: there is none, or it is not that of the network that its weights make.
        Unknown: what network its weights make cannot be told.
    """
    readings.hold_vocabulary(files)
    asked = list(zip(suite.cases, answers, strict=True))
    size = int(suite.cases[0].inputs["size"][0])
    cell = setting.partition("-")[0]
    tensors, flat = _tensors(cell, size, [answer for case, answer in asked if case.label == PARTS])
    _hold_file(setting, files, flat.size)
    by_label = {case.label: (case, answer) for case, answer in asked}
    known, networks = None, _of(cell, size, tensors)
    if not isinstance(networks, str):
        case, answer = by_label[PROBE]
        known = _held_to_probe(networks, case.inputs["probe"].astype(np.int64), answer, size)
    texts = {name: by_label[name][0].inputs["text"].astype(np.int64) for name in COLUMNS}
    log_p = {name: _log_p(by_label[name][1], texts[name]) for name in COLUMNS}
    perplexity = {name: math.exp(min(-float(one.mean(dtype=float)), 700.0)) for name, one in log_p.items()}
    if known is None:
        raise Unknown(str(networks), perplexity)
    rng = np.random.default_rng(_drawn_from(flat, *log_p.values()))
    for name in ("validation", "test", "train"):
        _hold_text(known, name, texts[name], log_p[name], rng)
    return perplexity


def _array(answer: Answer, name: str) -> Array:
    if answer.failure is not None:
        failure = answer.failure
        where = "" if failure.file is None else f" ({failure.file}, line {failure.line})"
        raise Unreadable(f"{failure.message}{where}", failure.kind.value)
    if name not in answer.arrays:
        raise Unreadable(answer.absent.get(name, "there is no answer"), "unusable")
    return answer.arrays[name]


def _tensors(cell: str, size: int, answers: Sequence[Answer]) -> tuple[dict[str, Array], Array]:
    """Return the weights by name, and all their numbers; the first answer commits to them."""
    shapes, digest = _said(_array(answers[0], "tensors"))
    count = sum(math.prod(shape) for _, shape in shapes)
    if count > PART * len(answers):
        _of(cell, size, {name: np.broadcast_to(np.float32(0), shape) for name, shape in shapes})
        raise Unreadable(f"this is not the network that was asked: it has {count:,} weights", "shape")
    flat = np.concatenate([_array(one, "weights").ravel() for one in answers]).astype("<f4")
    if flat.size != count or hashlib.sha256(flat.tobytes()).hexdigest() != digest:
        raise _garbled()
    tensors, at = {}, 0
    for name, shape in shapes:
        end = at + math.prod(shape)
        tensors[name] = flat[at:end].reshape(shape)
        at = end
        if not np.isfinite(tensors[name]).all():
            raise Unreadable(f"its weights hold NaN or infinity, in {name}", "finite")
    return tensors, flat


def _of(cell: str, size: int, tensors: Mapping[str, Array]) -> Sequence[Network] | str:
    """Return the networks that weights make, or why it cannot be told what they make."""
    try:
        return network.of(cell, size, tensors)
    except network.UnknownForm as why:
        return str(why)
    except network.NoSuchNetwork as why:
        raise Unreadable(f"this is not the network that was asked: {why}", "shape") from None


def _said(array: Array) -> tuple[list[tuple[str, list[int]]], str]:
    """Return what a job said of its weights, be it who it may: names and shapes, and a digest."""
    if array.dtype.kind != "i" or not 0 < array.size <= MOST_SAID or array.min() < 0 or array.max() > 255:
        raise _garbled()
    try:
        said = json.loads(array.astype(np.uint8).tobytes())
        shapes = [(str(name)[:MOST_NAME], shape) for name, shape in said["tensors"]]
        digest = str(said["sha256"])
    except (ValueError, RecursionError, TypeError, KeyError):
        raise _garbled() from None
    if len(shapes) > MOST_TENSORS or not all(_is_shape(shape) for _, shape in shapes):
        raise _garbled()
    return shapes, digest


def _garbled() -> Unreadable:
    return Unreadable("what its process says of its weights cannot be read", "garbled")


def _is_shape(shape: object) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) <= 4
        and all(type(dim) is int and 0 <= dim < 1 << 24 for dim in shape)
    )


def _hold_file(setting: str, files: Files, numbers: int) -> None:
    """Hold a file of weights to the size of what is in it."""
    found = files.get(readings.weights_of(setting))
    if found is not None and len(found[1]) > 4 * numbers + BESIDE:
        size = f"{len(found[1]):,} bytes, and the model has {numbers:,} numbers of 4 bytes"
        raise Unreadable(f"{found[0]} holds more than the weights: it has {size}", "size")


def _log_p(answer: Answer, text: Array) -> Array:
    found = _array(answer, "log_p")
    if found.shape != (len(text) - 1, text.shape[1]) or found.dtype.kind != "f":
        raise Unreadable("its process did not answer with one log p for every word", "garbled")
    if not np.isfinite(found).all():
        raise Unreadable("the log p of a word is NaN or infinite", "finite")
    if found.max() > CLOSE:  # one such word could make up for many
        raise Unreadable(f"a word has a log p of {found.max():.3g}, and none is above 0", "sum")
    return found


def _held_to_probe(networks: Sequence[Network], words: Array, answer: Answer, size: int) -> Network:
    """Return which of the networks answers as the model did after each of a few words.

    Raises:
        Unreadable: none of them; it says what the model does instead, if that can be told.
    """
    whole = _whole(answer, "whole", (*words.shape, size))
    known = next((one for one in networks if _close(one.log_p(one.read(words)), whole)), None)
    if (odd := _odd(networks if known is None else (), words, answer, whole)) is not None:
        raise odd
    if known is None:
        gap = min(float(np.abs(one.log_p(one.read(words)) - whole).max()) for one in networks)
        says = "what it answers is not what its weights give in two layers of torch's own"
        raise Unreadable(f"{says}: by up to {gap:.3g} in log p", "value")
    return known


def _odd(networks: Sequence[Network], words: Array, answer: Answer, whole: Array) -> Unreadable | None:
    """Return what a model does that none may, whatever its weights; what, if it is none of these networks."""
    if not _close(np.log(np.exp(whole.astype(float)).sum(-1)), np.zeros(words.shape)):
        return Unreadable("the probabilities that its process answers with do not sum to 1", "sum")
    if not _close(_whole(answer, "again", whole.shape), whole):
        says = "asked twice, it answers differently: is dropout on? model.eval() must turn it off"
        return Unreadable(says, "dropout")
    half = len(words) // 2
    if not _close(_whole(answer, "later", whole.shape)[:half], whole[:half]):
        return Unreadable("what it says of a word depends on the words after it: it looks ahead", "ahead")
    if any(_close(one.log_p(one.read(words.T)).swapaxes(0, 1), whole) for one in networks):
        return Unreadable("it reads words as (rows, steps), and they come as (steps, rows)", "batch_first")
    if not _close(_whole(answer, "carried", whole.shape), whole):
        says = "in two halves it answers otherwise than in one"
        return Unreadable(f"{says}: forward must go on from the state that it is given", "state")
    low, high, least, most = (float(one) for one in _whole(answer, "raw", (4,)))
    if low >= 0 and high <= 1 and max(abs(least - 1), abs(most - 1)) < SUMS:
        says = "forward returns probabilities; scores are asked, before the softmax (or their log-softmax)"
        return Unreadable(says, "softmax")
    return None


def _whole(answer: Answer, name: str, shape: tuple[int, ...]) -> Array:
    found = _array(answer, name)
    if found.shape != shape or found.dtype.kind != "f" or not np.isfinite(found).all():
        raise Unreadable("after some words it gives no finite log p for every word", "finite")
    return found


def _close(a: Array, b: Array) -> bool:
    return bool(np.abs(a - b).max() <= CLOSE)


def _drawn_from(*answered: Array) -> int:
    """Return the seed by which words are drawn: nobody knows it who has not answered everything."""
    sha256 = hashlib.sha256()
    for one in answered:
        sha256.update(np.ascontiguousarray(one).tobytes())
    return int.from_bytes(sha256.digest(), "big")


def _hold_text(known: Network, name: str, text: Array, log_p: Array, rng: np.random.Generator) -> None:
    """Hold what a model answered on a text to its network, at words that are drawn now.

    Raises:
        Unreadable: they differ.
    """
    count = min(DRAWN, log_p.size)
    at = np.sort(rng.choice(log_p.size, size=count, replace=False))
    steps, rows = np.unravel_index(at, log_p.shape)
    hidden = known.read(text[:-1])[steps, rows]
    following = text[1:][steps, rows]
    true = np.concatenate(
        [
            known.log_p(hidden[start : start + BLOCK])[np.arange(len(part)), part]
            for start in range(0, count, BLOCK)
            for part in (following[start : start + BLOCK],)
        ]
    )
    gaps = np.abs(log_p[steps, rows] - true)
    wrong = int((~(gaps <= CLOSE)).sum())
    if wrong:
        where = f"on the {name} text, {wrong} of {count} words that were drawn after it had answered"
        raise Unreadable(
            f"{where} have another log p than its weights give, by up to {gaps.max():.3g}",
            "value",
        )
