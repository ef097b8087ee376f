"""The bonus on IMDB: trained, stopped, gone on with, graded; and what becomes of hand-ins that are wrong."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from shipped import known
from trained_sentiment import (
    KINDS,
    NAME,
    PROGRAM,
    Grade,
    grading,
    hand_in,
    made,
    program,
    scratch,
    trained_in,
    with_code,
    with_models,
    with_results,
)

from grader import mistakes
from grader.mistakes import Files
from grader.records import Report, Status
from grader.report import json_report, text
from grader.verify import Claim, ClaimKind, Verifier, claims, failing

VALIDATION = "IMDB validation"
# Runs the program, and ends its own process while the second epoch of a kind is being saved.
STRUCK = """
import os, runpy, signal, sys
import keras
_, moment, *sys.argv = sys.argv
saved, moment, count = keras.Model.save, int(moment), 0
def save(self, path, *args, **kwargs):
    global count
    count += 1
    if count == moment:
        with open(path, "wb") as file:
            file.write(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    saved(self, path, *args, **kwargs)
keras.Model.save = save
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def grade() -> Iterator[Grade]:
    with grading() as found:
        yield found


# --- the model hand-in


def test_training_leaves_models_results_a_table_and_curves() -> None:
    """Each kind is trained as long as it was told; its best epoch is the best of its list."""
    out = trained_in()
    results = json.loads((out / "results.json").read_text())
    assert list(results["models"]) == list(KINDS)
    table = (out / "table.md").read_text()
    for kind, of_kind in results["models"].items():
        accuracies = [row["validation_accuracy"] for row in of_kind["epochs"]]
        assert len(accuracies) == 3
        assert accuracies[of_kind["best_epoch"] - 1] == max(accuracies) == of_kind["validation_accuracy"]
        assert 0.75 < of_kind["test_accuracy"] < 0.92
        assert f"| {kind} | {of_kind['parameters']:,} |" in table
        assert f"{of_kind['test_accuracy']:.2%}" in table
        assert (out / f"{kind}.keras").stat().st_size < 1.2 * 4 * of_kind["parameters"]  # no optimizer in it
    assert (out / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_training_that_was_killed_ends_with_the_same_numbers() -> None:
    """It goes on after the last epoch that was finished, and what is drawn by chance is the same."""
    out = scratch() / "struck"
    struck = program("--out", str(out), "--kinds", "GRU", by=("-c", STRUCK, "2"))
    assert struck.returncode == -signal.SIGKILL
    assert not (out / "results.json").exists()
    run = program("--out", str(out), "--kinds", "GRU")
    assert run.returncode == 0, run.stderr
    assert "epoch 1 of 3" not in run.stdout
    whole, after = (json.loads((one / "results.json").read_text()) for one in (trained_in(), out))
    assert after["models"]["GRU"] == whole["models"]["GRU"]


def test_other_settings_do_not_go_on_in_the_same_folder() -> None:
    """What is there is of other settings, and is left alone."""
    run = program("--out", str(trained_in()), "--units", "8")
    assert run.returncode == 1
    assert "is of other settings" in run.stderr


def test_the_model_hand_in_gets_all_that_no_person_decides(grade: Grade) -> None:
    """Its models are measured, in a job with every layer of the sandbox, and agree with what it reports."""
    report = grade(hand_in())
    assert report.status is Status.GRADED
    assert failing(report) == {}
    assert (report.score, report.max_score, report.undecided) == (11, 12, 1)
    assert report.isolation is not None
    assert not report.isolation.off
    for kind in KINDS:
        assert "500 held-out reviews" in said(report, f"IMDB {kind}", "accuracy")
    assert text.render(grade(hand_in())) == text.render(report)
    assert json_report.render(grade(hand_in())) == json_report.render(report)


def said(report: Report, problem: str, criterion: str) -> str:
    """Return what the report says of a criterion."""
    (row,) = (one for one in report.problems if one.name == problem)
    (found,) = (one for one in row.criteria if one.name == criterion)
    return f"{found.message} {found.hint or ''}"


# --- right in another form

RIGHT: dict[str, Callable[[], Files]] = {
    "logits in place of probabilities": lambda: with_models(LSTM="logits.keras"),
    "a score against and one for": lambda: with_models(LSTM="two_columns.keras"),
    "weights alone": lambda: {
        **{name: content for name, content in hand_in().items() if not name.endswith(".keras")},
        **{name: made()[name] for name in (f"{kind}.weights.h5" for kind in KINDS)},
    },
    "in percent": lambda: with_results(in_percent),
    "in a folder": lambda: {
        name if name.endswith(".py") else f"sentiment/{name}": content for name, content in hand_in().items()
    },
    "with the rest of the homework": lambda: {
        **hand_in(),
        "rnn_step_by_step.py": (PROGRAM.parent / "rnn_step_by_step.py").read_bytes(),
    },
    "rounded": lambda: with_results(rounded),
}


def in_percent(results: dict[str, Any]) -> None:
    for of_kind in results["models"].values():
        of_kind["test_accuracy"] *= 100
    results["validation_share"] *= 100


def rounded(results: dict[str, Any]) -> None:
    for of_kind in results["models"].values():
        of_kind["test_accuracy"] = round(of_kind["test_accuracy"], 3)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_hand_in_of_another_form_gets_the_same(grade: Grade, name: str) -> None:
    report = grade(RIGHT[name]())
    assert failing(report) == {}
    assert report.score == 11


def test_layers_may_be_stacked_and_run_both_ways(grade: Grade) -> None:
    """They are LSTMs all the same."""
    assert "layer" not in failing(grade(with_models(LSTM="stacked.keras")))["IMDB LSTM"]


# --- the mistakes that the assignment ships


@pytest.fixture(scope="module")
def verifier() -> Iterator[tuple[Verifier, Sequence[Claim]]]:
    """Yield what verifies claims about the model hand-in, which is trained here, and the claims."""
    answers = mistakes.read(known(NAME), mistakes.laid(hand_in(), scratch() / "models"))
    with Verifier(known(NAME), answers) as found:
        yield found, claims(known(NAME), answers)


def test_what_the_assignment_claims_of_mistakes_holds(verifier: tuple[Verifier, Sequence[Claim]]) -> None:
    """Each is made of the trained model, and fails where and as mistakes.toml says."""
    found, about = verifier
    held = [found.check(claim) for claim in about]
    assert [(one.claim.about, one.wrong) for one in held if one.wrong] == []
    assert [one.note for one in held if one.is_open] == []
    assert sum(one.claim.kind is ClaimKind.MISTAKE for one in held) >= 10


# --- wrong


def best_by_test(results: dict[str, Any]) -> None:
    """Let the last epoch be the best, though validation says otherwise."""
    of_kind = results["models"]["LSTM"]
    of_kind["best_epoch"] = 3
    of_kind["epochs"][2]["validation_accuracy"] = of_kind["validation_accuracy"] - 0.01


def update(**changed: Any) -> Files:
    return with_results(lambda results: results.update(changed))


def of_lstm(**changed: Any) -> Files:
    return with_results(lambda results: results["models"]["LSTM"].update(changed))


def all_of(kind: str, reason: str) -> dict[str, dict[str, str]]:
    return {f"IMDB {kind}": dict.fromkeys(("layer", "accuracy", "reported"), reason)}


def of_each(reason: str) -> dict[str, dict[str, str]]:
    """Return what fails where no model can be asked, though each of them is there."""
    return {f"IMDB {kind}": {"accuracy": reason, "reported": reason} for kind in KINDS}


ALONE = {"layer": "value", "accuracy": "alone", "reported": "alone"}
OF_BOTH = {"validation share": "broken", "chosen by validation": "broken"}
WRONG: dict[str, tuple[Callable[[], Files], dict[str, dict[str, str]], str]] = {
    "a model that is missing": (
        lambda: with_models(LSTM=None),
        all_of("LSTM", "missing"),
        "there is no LSTM.keras, and no LSTM.weights.h5",
    ),
    "garbage for a model": (lambda: with_models(GRU="garbage.keras"), all_of("GRU", "raised"), "zip file"),
    "half of a model": (lambda: with_models(GRU="cut.keras"), all_of("GRU", "raised"), "zip file"),
    "an LSTM where a SimpleRNN is asked": (
        lambda: {**hand_in(), "SimpleRNN.keras": hand_in()["LSTM.keras"]},
        {"IMDB SimpleRNN": {"layer": "value", "accuracy": "alone", "reported": "value"}},
        "its recurrent layers should be SimpleRNN, and are: 1 LSTM",
    ),
    "two kinds in one": (
        lambda: with_models(LSTM="mixed.keras"),
        {"IMDB LSTM": {"layer": "value", "accuracy": "value", "reported": "value"}},
        "are: 1 LSTM, 1 GRU",
    ),
    "a cell in a loop of another class": (
        lambda: with_models(LSTM="other_cell.keras"),
        {"IMDB LSTM": {"layer": "value", "accuracy": "value", "reported": "value"}},
        "are: 1 of another kind",
    ),
    "no recurrent layer": (
        lambda: with_models(LSTM="no_recurrent_layer.keras"),
        {"IMDB LSTM": {"layer": "value", "accuracy": "value", "reported": "value"}},
        "are: none",
    ),
    "a model that was never trained": (
        lambda: with_models(LSTM="untrained.keras"),
        {"IMDB LSTM": {"accuracy": "value", "reported": "value"}},
        "Guessing is right about half of them",
    ),
    "weights that overflowed": (
        lambda: with_models(LSTM="nan.keras"),
        {"IMDB LSTM": {"accuracy": "finite", "reported": "finite"}},
        "the scores of 500 of 500 reviews are NaN or infinite",
    ),
    "a score for each step": (
        lambda: with_models(LSTM="every_step.keras"),
        {"IMDB LSTM": {"accuracy": "shape", "reported": "shape"}},
        "predict returned shape (500, 300, 1) for 500 reviews",
    ),
    "weights of another size": (
        lambda: with_models(LSTM="narrow.weights.h5"),
        all_of("LSTM", "missing"),
        "narrow.weights.h5".replace("narrow", "LSTM") + " do not fit build_model('LSTM')",
    ),
    "weights without what they belong to": (
        lambda: {
            **with_models(LSTM="narrow.weights.h5"),
            "sentiment.py": b"def build_models():\n    return 1\n",
        },
        all_of("LSTM", "missing"),
        "sentiment.py has no build_model(kind)",
    ),
    "a better accuracy than it has": (
        lambda: of_lstm(test_accuracy=0.93),
        {"IMDB LSTM": {"reported": "value"}},
        "93.00% is reported; measured on 500 held-out reviews it is",
    ),
    "no accuracy": (
        lambda: of_lstm(test_accuracy="0.86"),
        {"IMDB LSTM": {"reported": "missing"}},
        "has no test_accuracy of LSTM",
    ),
    "reviews prepared otherwise": (
        lambda: update(preparation={"num_words": 12000, "maxlen": 40, "padding": "pre", "truncating": "pre"}),
        of_each("raised"),
        "shape",
    ),
    "rare words left out": (
        lambda: update(preparation={"num_words": 50, "maxlen": 300, "padding": "pre", "truncating": "pre"}),
        of_each("value"),
        'are its reviews prepared as "preparation" in results.json says?',
    ),
    "no preparation": (lambda: update(preparation=None), of_each("missing"), 'has no "preparation"'),
    "a preparation of no sense": (
        lambda: update(preparation={"num_words": -1, "maxlen": 300, "padding": "pre", "truncating": "pre"}),
        of_each("missing"),
        '"num_words" in results.json is no whole number from 1 to 1,000,000',
    ),
    "no validation share": (
        lambda: with_results(lambda results: results.pop("validation_share")),
        {VALIDATION: {"validation share": "missing"}},
        'has no "validation_share"',
    ),
    "nothing kept for validation": (
        lambda: update(validation_share=0),
        {VALIDATION: {"validation share": "value"}},
        "0.0% of the training reviews were kept",
    ),
    "an epoch that validation did not choose": (
        lambda: with_results(best_by_test),
        {VALIDATION: {"chosen by validation": "value"}},
        "LSTM is of epoch 3",
    ),
    "no results": (
        lambda: {name: content for name, content in hand_in().items() if name != "results.json"},
        {**of_each("missing"), VALIDATION: dict.fromkeys(OF_BOTH, "missing")},
        "there is no results.json",
    ),
    "results that are no JSON": (
        lambda: {**hand_in(), "results.json": b"accuracy = 0.9"},
        {**of_each("missing"), VALIDATION: OF_BOTH},
        "results.json cannot be read as JSON",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_hand_in_loses_exactly_what_is_wrong(grade: Grade, name: str) -> None:
    """And reads why; the other models are graded."""
    make, fails, why = WRONG[name]
    report = grade(make())
    assert report.status is Status.GRADED
    assert failing(report) == fails
    assert why in " ".join(text.render(report).split())


def test_the_starter_gets_nothing(grade: Grade) -> None:
    starter = (PROGRAM.parents[2] / "grader/assignments/imdb_sentiment/starter/sentiment.py").read_bytes()
    report = grade({"sentiment.py": starter})
    assert report.score == 0
    assert "this is the starter, unchanged" in report.findings[0].message


def test_without_a_list_of_epochs_a_person_looks(grade: Grade) -> None:
    """How a model was chosen cannot be seen then."""
    report = grade(of_lstm(epochs=None))
    assert failing(report) == {}
    assert (report.score, report.undecided) == (10, 2)
    assert "LSTM has no list of its epochs" in said(report, VALIDATION, "chosen by validation")


def test_a_program_that_trains_when_it_is_imported_is_graded_all_the_same(grade: Grade) -> None:
    """There is no network to load reviews from: the statement fails at once, and is passed over."""
    report = grade(with_code("(x, y), _ = keras.datasets.imdb.load_data()\nbuild_model('LSTM').fit(x, y)\n"))
    assert failing(report) == {}
