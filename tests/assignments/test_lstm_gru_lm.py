"""The language models of homework 003: trained, stopped, continued, measured and drawn, on a small text."""

from __future__ import annotations

import csv
import importlib
import json
import math
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

FOLDER = Path(__file__).parents[2] / "src" / "lstm_gru_lm"
COLUMNS = ["epoch", "learning_rate", "train", "validation", "test"]
WORDS = 50
# What suits a text as small as this one; one thread, so that tests side by side do not wait for each other.
SMALL = "--epochs 2 --learning-rate 2 --threads 1"
TRAINED = {"lstm", "lstm-dropout", "gru", "gru-dropout"}
STOPS = (signal.SIGINT, signal.SIGTERM)
# Runs a script, and at the n-th checkpoint, half of which is written, sends its own process a signal.
STRUCK = """
import os, runpy, sys, torch
number, moment, *sys.argv = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
save, checkpoints = torch.save, []
def struck(what, path):
    checkpoints.append(path)
    if len(checkpoints) == moment:
        path.write_bytes(b"half")
        os.kill(os.getpid(), number)
    save(what, path)
torch.save = struck
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def made_text(lines: int, rng: random.Random) -> str:
    """Lines of twelve words, some of them far more frequent than others."""
    words = [[f"w{int(WORDS * rng.random() ** 3)}" for _ in range(12)] for _ in range(lines)]
    return "".join(f" {' '.join(line)} \n" for line in words)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder laid out as the Penn Treebank's."""
    folder, rng = tmp_path_factory.mktemp("data"), random.Random(0)
    for name, lines in (("train", 600), ("valid", 100), ("test", 100)):
        (folder / f"ptb.{name}.txt").write_text(made_text(lines, rng))
    return folder


@pytest.fixture(scope="module")
def module() -> Iterator[Callable[[str], Any]]:
    """Yield Imports a module of the hand-in by its name, and forgets them all at the end."""
    names = {path.stem for path in FOLDER.glob("*.py")}
    assert not names & set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        yield importlib.import_module
    for name in names & set(sys.modules):
        del sys.modules[name]


@pytest.fixture(scope="module")
def run(module: Callable[[str], Any]) -> Iterator[Callable[[str], None]]:
    """Yield Runs a command such as `train.py --cell gru ...`, here, and leaves signals and threads as they
    were.
    """
    threads, handlers = torch.get_num_threads(), {one: signal.getsignal(one) for one in STOPS}

    def command(line: str) -> None:
        script, *options = shlex.split(line)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [script, *options])
            module(script.removesuffix(".py")).main()

    yield command
    torch.set_num_threads(threads)
    for one, handler in handlers.items():
        signal.signal(one, handler)


@pytest.fixture(scope="module")
def runs(data: Path, run: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the commands of the readme leave, on the small text."""
    folder = tmp_path_factory.mktemp("homework")
    (folder / "ptb").symlink_to(data)
    for path in (*FOLDER.glob("*.py"), FOLDER / "README.md"):
        shutil.copy(path, folder)
    blocks = re.findall(r"^```sh\n(.*?)^```", (FOLDER / "README.md").read_text(), re.M | re.S)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in "".join(blocks).splitlines():
            if line.startswith("pip install -r "):
                assert (FOLDER / line.split()[-1]).exists()
                continue
            if line.startswith("tar "):
                subprocess.run(["bash", "-c", line], check=True)
                continue
            script = line.removeprefix("python ")
            assert script != line, "a command of another kind: let it run here too"
            run(f"{script} {SMALL}" if script.startswith("train.py") else script)
    return folder / "runs"


def struck(command: str, number: int, moment: int) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own, which gets a signal amid a checkpoint; what became of it."""
    script, *options = shlex.split(command)
    strike = [STRUCK, str(number), str(moment), str(FOLDER / script)]
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", *strike, *options], capture_output=True, text=True
    )


