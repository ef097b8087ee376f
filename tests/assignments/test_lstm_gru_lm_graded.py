"""The language models of homework 003 as they are graded: trained on a small text, handed in, and spoilt."""

from __future__ import annotations

import io
import re
import shutil
import struct
import sys
import zipfile
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
from grader.report import json_report
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
    """Trained, measured and drawn by the commands of its readme, it is right in everything: 40 of 50."""
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
    assert closed == {ClaimKind.MODEL, ClaimKind.MISTAKE}
    assert all("come of training" in (held.note or "") for held in told if held.is_open)


# --- other right forms

CELLS = """
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, kind, words):
        super().__init__()
        self.lstm = kind == "lstm"
        self.encoder = nn.Embedding(words, 200)
        self.decoder = nn.Linear(200, words)
        cell = nn.LSTMCell if self.lstm else nn.GRUCell
        self.cells = nn.ModuleList(cell(200, 200) for _ in range(2))

    def forward(self, words, state=None):
        x = self.encoder(words)
        zeros = x.new_zeros(words.shape[1], 200)
        state = state or [(zeros, zeros) if self.lstm else zeros] * 2
        out = []
        for h in x:
            now = []
            for cell, before in zip(self.cells, state):
                now.append(cell(h, before))
                h = now[-1][0] if self.lstm else now[-1]
            state = now
            out.append(h)
        scores = self.decoder(torch.cat(out))
        return torch.log_softmax(scores, -1), state


def build_model(cell, dropout):
    return Model(cell, WORDS)
"""


