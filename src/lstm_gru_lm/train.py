"""Train one setting; if it was stopped before, go on from there.

    python train.py --cell lstm --dropout 0 --data ptb
    python train.py --cell gru --dropout 0.3 --data ptb

writes, in runs/lstm, runs/lstm-dropout, runs/gru or runs/gru-dropout:

    weights.safetensors   the weights of the epoch with the best validation perplexity
    metrics.csv           learning rate and perplexities of each epoch
    settings.json         what it was trained with
    checkpoint.pt         where it is
"""

import argparse
import csv
import json
import math
import signal
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from tqdm import tqdm

from corpus import read_text, read_vocabulary, windows
from evaluate import ROWS, perplexity
from model import build_model
from training import STEPS, Training, replacing

COLUMNS = ["epoch", "learning_rate", "train", "validation", "test"]

# Gradient descent with a learning rate that stays for `hold` epochs and then shrinks by `decay` in each.
# Without dropout, more epochs would only overfit; with it, they pay for longer. A GRU wants smaller steps.
RECIPES = {
    ("lstm", False): {"epochs": 6, "learning_rate": 20.0, "hold": 3, "decay": 0.5},
    ("gru", False): {"epochs": 7, "learning_rate": 10.0, "hold": 4, "decay": 0.5},
    ("lstm", True): {"epochs": 12, "learning_rate": 20.0, "hold": 4, "decay": 0.7},
    ("gru", True): {"epochs": 18, "learning_rate": 10.0, "hold": 7, "decay": 0.75},
}
SETTINGS = ["cell", "dropout", *RECIPES["lstm", True], "seed", "bf16"]


def arguments():
    """Return what the command line says; what it leaves open, as the recipe has it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--cell", required=True, choices=["lstm", "gru"])
    add("--dropout", required=True, type=float, metavar="P", help="probability of dropping a value")
    add("--data", required=True, type=Path, help="folder of ptb.train.txt, ptb.valid.txt and ptb.test.txt")
    add("--out", default=Path("runs"), type=Path, help="folder for all settings (default: runs)")
    add("--device", default="cpu", help="cpu or cuda (default: cpu)")
    add("--threads", type=int, default=torch.get_num_threads(), help="processor cores (default: all)")
    add("--bf16", action="store_true", help="score in bfloat16: twice as fast where the processor has it")
    add("--save-every", type=float, default=180, metavar="SECONDS", help="between checkpoints (default: 180)")
    add("--seed", type=int, default=1)
    add("--epochs", type=int)
    add("--learning-rate", type=float)
    add("--hold", type=int, metavar="EPOCHS", help="how long the learning rate stays as it is")
    add("--decay", type=float, metavar="FACTOR", help="of the learning rate, for each epoch after those")
    wanted = parser.parse_args()
    for name, value in RECIPES[wanted.cell, wanted.dropout > 0].items():
        if getattr(wanted, name) is None:
            setattr(wanted, name, value)
    return wanted


def learning_rate(wanted, epoch):
    """Return the learning rate in an epoch, the first being 1."""
    return wanted.learning_rate * wanted.decay ** max(0, epoch - wanted.hold)


def write(path, text):
    """Write a small file, in one go."""
    with replacing(path) as new:
        new.write_text(text, encoding="utf-8")


def write_settings(folder, wanted):
    """Write settings.json, unless what has been trained in the folder was trained with others."""
    settings = {name: getattr(wanted, name) for name in SETTINGS}
    path = folder / "settings.json"
    if (folder / "checkpoint.pt").exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        changed = [name for name in SETTINGS if name != "epochs" and before[name] != settings[name]]
        if changed:
            said = ", ".join(f"{name} {before[name]}, not {settings[name]}" for name in changed)
            raise SystemExit(f"{folder} was trained with {said}: name another --out, or delete this folder")
    write(path, json.dumps(settings, indent=2) + "\n")


def write_metrics(path, metrics):
    """Write metrics.csv, a row for each epoch."""
    with replacing(path) as new, open(new, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(metrics)


def progress(training, bar):
    """Move the bar on after a window, and stop if Ctrl-C was pressed or `kill` was called."""
    signals = []
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda number, frame: signals.append(number))

    def step(perplexity_now):
        bar.set_postfix(epoch=training.epoch, perplexity=f"{perplexity_now:.0f}", refresh=False)
        bar.update()
        if signals:
            training.save()
            bar.close()
            raise SystemExit("Stopped. The same command goes on from here.")

    return step


def main():
    """Train until the last epoch has been measured."""
    wanted = arguments()
    torch.set_num_threads(wanted.threads)
    torch.manual_seed(wanted.seed)
    folder = wanted.out / (wanted.cell + ("-dropout" if wanted.dropout else ""))
    folder.mkdir(parents=True, exist_ok=True)
    write_settings(folder, wanted)

    vocabulary = read_vocabulary(wanted.data)
    write(wanted.out / "vocabulary.txt", "".join(f"{word}\n" for word in vocabulary))
    train, validation, test = (
        read_text(wanted.data / f"ptb.{name}.txt", vocabulary, ROWS).to(wanted.device)
        for name in ("train", "valid", "test")
    )
    model = build_model(wanted.cell, wanted.dropout, len(vocabulary)).to(wanted.device)
    training = Training(model, folder / "checkpoint.pt", wanted.save_every, wanted.bf16)
    if training.checkpoint.exists():
        training.load()

    count = sum(1 for _ in windows(train, STEPS))
    done = (training.epoch - 1) * count + training.window
    with tqdm(total=wanted.epochs * count, initial=done, desc=folder.name, unit="window") as bar:
        step = progress(training, bar)
        while training.epoch <= wanted.epochs:
            started = time.monotonic()
            rate = learning_rate(wanted, training.epoch)
            row = {
                "epoch": training.epoch,
                "learning_rate": rate,
                "train": training.run_epoch(train, rate, step),
                "validation": perplexity(model, validation),
                "test": perplexity(model, test),
            }
            if row["validation"] < min((old["validation"] for old in training.metrics), default=math.inf):
                with replacing(folder / "weights.safetensors") as new:
                    save_file(model.state_dict(), new, metadata={"epoch": str(training.epoch)})
            write_metrics(folder / "metrics.csv", [*training.metrics, row])
            training.end_epoch(row)
            bar.write(
                f"{folder.name}  epoch {row['epoch']:2}  learning rate {rate:7.4f}  perplexity: train "
                f"{row['train']:.2f}  validation {row['validation']:.2f}  test {row['test']:.2f}  "
                f"({time.monotonic() - started:.0f} s)"
            )


if __name__ == "__main__":
    main()
