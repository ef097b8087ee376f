"""Draw how each setting that has been trained converged, from its metrics.csv.

    python plots.py
    python plots.py --runs runs --out results

writes lstm.png, lstm-dropout.png, gru.png and gru-dropout.png.
"""

import argparse
import csv
import json
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from evaluate import SETTINGS


def read_metrics(folder):
    """Return the columns of metrics.csv: name -> numbers, one for each epoch."""
    with open(folder / "metrics.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def heading(settings, epochs):
    """Return what was trained, how, and whether it is done."""
    dropout = f"with dropout {settings['dropout']:g}" if settings["dropout"] else "without dropout"
    planned = settings["epochs"]
    unfinished = f" (unfinished: {epochs} of {planned} epochs)" if epochs < planned else ""
    rate = f"learning rate {settings['learning_rate']:g}, × {settings['decay']:g} in each epoch"
    return (
        f"Penn Treebank, {settings['cell'].upper()} {dropout}{unfinished}\n"
        f"{rate} after the first {settings['hold']}"
    )


def draw(settings, metrics):
    """Draw the perplexities over the epochs, and which epoch the validation text chose."""
    epochs, validation = metrics["epoch"], metrics["validation"]
    best = validation.index(min(validation))
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot(
        title=heading(settings, len(epochs)), xlabel="epoch", ylabel="perplexity", yscale="log"
    )
    on_the_way = "train, as it went" + (", dropout on" if settings["dropout"] else "")
    axes.plot(epochs, metrics["train"], "o-", label=on_the_way)
    axes.plot(epochs, metrics["test"], "s-", label="test")
    axes.plot(epochs, validation, "--", color="gray", label="validation")
    chosen = f"chosen: epoch {epochs[best]:.0f}, validation {validation[best]:.2f}"
    axes.plot(epochs[best], validation[best], "*", color="black", markersize=12, label=chosen)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(ScalarFormatter())
    axes.grid(which="both", alpha=0.3)
    axes.legend()
    return figure


def main():
    """Write a PNG for each setting."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", default=Path("runs"), type=Path, help="what train.py wrote (default: runs)")
    parser.add_argument("--out", type=Path, help="folder for the pictures (default: that of --runs)")
    wanted = parser.parse_args()
    out = wanted.out or wanted.runs
    out.mkdir(parents=True, exist_ok=True)
    for setting in SETTINGS:
        folder = wanted.runs / setting
        if (folder / "metrics.csv").exists():
            settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
            draw(settings, read_metrics(folder)).savefig(out / f"{setting}.png", dpi=100)
            print(out / f"{setting}.png")
        else:
            print(f"{setting} has not been trained yet")


if __name__ == "__main__":
    main()