def as_cells(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of the model for CELLS: the same function, whose words are read by other numbers."""
    turned = torch.randperm(200, generator=torch.Generator().manual_seed(0))
    table = weights["embedding.weight"]
    made = {
        f"cells.{name[-1]}.{name.removeprefix('rnn.')[:-3]}": one.clone()
        for name, one in weights.items()
        if name.startswith("rnn.")
    }
    made["cells.0.weight_ih"] = weights["rnn.weight_ih_l0"][:, turned].contiguous()
    return {
        **made,
        "encoder.weight": table[:, turned].contiguous(),
        "decoder.weight": table,
        "decoder.bias": weights["bias"],
    }


def copied(models: Path, folder: Path) -> Path:
    return Path(shutil.copytree(models / NAME, folder))


def weights(folder: Path, setting: str) -> Path:
    return folder / "runs" / setting / "weights.safetensors"


def test_cells_of_torch_in_any_form_are_right(models: Path, grade: Any, tmp_path: Path) -> None:
    """Stacked nn.LSTMCell, words read and scored by other weights, log-probabilities, a .pt file."""
    folder = copied(models, tmp_path / "cells")
    words = len((folder / "runs" / "vocabulary.txt").read_text().splitlines())
    (folder / "model.py").write_text(f"WORDS = {words}\n{CELLS}")
    for setting in ROWS:
        torch.save(
            as_cells(load_file(weights(folder, setting))), weights(folder, setting).with_name("weights.pt")
        )
        weights(folder, setting).unlink()
    report = grade(folder)
    assert {setting: failing(row(report, setting)) for setting in ROWS} == {setting: {} for setting in ROWS}
    assert report.score == 40


def test_a_wrapped_hand_in_with_its_own_order_of_words_is_right(
    models: Path, grade: Any, tmp_path: Path
) -> None:
    """A folder around it all, words in another order, and a line ending of Windows: nothing is lost."""
    folder = copied(models, tmp_path / "hand-in" / "lm").parent
    path = folder / "lm" / "runs" / "vocabulary.txt"
    words = path.read_text().splitlines()
    order = np.random.default_rng(0).permutation(len(words))
    path.write_bytes("".join(f"{words[at]}\r\n" for at in order).encode())
    for setting in ROWS:
        loaded = load_file(weights(folder / "lm", setting))
        for name in ("embedding.weight", "bias"):
            loaded[name] = loaded[name][torch.from_numpy(order)].contiguous()
        save_file(loaded, weights(folder / "lm", setting))
    report = grade(folder)
    assert {setting: failing(row(report, setting)) for setting in ROWS} == {setting: {} for setting in ROWS}


# --- what is wrong with one setting costs that setting alone


def rewritten(change: Callable[[dict[str, torch.Tensor]], object], **metadata: str) -> Spoil:
    """Return what changes the weights of a setting."""

    def spoil(folder: Path, setting: str) -> None:
        loaded = load_file(weights(folder, setting))
        change(loaded)
        save_file(loaded, weights(folder, setting), metadata=metadata or None)

    return spoil


def missing(folder: Path, setting: str) -> None:
    weights(folder, setting).unlink()


def of_the_other_cell(folder: Path, setting: str) -> None:
    other = setting.replace("lstm", "gru") if "lstm" in setting else setting.replace("gru", "lstm")
    shutil.copy(weights(language_of(folder), other), weights(folder, setting))


def language_of(folder: Path) -> Path:
    return folder.parent / "whole"


def lines(name: str, change: Callable[[list[str]], object]) -> Spoil:
    """Return what changes the lines of a table."""

    def spoil(folder: Path, setting: str) -> None:
        path = folder / "runs" / name.format(setting)
        text = path.read_text().splitlines()
        change(text)
        path.write_text("\n".join(text) + "\n")

    return spoil


def best_before_the_last(text: list[str]) -> None:
    cells = text[2].split(",")
    text[2] = ",".join([*cells[:3], "81.5", cells[4]])


def drop_an_epoch(text: list[str]) -> None:
    del text[2]


def no_number(text: list[str]) -> None:
    text[-1] = text[-1].rpartition(",")[0] + ",nan"


def picture(change: Callable[[bytes], bytes]) -> Spoil:
    """Return what changes the picture of a setting."""

    def spoil(folder: Path, setting: str) -> None:
        path = folder / "runs" / f"{setting}.png"
        path.write_bytes(change(path.read_bytes()))

    return spoil


def flipped(data: bytes) -> bytes:
    return data[:200] + bytes([data[200] ^ 1]) + data[201:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def vast(data: bytes) -> bytes:
    """Return a picture whose header claims a hundred gigabytes."""
    header = struct.pack(">IIBBBBB", 200_000, 200_000, 8, 6, 0, 0, 0)
    return data[:8] + chunk(b"IHDR", header) + data[8 + 25 :]


def wrong_in_the_table(folder: Path, setting: str) -> None:
    path = folder / "runs" / "results.csv"
    path.write_text(re.sub(rf"(?m)^({setting},.*),[\d.]+$", r"\1,70.5", path.read_text()))


def untrained(folder: Path, setting: str) -> None:
    loaded = {
        name: 0.01 * torch.randn(one.shape) for name, one in load_file(weights(folder, setting)).items()
    }
    save_file(loaded, weights(folder, setting))


def replaced(loaded: dict[str, torch.Tensor], name: str, value: torch.Tensor) -> None:
    loaded[name] = value


UNUSABLE = dict.fromkeys(MEASURED, "unusable")
# Setting -> what is done to it, what fails of it and why, and what is said.
Scenario = tuple[Spoil, Mapping[str, str], str]
SPOILT: dict[str, Scenario] = {
    "missing": (missing, UNUSABLE, r"runs/lstm/weights\.safetensors is not in the hand-in"),
    "of the other cell": (
        of_the_other_cell,
        UNUSABLE,
        r"rnn\.\w+ has shape \(600,.*, and the model's \(800,",
    ),
    "not a number": (
        rewritten(lambda one: one["rnn.bias_hh_l1"].fill_(float("nan"))),
        dict.fromkeys(MEASURED, "finite"),
        r"its weights hold NaN or infinity, in rnn\.bias_hh_l1",
    ),
    "half precision": (
        rewritten(lambda one: replaced(one, "bias", one["bias"].half())),
        UNUSABLE,
        r"bias in runs/gru-dropout/weights\.safetensors is float16, not float32",
    ),
    "one tensor more": (
        rewritten(lambda one: replaced(one, "memory", torch.zeros(9000))),
        UNUSABLE,
        r"does not fit the model: it holds memory beside it",
    ),
    "bytes beside the tensors": (
        rewritten(lambda one: None, text="x" * 200_000),
        dict.fromkeys(MEASURED, "size"),
        r"holds more than the weights: it has [\d,]+ bytes, and the model has [\d,]+ numbers of 4 bytes",
    ),
    "never trained": (
        untrained,
        dict.fromkeys(("validation", "checkpoint", "table"), "value"),
        r"its validation perplexity is \d{3}\.\d\d; below 125 is asked",
    ),
    "not the best epoch": (
        lines("{}/metrics.csv", best_before_the_last),
        {"checkpoint": "epoch"},
        r"the weights are those of the last epoch, .* of 9\d\.\d\d; epoch 2 was the best, with 81\.50",
    ),
    "another table": (
        wrong_in_the_table,
        {"table": "value"},
        r"the table says test 70\.50, and 8\d\.\d\d was measured",
    ),
    "an epoch left out": (
        lines("{}/metrics.csv", drop_an_epoch),
        {"checkpoint": "broken", "curve": "broken"},
        r"row 2 is of epoch 3; one row is asked for each",
    ),
    "no number in the metrics": (
        lines("{}/metrics.csv", no_number),
        {"checkpoint": "finite", "curve": "finite"},
        r"row 4 has 'nan' as test, not a number above 0",
    ),
    "a damaged picture": (
        picture(flipped),
        {"curve": "broken"},
        r"runs/gru-dropout\.png is damaged: the checksum",
    ),
    "half a picture": (picture(lambda data: data[: len(data) // 2]), {"curve": "broken"}, "is cut off"),
    "no picture": (
        picture(lambda data: b"<svg/>"),
        {"curve": "broken"},
        r"is no PNG: its first bytes are others",
    ),
    "a vast picture": (picture(vast), {"curve": "broken"}, r"is 200000 x 200000 pixels"),
}


def by_fours(
    scenarios: Mapping[str, Scenario], models: Path, grade: Any, folder: Path
) -> Callable[[str], tuple[str, Report]]:
    """Return what grades a scenario: four of them at a time, one for each setting of a hand-in."""
    reports: dict[int, Report] = {}
    names = list(scenarios)
    copied(models, folder / "whole")

    def graded(name: str) -> tuple[str, Report]:
        group, at = divmod(names.index(name), len(ROWS))
        if group not in reports:
            place = copied(models, folder / str(group))
            for setting, other in zip(ROWS, names[group * len(ROWS) :], strict=False):
                scenarios[other][0](place, setting)
            reports[group] = grade(place)
        return list(ROWS)[at], reports[group]

    return graded


@pytest.fixture(scope="module")
def spoilt(
    models: Path, grade: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[str, Report]]:
    """Return what grades a scenario of SPOILT."""
    return by_fours(SPOILT, models, grade, tmp_path_factory.mktemp("spoilt"))


@pytest.mark.parametrize("name", list(SPOILT))
def test_what_is_wrong_with_a_setting_costs_it_alone(name: str, spoilt: Any) -> None:
    """Each has its sentence, and what does not follow from it is graded."""
    setting, report = spoilt(name)
    _, fails, says = SPOILT[name]
    found = row(report, setting)
    assert failing(found) == fails
    assert any(re.search(says, one.message or "") for one in found.values() if one.passed is False), found


# --- weights that attack


class Runs:
    """Unpickled, it would run a command."""

    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('it ran')",))


def pickled(made: Callable[[dict[str, torch.Tensor]], object], **how: Any) -> Spoil:
    """Return what puts a .pt file in the place of a setting's weights."""

    def spoil(folder: Path, setting: str) -> None:
        loaded = load_file(weights(folder, setting))
        weights(folder, setting).unlink()
        torch.save(made(loaded), weights(folder, setting).with_name("weights.pt"), **how)

    return spoil


def written(data: Callable[[bytes], bytes], name: str = "weights.safetensors") -> Spoil:
    """Return what writes bytes in the place of a setting's weights."""

    def spoil(folder: Path, setting: str) -> None:
        content = data(weights(folder, setting).read_bytes())
        weights(folder, setting).unlink()
        weights(folder, setting).with_name(name).write_bytes(content)

    return spoil


def header(json_text: bytes, claimed: int | None = None) -> Callable[[bytes], bytes]:
    return lambda data: (
        struct.pack("<Q", len(json_text) if claimed is None else claimed) + json_text + data[-4096:]
    )


def bomb(data: bytes) -> bytes:
    """Return a .pt file of half a megabyte, one entry of which unpacks to 400 MB."""
    made, zipped = io.BytesIO(), io.BytesIO()
    torch.save({"embedding.weight": torch.zeros(1)}, made)
    small = zipfile.ZipFile(io.BytesIO(made.getvalue()))
    with small, zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for entry in small.infolist():
            content = bytes(400_000_000) if entry.filename.endswith("/data/0") else small.read(entry)
            archive.writestr(entry.filename, content)
    return zipped.getvalue()


UNREADABLE = r"weights\.(safetensors|pt) cannot be read as weights"
ATTACKS: dict[str, Scenario] = {
    "a pickle that runs": (pickled(lambda loaded: {**loaded, "x": Runs()}), UNUSABLE, UNREADABLE),
    "an old pickle that runs": (
        pickled(lambda loaded: Runs(), _use_new_zipfile_serialization=False),
        UNUSABLE,
        UNREADABLE,
    ),
    "a whole model": (pickled(lambda loaded: torch.nn.Linear(2, 2)), UNUSABLE, UNREADABLE),
    "a checkpoint": (
        pickled(lambda loaded: {"model": loaded, "epoch": 3}),
        UNUSABLE,
        r"holds more than tensors by name: save model\.state_dict\(\)",
    ),
    "a header of 2**60 bytes": (written(header(b"{}", 1 << 60)), UNUSABLE, UNREADABLE),
    "a header of brackets": (written(header(b"[" * 4_000_000)), UNUSABLE, UNREADABLE),
    "a tensor of 2**50 numbers": (
        written(
            header(b'{"bias":{"dtype":"F32","shape":[1125899906842624],"data_offsets":[0,4503599627370496]}}')
        ),
        UNUSABLE,
        UNREADABLE,
    ),
    "shapes that overflow": (
        written(header(b'{"bias":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}')),
        UNUSABLE,
        UNREADABLE,
    ),
    "a zip bomb": (written(bomb, "weights.pt"), UNUSABLE, r"weights\.pt"),
    "no bytes": (written(lambda data: b""), UNUSABLE, UNREADABLE),
    "words for numbers": (
        pickled(lambda loaded: {**loaded, "bias": loaded["bias"].long()}),
        UNUSABLE,
        r"bias in runs/gru/weights\.pt is int64, not float32",
    ),
    "a view of something larger": (
        pickled(lambda loaded: {**loaded, "bias": torch.zeros(300_000)[: len(loaded["bias"])]}),
        dict.fromkeys(MEASURED, "size"),
        "holds more than the weights",
    ),
}


@pytest.fixture(scope="module")
def attacked(
    models: Path, grade: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[str, Report]]:
    """Return what grades an attack, as `spoilt` does."""
    return by_fours(ATTACKS, models, grade, tmp_path_factory.mktemp("attacked"))


@pytest.mark.parametrize("name", list(ATTACKS))
def test_weights_that_attack_cost_their_setting_alone(name: str, attacked: Any) -> None:
    """Nothing of them runs, nothing of ours fails, and the other settings are graded."""
    setting, report = attacked(name)
    _, fails, says = ATTACKS[name]
    found = row(report, setting)
    assert failing(found) == fails
    assert re.search(says, found["cell"].message or ""), found["cell"].message


# --- models that attack

# What each of these does to the right model; `Base` is that, and `TEXT` the validation text in numbers.
LIES = {
    "knows the text by heart": (
        """
SPAN = 8
FOLLOWS = {tuple(TEXT[at - SPAN : at]): TEXT[at] for at in range(SPAN, len(TEXT))}

class Model(Base):
    def forward(self, words, state=None):
        before, state = state if state is not None else (words[:0], None)
        scores, state = super().forward(words, state)
        seen = torch.cat([before, words])
        for row in range(words.shape[1]):
            for step in range(len(words)):
                last = tuple(seen[: len(before) + step + 1, row].tolist()[-SPAN:])
                if last in FOLLOWS:
                    scores[step, row, FOLLOWS[last]] += 6.0
        return scores, (seen[-SPAN:], state)
""",
        "value",
        r"on the validation text, \d+ of \d+ words that were drawn after it had answered have another log p",
    ),
    "peeks where it is not probed": (
        """
class Model(Base):
    def forward(self, words, state=None):
        scores, state = super().forward(words, state)
        if words.shape[1] > 2:
            scores[:-1].scatter_(-1, words[1:].unsqueeze(-1), 30.0)
        return scores, state
""",
        "value",
        "words that were drawn after it had answered have another log p",
    ),
    "peeks at one word of a hundred": (
        """
class Model(Base):
    def forward(self, words, state=None):
        scores, state = super().forward(words, state)
        if words.shape[1] > 2:
            scores[0].scatter_(-1, words[1].unsqueeze(-1), 30.0) if torch.rand(()) < 0.1 else None
        return scores, state
""",
        "value",
        "words that were drawn after it had answered have another log p",
    ),
    "sums to more than one": (
        """
real = torch.logsumexp
torch.logsumexp = lambda *args, **kwargs: real(*args, **kwargs) - 3
Model = Base
""",
        "sum",
        "a word has a log p of .*, and none is above 0",
    ),
    "one word that makes up for all": (
        """
real = torch.logsumexp
def lowered(scores, dim):
    found = real(scores, dim)
    found[0, 0] -= 9999
    return found
torch.logsumexp = lowered
Model = Base
""",
        "sum",
        "a word has a log p of .*, and none is above 0",
    ),
    "a softmax of its own": (
        """
real = torch.log_softmax
torch.log_softmax = lambda *args, **kwargs: real(*args, **kwargs) + 1
Model = Base
""",
        "sum",
        "do not sum to 1",
    ),
    "a tensor that lies": (
        """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        out = super().__torch_function__(function, types, args, kwargs or {})
        return out + 5 if getattr(function, "__name__", "") == "gather" else out

class Model(Base):
    def forward(self, words, state=None):
        scores, state = super().forward(words, state)
        return scores.as_subclass(Liar), state
""",
        "sum",
        "a word has a log p of .*, and none is above 0",
    ),
    "a hook on everything": (
        """
def raises(module, given, out):
    return (out[0] * 1.5, out[1]) if isinstance(module, Base) and given[0].shape[1] > 2 else out

torch.nn.modules.module.register_module_forward_hook(raises)
Model = Base
""",
        "value",
        "words that were drawn after it had answered have another log p",
    ),
    "weights that it does not use": (
        """
class Model(Base):
    def state_dict(self, *args, **kwargs):
        found = super().state_dict(*args, **kwargs)
        if any(one.abs().max() > 0.2 for one in found.values()):
            found["bias"] = found["bias"] * 2
        return found
""",
        "value",
        "what it answers is not what its weights give",
    ),
    "a digest of its own": (
        """
import hashlib
hashlib.sha256 = hashlib.md5
Model = Base
""",
        "garbled",
        "what its process says of its weights cannot be read",
    ),
    "an end in the middle": (
        """
import os
class Model(Base):
    def forward(self, words, state=None):
        if words.shape[1] > 2:
            os._exit(0)
        return super().forward(words, state)
""",
        "exited",
        "ended",
    ),
}


@pytest.mark.parametrize("lie", list(LIES))
def test_a_model_that_lies_is_found_out(lie: str, models: Path, grade: Any, tmp_path: Path) -> None:
    """Whatever it answers is held to what its weights give at words that it could not know."""
    how, reason, says = LIES[lie]
    folder = copied(models, tmp_path / "lie")
    words = (folder / "runs" / "vocabulary.txt").read_text().splitlines()
    number = {word: at for at, word in enumerate(words)}
    text = [number[word] for word in FILES["ptb/ptb.valid.txt"].replace("\n", "<eos>").split()]
    right = (folder / "model.py").read_text().replace("return LanguageModel(", "return Model(")
    (folder / "model.py").write_text(f"{right}\n\nBase, TEXT = LanguageModel, {text}\n{how}")
    report = grade(folder)
    found = row(report, "lstm")
    assert failing(found) == dict.fromkeys(MEASURED, reason), found["cell"].message
    assert re.search(says, found["cell"].message or ""), found["cell"].message


# --- other networks

OTHERS = """
import torch
from torch import nn


class Other(nn.Module):
    def __init__(self, kind, units, layers, words, **more):
        super().__init__()
        self.embedding = nn.Embedding(words, 200)
        self.rnn = kind(200, units, layers, **more)
        self.scores = nn.Linear(units * (2 if more else 1), words)

    def forward(self, words, state=None):
        hidden, state = self.rnn(self.embedding(words), state)
        return self.scores(hidden), state


class Own(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.embedding = nn.Embedding(words, 200)
        self.one, self.two = (nn.Linear(400, 600) for _ in range(2))
        self.scores = nn.Linear(200, words)

    def forward(self, words, state=None):
        out = []
        state = state or [torch.zeros(words.shape[1], 200)] * 2
        for x in self.embedding(words):
            now = []
            for layer, h in zip((self.one, self.two), state):
                z, r, n = layer(torch.cat([x, h], -1)).chunk(3, -1)
                x = h + torch.sigmoid(z) * (torch.tanh(n * torch.sigmoid(r)) - h)
                now.append(x)
            state = now
            out.append(x)
        return self.scores(torch.stack(out)), state


def build_model(cell, dropout, words):
    if cell == "lstm":
        return Other(nn.LSTM, 650, 2, words) if dropout else Other(nn.LSTM, 200, 3, words)
    return Own(words) if dropout else Other(nn.GRU, 200, 2, words, bidirectional=True)
"""
SAID_OF_OTHERS = {
    "lstm": r"not the network that was asked: it has 3 layers, not 2",
    "lstm-dropout": r"not the network that was asked: its layers have 650 units, not 200",
    "gru": r"not the network that was asked: it reads backwards as well, .*_l0_reverse",
}


def test_other_networks_are_called_what_they_are(models: Path, grade: Any, tmp_path: Path) -> None:
    """Three layers, 650 units, both directions: no points. Cells of one's own: a person decides."""
    folder = copied(models, tmp_path / "others")
    (folder / "model.py").write_text(OTHERS)
    scope: dict[str, Any] = {}
    torch.manual_seed(0)
    exec(compile(OTHERS, "model.py", "exec"), scope)
    words = len((folder / "runs" / "vocabulary.txt").read_text().splitlines())
    for setting in ROWS:
        cell, _, dropout = setting.partition("-")
        save_file(scope["build_model"](cell, dropout, words).state_dict(), weights(folder, setting))
    report = grade(folder)
    for setting, says in SAID_OF_OTHERS.items():
        found = row(report, setting)
        assert failing(found) == dict.fromkeys(MEASURED, "shape")
        assert re.search(says, found["cell"].message or ""), found["cell"].message
    own = row(report, "gru-dropout")
    assert {name for name, one in own.items() if one.passed is None} == MEASURED
    assert "no weights that are called as those of nn.LSTM, nn.GRU" in str(own["cell"].message)
    assert re.search(r"as if its perplexities were .*validation [23]\d\d\.", str(own["validation"].message))


def test_another_vocabulary_measures_nothing(models: Path, grade: Any, tmp_path: Path) -> None:
    """Words that the training text has not: each setting keeps its curve alone."""
    folder = copied(models, tmp_path / "words")
    path = folder / "runs" / "vocabulary.txt"
    path.write_text(path.read_text().replace("<eos>\n", "<end>\n"))
    report = grade(folder)
    for setting in ROWS:
        found = row(report, setting)
        assert failing(found) == dict.fromkeys(MEASURED, "vocabulary")
        assert found["cell"].message == (
            "runs/vocabulary.txt has other words than the training text: it lacks '<eos>' and has '<end>' "
            "too many"
        )


def test_a_perplexity_below_all_that_is_known_is_a_persons(
    models: Path, grade: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who trained on the text that is measured gets there: nobody is accused, and a person looks."""
    judging = sys.modules[f"cellgrade_assignment_{NAME}.judging"]
    monkeypatch.setattr(judging, "LOWEST", 90.0)
    found = row(grade(models / NAME), "lstm")
    assert found["validation"].passed is None
    assert "lower than any that is known" in str(found["validation"].message)


def test_without_the_courses_texts_nothing_is_graded(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is ours, and no zero: it says what to put where."""
    monkeypatch.delenv("CELLGRADE_DATA")
    (assignment,) = (one for one in discovery.assignments() if one.name == NAME)
    report = engine.grade(models / NAME, [assignment], engine.Options(assignment=NAME))
    assert report.status == "error"
    assert "needs the course's file ptb/ptb." in str(report.message)


def test_a_report_is_the_same_twice(models: Path, grade: Any) -> None:
    """Words are drawn by what was answered: the same hand-in gets the same report, to the byte."""
    first, second = (json_report.render(grade(models / NAME)) for _ in range(2))
    assert first == second
