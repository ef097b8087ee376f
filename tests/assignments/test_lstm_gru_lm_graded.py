"""The language models of homework 003 as they are graded: trained on a small text, handed in, and spoilt."""

from __future__ import annotations

import json
import re
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import language_models
import numpy as np
import pytest
import torch
from made_course import FILES, lay
from safetensors.torch import load_file, save_file
from shipped import ROOT, known

from grader import discovery, engine, mistakes
from grader.records import CriterionResult, Report
from grader.verify import ClaimKind, Held, Verifier, claims

NAME = "lstm_gru_lm"
ROWS = {"lstm": "LSTM", "lstm-dropout": "LSTM with dropout", "gru": "GRU", "gru-dropout": "GRU with dropout"}
MEASURED = {"cell", "validation", "checkpoint", "table"}
Spoil = Callable[[Path, str], None]
Found = Mapping[str, CriterionResult]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of model hand-ins, in which this one is trained: for real, by its own train.py."""
    folder = tmp_path_factory.mktemp("models")
    language_models.trained(lay(tmp_path_factory.mktemp("course")) / "ptb", folder / NAME)
    return folder


@pytest.fixture(scope="module")
def grade() -> Iterator[Callable[[Path], Report]]:
    """Yield what grades a folder, in the real sandbox."""
    with engine.Grader([known(NAME)], engine.Options(assignment=NAME)) as grader:
        yield grader.grade


@pytest.fixture(scope="module")
def verifier(models: Path) -> Iterator[Verifier]:
    """Yield what verifies claims about the trained model."""
    with Verifier(known(NAME), mistakes.read(known(NAME), models / NAME)) as verifier:
        yield verifier


def row(report: Report, setting: str) -> Found:
    """Return what came of a setting, by criterion."""
    assert report.status == "graded", report.message
    (problem,) = (one for one in report.problems if one.name == ROWS[setting])
    return {one.name: one for one in problem.criteria}


def failing(found: Found) -> dict[str, str | None]:
    return {name: one.reason for name, one in found.items() if one.passed is False}


# --- right answers, and the mistakes that the assignment ships


def shipped() -> list[str]:
    model = ROOT / "src" / NAME
    return [one.path for one in mistakes.read(known(NAME), model).mistakes]


def check(verifier: Verifier, models: Path, kind: ClaimKind, about: str) -> Held:
    found = claims(known(NAME), mistakes.read(known(NAME), models / NAME))
    (claim,) = (one for one in found if one.kind is kind and one.about == about)
    return verifier.check(claim)


def test_the_trained_model_gets_all_that_is_not_a_persons(verifier: Verifier, models: Path) -> None:
    """Trained, measured and drawn by the commands of its readme, it is right in everything: 40 of 50 points."""
    held = check(verifier, models, ClaimKind.MODEL, "model")
    assert (held.wrong, held.note) == ((), None)
    assert held.report is not None
    assert (held.report.score, held.report.undecided, held.report.max_score) == (40, 10, 50)


@pytest.mark.parametrize("about", shipped())
def test_a_mistake_loses_exactly_what_it_says(about: str, verifier: Verifier, models: Path) -> None:
    """Each is made of the trained model, and fails where and as mistakes.toml says."""
    held = check(verifier, models, ClaimKind.MISTAKE, about)
    assert (held.wrong, held.note) == ((), None)


def test_an_untrained_model_is_said_not_to_be_verified() -> None:
    """As the repository has it, without weights, it proves nothing, and nothing is claimed to be proven."""
    shipped_here = mistakes.read(known(NAME), ROOT / "src" / NAME)
    untrained = replace(shipped_here, model={"model.py": b""}, mistakes=shipped_here.mistakes[:1])
    with Verifier(known(NAME), untrained) as verifier:
        told = [held for claim in claims(known(NAME), untrained) for held in [verifier.check(claim)]]
    closed = {held.claim.kind for held in told if held.is_open}
    assert closed == {ClaimKind.MODEL}
    assert all("come of training" in (held.note or "") for held in told if held.is_open)
