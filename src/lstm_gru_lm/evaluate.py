"""Measure the saved weights of each setting that has been trained: their perplexity on all three texts.

    python evaluate.py --data ptb
    python evaluate.py --data ptb --setting gru-dropout

prints a table; without --setting, it is in runs/results.csv too.
"""

import argparse
import csv
import json
import math
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch.nn import functional as F

from corpus import read_text, windows
from model import build_model

ROWS = 20  # pieces of a text that are read side by side, in training and here
COLUMNS = ["setting", "dropout", "epoch", "train", "validation", "test"]
SETTINGS = ["lstm", "lstm-dropout", "gru", "gru-dropout"]


def as_perplexity(loss):
    """e to a mean of -log p; infinite where that is more than a number can hold, or is none."""
    return math.exp(loss) if loss < 700 else math.inf


@torch.no_grad()
def perplexity(model, text, steps=35):
    """e to the mean of -log p(word), over all words of a text (length, rows) but the first of each row.

    Dropout is off, and the state is carried from the first word of a row to its last.
    """
    model.eval()
    total, state = 0.0, None
    for words, following in windows(text, steps):
        scores, state = model(words, state)
        total += F.cross_entropy(scores.flatten(0, 1), following.flatten(), reduction="sum").item()
    return as_perplexity(total / text[1:].numel())


def load(folder, words):
    """Return a setting's model with its saved weights, its settings, and the epoch of the weights."""
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    model = build_model(settings["cell"], settings["dropout"], words)
    weights = folder / "weights.safetensors"
    model.load_state_dict(load_file(weights))
    with safe_open(weights, "pt") as file:
        return model, settings, int(file.metadata()["epoch"])


def main():
    """Print a row of the table for each setting."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", required=True, type=Path, help="folder of ptb.train.txt, ptb.valid.txt and ptb.test.txt")
    add("--runs", default=Path("runs"), type=Path, help="folder that train.py wrote (default: runs)")
    add("--setting", choices=SETTINGS, help="only this one (default: all that have been trained)")
    add("--rows", default=ROWS, type=int, help="pieces of a text that are read side by side (default: 20)")
    add("--device", default="cpu", help="cpu or cuda (default: cpu)")
    add("--threads", type=int, default=torch.get_num_threads(), help="processor cores (default: all)")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)

    vocabulary = (wanted.runs / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    texts = [
        read_text(wanted.data / f"ptb.{name}.txt", vocabulary, wanted.rows).to(wanted.device)
        for name in ("train", "valid", "test")
    ]
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    results = []
    for setting in [wanted.setting] if wanted.setting else SETTINGS:
        folder = wanted.runs / setting
        if not (folder / "weights.safetensors").exists():
            print(f"| {setting} | not trained yet |")
            continue
        model, settings, epoch = load(folder, len(vocabulary))
        model.to(wanted.device)
        measured = [perplexity(model, text) for text in texts]
        results.append([setting, settings["dropout"], epoch, *measured])
        numbers = " | ".join(f"{one:.2f}" for one in measured)
        print(f"| {setting} | {settings['dropout']:g} | {epoch} | {numbers} |", flush=True)
    if not wanted.setting:
        with open(wanted.runs / "results.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *results])


if __name__ == "__main__":
    main()
