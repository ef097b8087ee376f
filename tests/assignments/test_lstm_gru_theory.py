"""LSTM and GRU in theory: the number and its miscounts, the six derivatives, hand-ins with a part of it."""

from __future__ import annotations

import importlib
import math
import re
import runpy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shipped

from grader import discovery, engine
from grader.declaration import Loaded
from grader.records import Judged, ProblemResult, Report

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "lstm_gru_theory"
STATEMENT = ROOT / "grader" / "assignments" / "lstm_gru_theory" / "statement.md"


@cache
def assignment() -> Loaded:
    found = discovery.by_name("lstm_gru_theory", discovery.assignments())
    return replace(found, suites={key: cache(draw) for key, draw in found.suites.items()})


def part(name: str) -> Any:
    assignment()
    return importlib.import_module(f"cellgrade_assignment_lstm_gru_theory.{name}")


def graded(hand_in: Path) -> Report:
    return engine.grade(hand_in, [assignment()], engine.Options())


def rows(report: Report) -> dict[str, ProblemResult]:
    return {problem.name: problem for problem in report.problems}


def read(content: bytes | str) -> Judged:
    raw = content.encode() if isinstance(content, str) else content
    verdict: Judged = part("answers").parameters({"answers.toml": ("answers.toml", raw)})
    return verdict


# --- Question 3


def test_torch_counts_the_miscount_that_is_told() -> None:
    """nn.LSTM(200, 200) has 321,600 parameters, 800 more than the equations: its second biases."""
    from torch import nn

    torchs = sum(parameter.numel() for parameter in nn.LSTM(200, 200).parameters())
    assert torchs == 321_600
    assert torchs - part("answers").PARAMETERS == 4 * 200
    assert "torch.nn.LSTM" in (read(f"parameters = {torchs}").hint or "")


@pytest.mark.parametrize(
    "line",
    [
        "parameters = 320800",
        "parameters = 320_800 # four gates",
        "\ufeffparameters = 320800\r\n",
        "parameters=+320800",
        "parameters = 320800.0",
        'parameters = "320,800"',
        "parameters = '320 800'",
        "[about]\nme = 1\n".join(["parameters = 320800\n", ""]),
    ],
)
def test_the_right_number_counts_however_it_is_written(line: str) -> None:
    """Quotes, separators and a byte order mark cost nothing."""
    assert read(line).passed is True


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (320_000, "leaves out the biases"),
        (240_600, "three gates, as a GRU has"),
        (241_200, "torch.nn.GRU"),
        (240_000, "three gates, and leaves out the biases"),
        (160_800, "one weight matrix for each gate"),
        (160_000, "one weight matrix for each gate, and no bias"),
        (80_200, "a single gate"),
        (80_000, "a single gate, without its bias"),
        (320_200, "one bias vector for the whole cell"),
        (321_200, "the states h and c"),
        (12_345, "Count the entries of every matrix"),
        (-320_800, "Count the entries of every matrix"),
    ],
)
def test_a_miscount_is_explained(number: int, why: str) -> None:
    """Who forgot or doubled something reads what it was."""
    verdict = read(f"parameters = {number}")
    assert verdict.passed is False
    assert verdict.reason == "value"
    assert why in (verdict.hint or "")
    assert str(number) in (verdict.message or "")


def test_no_explanation_gives_the_number_away() -> None:
    """The right number is no miscount, and no hint or message holds it."""
    answers = part("answers")
    assert answers.PARAMETERS == 320_800
    assert answers.PARAMETERS not in answers.MISCOUNTS
    said = " ".join([*answers.MISCOUNTS.values(), answers.HOW])
    assert not re.search(r"320.?800|320.?8", said)


