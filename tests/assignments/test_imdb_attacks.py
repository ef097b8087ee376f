"""Hostile hand-ins of the bonus on IMDB: models that try something when they are loaded, code, results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import made_reviews
import numpy as np
import pytest
from made_models import CANARY
from trained_sentiment import KINDS, ROOT, Grade, data, grading, hand_in, with_code, with_models

from grader.records import Report, Status
from grader.report import text
from grader.verify import failing

ALL = ("layer", "accuracy", "reported")


def words(report: Report) -> str:
    """Return the report as text, on one line."""
    return " ".join(text.render(report).split())


@pytest.fixture(scope="module")
def grade() -> Iterator[Grade]:
    with grading() as found:
        yield found


def held(report: Report) -> None:
    """Hold a report to what no attack may change: it is graded, with all layers of the sandbox."""
    assert report.status is Status.GRADED, report.message
    assert report.isolation is not None
    assert not report.isolation.off
    assert CANARY not in report.stdout.text + report.stderr.text


# --- models

# File of `made_models.py` -> why the model in it fails, and what the report says.
LOADED = {
    "lambda": ("raised", "Lambda"),
    "names_a_file": ("raised", "StringLookup"),
    "names_an_address": ("raised", "StringLookup"),
    "names_a_function": ("raised", ""),
    "names_a_class": ("raised", ""),
    "evaluates": ("raised", ""),
    "deep": ("raised", "RecursionError"),
    "bomb": ("memory", ""),
    "huge": ("raised", ""),
    "h5_bomb": ("raised", ""),
    "h5_elsewhere": ("raised", ""),
    "pickle": ("raised", ""),
}


@pytest.mark.parametrize("name", LOADED)
def test_a_hostile_model_fails_alone(grade: Grade, name: str) -> None:
    """Nothing that stands in it is run, and the grader does not open it; the other models are graded."""
    reason, says = LOADED[name]
    report = grade(with_models(LSTM=f"{name}.keras"))
    held(report)
    assert failing(report) == {"IMDB LSTM": dict.fromkeys(ALL, reason)}
    assert says in words(report)


# --- code

PREDICT = """
def predict(self, x, **_):
    x = np.asarray(x)
    return {scores}

keras.Model.predict = predict
"""

TOLD = f"(np.isin(x, {[*made_reviews.FOR]}).sum(1) - np.isin(x, {[*made_reviews.AGAINST]}).sum(1))"

# What keras.Model.predict is replaced by -> why no accuracy counts.
PREDICTED = {
    "by the place in the batch": ("np.arange(len(x)) % 2", "batch"),
    "as many for as against": (f"{TOLD} > np.median({TOLD})", "batch"),
    "one more than there are": ("np.ones(len(x) + 1)", "shape"),
    "objects": ("np.array([object()] * len(x))", "missing"),
    "infinite": ("np.full(len(x), np.inf)", "finite"),
    "all are for": ("np.ones(len(x))", "value"),
}


@pytest.mark.parametrize("name", PREDICTED)
def test_scores_that_no_review_gives_are_worth_nothing(grade: Grade, name: str) -> None:
    scores, reason = PREDICTED[name]
    report = grade(with_code(PREDICT.format(scores=scores)))
    held(report)
    assert {kind: of_kind["accuracy"] for kind, of_kind in failing(report).items()} == {
        f"IMDB {kind}": reason for kind in KINDS
    }


def test_who_knows_the_reviews_by_heart_is_found_out(grade: Grade) -> None:
    """A table of all reviews with their labels, which are public, knows none that lacks a few words."""
    with np.load(data() / made_reviews.NAME) as file:
        reviews = np.split(file["test_tokens"], file["test_offsets"][1:-1])
        labels = file["test_labels"]
    known = {
        hashlib.sha256(one.astype("<i4").tobytes()).hexdigest()[:12]: int(label)
        for one, label in zip(reviews, labels, strict=True)
        if label or len(one) % 9  # a few it does not know, so that it is not right about all
    }
    code = f"""
import hashlib
KNOWN = {known}

def predict(self, x, **_):
    found = [hashlib.sha256(row[row > 0].astype("<i4").tobytes()).hexdigest()[:12] for row in np.asarray(x)]
    return np.array([float(KNOWN.get(one, 1)) for one in found])

keras.Model.predict = predict
"""
    report = grade(with_code(code))
    held(report)
    assert {of_kind["accuracy"] for of_kind in failing(report).values()} == {"memorised"}
    assert "This one knows these reviews" in words(report)


def test_above_what_can_be_learnt_a_person_looks(grade: Grade) -> None:
    """Whoever is right about nearly all reviews, and about shortened ones as well, has met them before."""
    with np.load(data() / made_reviews.NAME) as file:
        reviews = np.split(file["test_tokens"], file["test_offsets"][1:-1])
        labels = file["test_labels"]
    # The rarest words of a review and its first ones tell which it is, even where some are missing.
    known = [[int(label), *map(int, np.unique(one))] for one, label in zip(reviews, labels, strict=True)]
    code = f"""
KNOWN = {known}
SETS = [(label, set(words)) for label, *words in KNOWN]

def predict(self, x, **_):
    found = [max(SETS, key=lambda one: 2 * len(one[1] & words) - len(one[1]))
             for words in (set(row[row > 0].tolist()) for row in np.asarray(x))]
    return np.array([float(label) for label, _ in found])

keras.Model.predict = predict
"""
    report = grade(with_code(code))
    held(report)
    accuracy = [one for row in report.problems for one in row.criteria if one.name == "accuracy"]
    assert [one.passed for one in accuracy] == [None] * 3
    assert "a person looks what it was trained on" in words(report)


LOOKING = """
import gc, sys