def metrics(folder: Path) -> list[dict[str, float]]:
    with open(folder / "metrics.csv", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return [{name: float(value) for name, value in row.items()} for row in reader]


# --- the model


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_model_is_two_layers_of_200_units_of_the_cell_that_was_asked(cell: str, module: Any) -> None:
    """And it has no other matrix than the vectors of the words."""
    model = module("model").build_model(cell, 0.5)
    gates = {"lstm": 4, "gru": 3}[cell]
    of_a_cell: list[tuple[int, ...]] = [
        (200 * gates, 200),
        (200 * gates, 200),
        (200 * gates,),
        (200 * gates,),
    ]
    assert type(model.rnn) is {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    shapes = sorted(tuple(weights.shape) for weights in model.parameters())
    assert shapes == sorted([(10_000,), (10_000, 200), *of_a_cell, *of_a_cell])


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_model_knows_what_was_before_and_not_what_comes(cell: str, module: Any) -> None:
    """Its state carries over from text to text, and later words change no earlier score."""
    torch.manual_seed(0)
    model = module("model").build_model(cell, 0.5, WORDS).eval()
    text = torch.randint(WORDS, (12, 3))
    scores, _ = model(text)
    first, state = model(text[:5])
    then, _ = model(text[5:], state)
    torch.testing.assert_close(torch.cat([first, then]), scores)
    changed = text.clone()
    changed[5:] = (text[5:] + 1) % WORDS
    torch.testing.assert_close(model(changed)[0][:5], scores[:5])
    assert not torch.allclose(model(changed)[0][5:], scores[5:])


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_dropout_acts_at_all_three_places_and_only_in_training(cell: str, module: Any) -> None:
    """On the words that are read, between the layers, and on what is scored; never when measuring."""
    torch.manual_seed(0)
    model, text = module("model").build_model(cell, 0.5, WORDS), torch.randint(WORDS, (12, 3))
    read = []
    model.rnn.register_forward_pre_hook(lambda rnn, inputs: read.append(inputs[0]))
    hidden, _ = model.read(text)
    for dropped in (read[0], hidden):
        assert (dropped == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert model.rnn.dropout == 0.5
    model.eval()
    torch.testing.assert_close(model(text)[0], model(text)[0], rtol=0, atol=0)


# --- the text


def test_a_text_is_its_words_and_an_end_for_each_line(module: Any, tmp_path: Path) -> None:
    """Numbered by frequency, cut into rows, and walked through in windows that leave nothing out."""
    corpus = module("corpus")
    (tmp_path / "ptb.train.txt").write_text(" b a b \n c b b \n")
    vocabulary = corpus.read_vocabulary(tmp_path)
    assert vocabulary == ["b", "<eos>", "a", "c"]
    text = corpus.read_text(tmp_path / "ptb.train.txt", vocabulary, rows=2)
    assert text.tolist() == [[0, 3], [2, 0], [0, 0], [1, 1]]
    walked = [(words.tolist(), following.tolist()) for words, following in corpus.windows(text, 2)]
    assert walked == [([[0, 3], [2, 0]], [[2, 0], [0, 0]]), ([[0, 0]], [[1, 1]])]


def test_a_word_that_was_never_seen_is_named(data: Path, module: Any, tmp_path: Path) -> None:
    """A text that does not belong to the vocabulary ends in a sentence."""
    vocabulary = module("corpus").read_vocabulary(data)
    (tmp_path / "ptb.test.txt").write_text(" w1 zebra \n")
    with pytest.raises(SystemExit, match=r"ptb\.test\.txt has the word 'zebra', which is not in the trai"):
        module("corpus").read_text(tmp_path / "ptb.test.txt", vocabulary, rows=1)


# --- training


def test_the_commands_of_the_readme_train_and_draw_all_four_settings(runs: Path) -> None:
    """Each leaves weights, metrics, settings and a picture; the vocabulary is that of the text."""
    assert {path.parent.name for path in runs.glob("*/weights.safetensors")} == TRAINED
    assert {path.parent.name for path in runs.glob("*/settings.json")} == TRAINED
    assert {path.stem for path in runs.glob("*.png")} == TRAINED
    words = ["<eos>", *(f"w{i}" for i in range(WORDS))]
    assert sorted((runs / "vocabulary.txt").read_text().splitlines()) == sorted(words)


def test_the_archive_is_what_the_statement_asks_for(runs: Path) -> None:
    """The command of the readme packs all that is handed in, and no checkpoint."""
    with tarfile.open(runs.parent / "handin.tar") as archive:
        names = set(archive.getnames())
    of_each = ("weights.safetensors", "metrics.csv")
    wanted = {f"runs/{setting}/{name}" for setting in TRAINED for name in of_each}
    wanted |= {f"runs/{setting}.png" for setting in TRAINED}
    assert names >= {"model.py", "README.md", "runs/vocabulary.txt", "runs/results.csv", *wanted}
    assert not [name for name in names if "checkpoint" in name or "ptb" in name]


@pytest.mark.parametrize("setting", sorted(TRAINED))
def test_training_learns(setting: str, runs: Path) -> None:
    """Each epoch is measured; the second is better, and better than a guess, but no better than can be."""
    first, second = metrics(runs / setting)
    assert (first["epoch"], second["epoch"]) == (1, 2)
    assert second["train"] < first["train"]
    assert second["validation"] < first["validation"] < WORDS
    assert 10 < second["test"] < WORDS


@pytest.mark.parametrize(("cell", "dropout"), [("lstm", 0.2), ("gru", 0.0)])
def test_a_training_that_is_stopped_ends_as_one_that_is_not(
    cell: str, dropout: float, data: Path, runs: Path, run: Any, tmp_path: Path
) -> None:
    """Killed amid a checkpoint in the first epoch, Ctrl-C in the second; then the same bytes as without."""
    setting = cell + ("-dropout" if dropout else "")
    options = f"--data {data} --out {tmp_path} --save-every 0 {SMALL}"
    command = f"train.py --cell {cell} --dropout {dropout} {options}"

    def place() -> tuple[int, int]:
        checkpoint = torch.load(tmp_path / setting / "checkpoint.pt", weights_only=True)
        return checkpoint["epoch"], checkpoint["window"]

    killed = struck(command, signal.SIGKILL, 4)
    assert (killed.returncode, place()) == (-signal.SIGKILL, (1, 3)), killed.stderr
    interrupted = struck(command, signal.SIGINT, 13)
    assert (interrupted.returncode, place()) == (1, (2, 3)), interrupted.stderr
    assert interrupted.stderr.endswith("\nStopped. The same command goes on from here.\n")
    run(command)
    assert (tmp_path / setting / "metrics.csv").read_bytes() == (runs / setting / "metrics.csv").read_bytes()
    now, then = (load_file(folder / setting / "weights.safetensors") for folder in (tmp_path, runs))
    assert now.keys() == then.keys()
    assert all(torch.equal(now[name], then[name]) for name in now)


def test_a_file_is_replaced_and_never_written_to(module: Any, tmp_path: Path) -> None:
    """Who has the old one open reads it to its end; at no moment is a half of the new one there."""
    path = tmp_path / "checkpoint.pt"
    path.write_text("old")
    with open(path) as old:
        with module("training").replacing(path) as new:
            new.write_text("new")
            assert path.read_text() == "old"
        assert old.read() == "old"
    assert path.read_text() == "new"


def test_a_training_does_not_go_on_as_another(data: Path, runs: Path, run: Any) -> None:
    """Another dropout or seed in the same folder is refused by name, and nothing is overwritten."""
    before = (runs / "lstm-dropout" / "settings.json").read_bytes()
    refused = r"was trained with dropout 0\.2, not 0\.5, seed 1, not 2: name another --out"
    with pytest.raises(SystemExit, match=refused):
        run(f"train.py --cell lstm --dropout 0.5 --seed 2 --data {data} --out {runs} {SMALL}")
    assert (runs / "lstm-dropout" / "settings.json").read_bytes() == before


def test_the_learning_rate_stays_and_then_shrinks(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For `hold` epochs it is as given, and then smaller by `decay` in each."""
    line = "train.py --cell gru --dropout 0.2 --data ptb --learning-rate 8 --hold 2 --decay 0.5"
    monkeypatch.setattr(sys, "argv", line.split())
    wanted = module("train").arguments()
    assert [module("train").learning_rate(wanted, epoch) for epoch in (1, 2, 3, 4)] == [8, 8, 4, 2]


# --- measuring and drawing


def test_perplexity_is_what_it_is_defined_as(module: Any) -> None:
    """e to the mean of -log p, whatever the windows: each word once, the state carried, no dropout."""
    torch.manual_seed(0)
    model, text = module("model").build_model("lstm", 0.5, WORDS), torch.randint(WORDS, (101, 4))
    measured = module("evaluate").perplexity(model, text, steps=7)
    log_p = F.log_softmax(model.eval()(text[:-1])[0], -1)
    chosen = [log_p[t, row, text[t + 1, row]].item() for t in range(100) for row in range(4)]
    assert measured == pytest.approx(math.exp(-sum(chosen) / 400), rel=1e-5)


def test_the_saved_weights_have_the_best_validation_perplexity(runs: Path) -> None:
    """results.csv has what was measured of them: what metrics.csv says of the epoch with the lowest."""
    with open(runs / "results.csv", newline="") as file:
        results = {row["setting"]: row for row in csv.DictReader(file)}
    assert set(results) == TRAINED
    for setting, result in results.items():
        best = min(metrics(runs / setting), key=lambda row: row["validation"])
        assert float(result["epoch"]) == best["epoch"]
        for text in ("validation", "test"):
            assert float(result[text]) == pytest.approx(best[text], rel=1e-5)


def test_worse_epochs_do_not_replace_the_weights(data: Path, run: Any, tmp_path: Path) -> None:
    """The table is of the epoch that validation chose, here the first; then all goes astray, to infinity."""
    options = f"--data {data} --out {tmp_path} --threads 1 --epochs 3 --learning-rate 2 --hold 1 --decay 500"
    run(f"train.py --cell gru --dropout 0 {options}")
    first, *later = metrics(tmp_path / "gru")
    assert all(row["validation"] > first["validation"] for row in later)
    run(f"evaluate.py --data {data} --runs {tmp_path} --threads 1")
    with open(tmp_path / "results.csv", newline="") as file:
        (result,) = csv.DictReader(file)
    assert result["epoch"] == "1"
    assert float(result["validation"]) == pytest.approx(first["validation"], rel=1e-5)


def test_what_was_not_trained_is_said(run: Any, data: Path, runs: Path, tmp_path: Path, capsys: Any) -> None:
    """By the table and by the pictures; neither fails for it."""
    (tmp_path / "vocabulary.txt").write_text((runs / "vocabulary.txt").read_text())
    run(f"evaluate.py --data {data} --runs {tmp_path} --setting gru --threads 1")
    assert "| gru | not trained yet |" in capsys.readouterr().out
    run(f"plots.py --runs {tmp_path}")
    assert "gru-dropout has not been trained yet" in capsys.readouterr().out


def test_a_graph_says_what_it_shows(runs: Path, module: Any) -> None:
    """Heading with learning rate and dropout, labels, three curves, and whether it is finished."""
    settings = json.loads((runs / "lstm-dropout" / "settings.json").read_text())
    plots = module("plots")
    (axes,) = plots.draw(settings, plots.read_metrics(runs / "lstm-dropout")).axes
    assert "LSTM with dropout 0.2\nlearning rate 2, " in axes.get_title()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "perplexity")
    assert {line.get_label().split(",")[0] for line in axes.lines} >= {"train", "test", "validation"}
    assert "unfinished: 2 of 9 epochs" in plots.heading({**settings, "epochs": 9}, 2)
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n") for path in runs.glob("*.png"))


# --- what a real run gave

RESULTS = FOLDER / "results"


@pytest.mark.parametrize("setting", sorted(TRAINED))
def test_the_table_of_the_readme_is_what_was_measured(setting: str) -> None:
    """Its row is that of results.csv, where training's own best epoch and its two other perplexities are."""
    dropout = json.loads((RESULTS / setting / "settings.json").read_text())["dropout"]
    best = min(metrics(RESULTS / setting), key=lambda row: row["validation"])
    with open(RESULTS / "results.csv", newline="") as file:
        (found,) = (row for row in csv.DictReader(file) if row["setting"] == setting)
    assert int(found["epoch"]) == best["epoch"]
    for text in ("validation", "test"):
        assert float(found[text]) == pytest.approx(best[text], abs=0.01)
    numbers = " | ".join(f"{float(found[text]):.2f}" for text in ("train", "validation", "test"))
    row = f"| {setting} | {dropout:g} | {best['epoch']:.0f} | {numbers} |"
    assert row in (FOLDER / "README.md").read_text().splitlines()


@pytest.mark.parametrize("setting", sorted(TRAINED))
def test_what_is_not_finished_is_called_so(setting: str) -> None:
    """A setting that has not had all its epochs is named with both numbers; each has its graph."""
    readme = (FOLDER / "README.md").read_text()
    assert f"](results/{setting}.png)" in readme
    assert (RESULTS / f"{setting}.png").read_bytes().startswith(b"\x89PNG\r\n")
    settings = json.loads((RESULTS / setting / "settings.json").read_text())
    done = len(metrics(RESULTS / setting))
    said = f"`{setting}` is unfinished: {done} of {settings['epochs']} epochs" in readme
    assert said == (done < settings["epochs"])