@pytest.mark.parametrize(
    ("content", "reason", "says"),
    [
        ("parameters = 320,800", "broken", "cannot be read as TOML: "),
        ("parameters = 4 * 80200", "broken", "cannot be read as TOML: "),
        ("parameters =", "broken", "cannot be read as TOML: "),
        ("# parameters = 320800", "missing", "has no parameters"),
        ("Parameters = 320800", "missing", "has no parameters"),
        ("parameters = true", "dtype", "is true or false, not a whole number"),
        ("parameters = [320800]", "dtype", "is a list"),
        ("parameters.lstm = 320800", "dtype", "is a table"),
        ("parameters = 320.800", "dtype", "is a fraction"),
        ("parameters = nan", "dtype", "is a fraction"),
        ("parameters = inf", "dtype", "is a fraction"),
        ("parameters = 2024-09-25", "dtype", "is a date or time"),
        ('parameters = "a lot"', "dtype", "is a text"),
        ("parameters = 0x" + "f" * 5000, "value", "this number is not right"),
        ("parameters = " + "9" * 5000, "broken", "cannot be read as TOML"),
        ("parameters = " + "[" * 8000, "broken", "cannot be read as TOML"),
        ("#" * 9000, "broken", "more than 8 KiB"),
        (b"\xff\xfe320800", "broken", "is not text in UTF-8"),
        (b"", "missing", "has no parameters"),
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_read_is_told_in_a_sentence(
    content: bytes | str, reason: str, says: str
) -> None:
    """Broken files and odd types fail in plain words, and nothing of ours fails."""
    verdict = read(content)
    assert verdict.passed is False
    assert verdict.reason == reason
    assert says in (verdict.message or "")
    assert "digits alone" in (verdict.hint or "") or reason == "value"


def test_the_deepest_name_that_fits_is_read() -> None:
    """One name of four thousand parts, the worst that fits the limit on its size, ends in a sentence."""
    assert read("a." * 4090 + "a=1").reason == "missing"


# --- Question 4


def h_2(one: dict[str, float]) -> float:
    """Equations (1) to (4) with numbers."""

    def sigmoid(a: float) -> float:
        return 1 / (1 + math.exp(-a))

    x, h = one["x"], one["h"]
    z = sigmoid(one["W_xz"] * x + one["W_hz"] * h)
    r = sigmoid(one["W_xr"] * x + one["W_hr"] * h)
    g = math.tanh(one["W_xg"] * x + one["W_hg"] * (r * h))
    return z * h + (1 - z) * g


def test_the_truth_is_what_differences_show() -> None:
    """At every ordinary point each derivative is that of the printed equations, h_1 being a constant."""
    suite = assignment().suites["points"](0)
    looked_at = 0
    for case, true in zip(suite.cases, suite.expected, strict=True):
        one = {name: array.item() for name, array in case.inputs.items()}
        delta = one.pop("delta")
        if abs(delta) < 1e-3 or abs(one["W_xz"]) < 1e-2:
            continue
        for name in true:
            up, down = ({**one, name[1:]: one[name[1:]] + step} for step in (1e-5, -1e-5))
            slope = delta * (h_2(up) - h_2(down)) / 2e-5
            assert true[name] == pytest.approx(slope, rel=1e-4, abs=1e-9)
            looked_at += 1
    assert looked_at > 100


def test_a_gate_the_other_way_round_is_named() -> None:
    """Who writes the GRU of other books reads that here z keeps the old state; a turned sign is not that."""
    wrong = "lstm_gru_theory/question_4"
    way_round = graded(shipped.wrong(f"{wrong}/gate_the_other_way_round"))
    criteria = {one.name: one for one in rows(way_round)["Question 4"].criteria}
    assert "in which 1 − z keeps the old state; in Eq. (4) it is z." in (criteria["dW_xg"].hint or "")
    turned = {
        one.name: one for one in rows(graded(shipped.wrong(f"{wrong}/sign_turned")))["Question 4"].criteria
    }
    assert "wrong sign" in (turned["dW_xz"].hint or "")


def test_the_statements_numbers_are_right() -> None:
    """The example that students are given comes out as printed."""
    functions = runpy.run_path(str(MODEL / "gru_gradients.py"))
    statement = STATEMENT.read_text()
    (given,) = re.findall(r"^    one = dict\((.*)\)$", statement, re.MULTILINE)
    one = {name: float(value) for name, value in re.findall(r"(\w+)=([-\d.]+)", given)}
    examples = re.findall(r"^    (dW_\w+)\(\*\*one\) +# ([-\d.]+)$", statement, re.MULTILINE)
    assert len(examples) == 2
    for name, value in examples:
        assert f"{functions[name](**one):.4f}" == value


# --- hand-ins with a part of it


@pytest.mark.parametrize(
    ("files", "points"),
    [
        (["gru_gradients.py"], {"Question 3": 0, "Question 4": 20}),
        (["answers.toml"], {"Question 3": 10, "Question 4": 0}),
        (["answers.toml", "theory.pdf"], {"Question 3": 10, "Question 4": 0}),
        (["gru_gradients.py", "theory.pdf"], {"Question 3": 0, "Question 4": 20}),
    ],
    ids=str,
)
def test_a_hand_in_is_graded_for_what_it_holds(
    tmp_path: Path, files: list[str], points: dict[str, float]
) -> None:
    """Any of its files tells which assignment it is, and what is missing costs only its own question."""
    for name in files:
        (tmp_path / name).write_bytes((MODEL / name).read_bytes())
    others = [one for one in discovery.assignments() if one.name != assignment().name]
    report = engine.grade(tmp_path, [*others, assignment()], engine.Options())
    assert report.assignment == assignment().name
    found = rows(report)
    assert {name: found[name].points for name in points} == points
    assert [one.passed for name in ("Question 1", "Question 2") for one in found[name].criteria] == [None] * 2
    where = found["Question 1"].criteria[0].message or ""
    assert ("in theory.pdf" in where) == ("theory.pdf" in files)


def test_the_functions_are_recognised_in_a_file_of_another_name(tmp_path: Path) -> None:
    """Six functions of these names are Question 4, whatever the file is called."""
    (tmp_path / "ex2.py").write_bytes((MODEL / "gru_gradients.py").read_bytes())
    report = engine.grade(tmp_path, discovery.assignments(), engine.Options())
    assert report.assignment == assignment().name
    assert rows(report)["Question 4"].points == 20


def test_what_is_called_a_pdf_and_is_none_is_said(tmp_path: Path) -> None:
    """A document that was only renamed is pointed out to the person who reads it."""
    (tmp_path / "answers.toml").write_text("parameters = 1")
    (tmp_path / "theory.pdf").write_bytes(b"PK\x03\x04")
    message = rows(graded(tmp_path))["Question 2"].criteria[0].message or ""
    assert "theory.pdf, which does not begin as a PDF does" in message