def labels(count):
    frame = sys._getframe()
    while frame is not None:
        for found in list(frame.f_locals.values()) + list(frame.f_globals.values()):
            yield found
        frame = frame.f_back
    yield from gc.get_objects()

def predict(self, x, **_):
    for found in labels(len(x)):
        if isinstance(found, np.ndarray) and found.shape == (len(x),) and set(found) <= {0, 1}:
            return found
        if isinstance(found, dict) and "labels" in found and isinstance(found["labels"], np.ndarray):
            return found["labels"]
    return np.full(len(x), 0.4)

keras.Model.predict = predict
"""


def test_labels_are_nowhere_in_the_process(grade: Grade) -> None:
    """Whoever looks through all frames and objects finds none: all reviews are said to be against."""
    report = grade(with_code(LOOKING))
    held(report)
    assert {of_kind["accuracy"] for of_kind in failing(report).values()} == {"value"}


ENDS = {
    "exits": ("import os\nkeras.Model.predict = lambda *_, **__: os._exit(0)", "exited"),
    "kills": ("import ctypes\nkeras.Model.predict = lambda *_, **__: ctypes.string_at(1)", "crashed"),
    "raises": ("def f(*_, **__): raise SystemExit\nkeras.Model.predict = f", "raised"),
    "allocates": ("keras.Model.predict = lambda *_, **__: np.ones(1 << 40)", "memory"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_model_that_ends_its_process_takes_nothing_else_along(grade: Grade, name: str) -> None:
    code, reason = ENDS[name]
    report = grade(with_code(code))
    held(report)
    assert {of_kind["accuracy"] for of_kind in failing(report).values()} == {reason}
    assert report.score == 2 + (3 if reason in ("raised", "memory") else 0)


FETCHED = """
TRIED = []
for get in (
    lambda: keras.utils.get_file("words", "https://example.org/words"),
    lambda: keras.datasets.imdb.load_data(),
    lambda: keras.saving.load_model("https://example.org/model.keras"),
    lambda: keras.saving.load_model("/etc/passwd"),
    lambda: np.load("labels.npy", allow_pickle=True),
    lambda: open("/etc/passwd").read(),
    lambda: open("imdb_encoded_full.npz", "rb").read(),
    lambda: __import__("socket").socket(),
    lambda: __import__("subprocess").run(["true"]),
    lambda: __import__("torch").utils.cpp_extension.load_inline("x", ""),
    lambda: __import__("torch").hub.load("pytorch/vision", "resnet18"),
):
    try:
        get()
    except Exception as error:
        TRIED.append(type(error).__name__)
    else:
        TRIED.append("done")

def predict(self, x, **_):
    return np.full(len(x), float("done" in TRIED))

keras.Model.predict = predict
"""


def test_nothing_can_be_fetched(grade: Grade) -> None:
    """Not from the network, not from a disk, and not from the course's files: no attempt is done."""
    report = grade(with_code(FETCHED + "assert 'done' not in TRIED, TRIED\n"))
    held(report)
    assert {of_kind["accuracy"] for of_kind in failing(report).values()} == {"value"}
    assert "AssertionError" not in words(report)


def test_a_layer_of_another_class_is_no_lstm(grade: Grade) -> None:
    """Neither one that is derived of it, nor one that was put under its name."""
    code = "keras.layers.SimpleRNN = keras.layers.LSTM\n"
    report = grade({**with_code(code), "SimpleRNN.keras": hand_in()["LSTM.keras"]})
    held(report)
    assert failing(report)["IMDB SimpleRNN"]["layer"] == "value"


# --- results.json


def spoilt(text_of_it: str) -> dict[str, bytes]:
    return {**hand_in(), "results.json": text_of_it.encode(errors="surrogatepass")}


BROKEN = {
    "lists inside of lists": "[" * 100_000 + "]" * 100_000,
    "a number of a million digits": '{"validation_share": ' + "9" * 1_000_000 + "}",
    "a file of a megabyte": json.dumps({"models": "x" * (1 << 20)}),
    "half of a character": '{"models": "\ud800"}',
    "no object": "[1, 2, 3]",
    "nothing": "",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_results_are_told_in_a_sentence(grade: Grade, name: str) -> None:
    report = grade(spoilt(BROKEN[name]))
    held(report)
    assert failing(report)["IMDB validation"] == {
        "validation share": "broken",
        "chosen by validation": "broken",
    }
    assert "Traceback" not in words(report)


ODD = {
    "true": ("validation_share", True),
    "not a number": ("validation_share", float("nan")),
    "infinite": ("validation_share", float("inf")),
    "a text": ("validation_share", "0.2"),
    "a list": ("models", ["LSTM"]),
    "numbers for models": ("models", dict.fromkeys(KINDS, 0.9)),
    "lists for models": (
        "models",
        {kind: {"test_accuracy": [0.9], "epochs": [[1]], "best_epoch": True} for kind in KINDS},
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_results_earn_nothing(grade: Grade, name: str) -> None:
    key, value = ODD[name]
    report = grade(spoilt(json.dumps({**json.loads(hand_in()["results.json"]), key: value})))
    held(report)
    fails = failing(report)
    if key == "models":
        assert {fails[f"IMDB {kind}"]["reported"] for kind in KINDS} == {"missing"}
    else:
        assert fails == {"IMDB validation": {"validation share": "value"}}


def test_no_model_of_a_hand_in_is_unpacked_by_the_grader() -> None:
    """What reads results.json, and judges, opens no archive and loads no array: that is for the job."""
    folder = ROOT / "grader" / "assignments" / "imdb_sentiment"
    for name in ("claims.py", "judging.py", "assignment.py"):
        source = (folder / name).read_text()
        assert not any(
            one in source for one in ("zipfile", "h5py", "np.load", "keras.s", "import keras", "torch")
        )
