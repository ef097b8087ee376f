"""Homework 4, bonus: is a film review of IMDB for or against? With a SimpleRNN, an LSTM and a GRU of Keras.

    python sentiment.py                               trains all three, on the reviews that Keras downloads
    python sentiment.py --data imdb_encoded_full.npz  on a local file, without a network
    python sentiment.py --kinds LSTM                  trains one, and leaves the others as they are

It needs keras, torch, h5py and matplotlib, and writes, in the folder `sentiment`:

    SimpleRNN.keras, LSTM.keras, GRU.keras   each at the epoch with the best validation accuracy
    results.json                             how reviews are prepared, and the accuracies of each epoch
    table.md, curves.png                     the same to look at
    log.txt                                  the output

Whatever stops it, the same command goes on after the last epoch that was finished (`checkpoints`), and ends
with the same numbers on the same machine. The test reviews are looked at once for each kind, at the end.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers

KINDS = {"SimpleRNN": layers.SimpleRNN, "LSTM": layers.LSTM, "GRU": layers.GRU}

# A review is a list of word numbers, by frequency; 0 pads, 1 starts a review, 2 stands for every rarer word.
PREPARATION = {"num_words": 12000, "maxlen": 300, "padding": "pre", "truncating": "pre"}
OTHER_WORD = 2

TRAINING = {
    "validation_share": 0.2,
    "epochs": 3,
    "batch_size": 64,
    "learning_rate": 0.002,
    "embedding": 32,
    "units": 32,
    "dropout": 0.4,
    "seed": 1,
}


def load(path):
    """Return ((reviews, labels) of the training half, (reviews, labels) of the test half).

    A review is an array of word numbers, all words kept. Without a path Keras downloads them; else it is a
    file of {train,test}_{tokens,offsets,labels}, where review k is tokens[offsets[k]:offsets[k + 1]].
    """
    if path is None:
        return keras.datasets.imdb.load_data()
    with np.load(path, allow_pickle=False) as file:
        return tuple(
            (
                np.split(file[f"{half}_tokens"], file[f"{half}_offsets"][1:-1]),
                file[f"{half}_labels"].astype("int64"),
            )
            for half in ("train", "test")
        )


def prepare(reviews):
    """Return what the models read: int32 (reviews, maxlen), the last words of each, padded on the left."""
    known = [
        np.where(np.asarray(review) < PREPARATION["num_words"], review, OTHER_WORD) for review in reviews
    ]
    return keras.utils.pad_sequences(
        known,
        maxlen=PREPARATION["maxlen"],
        padding=PREPARATION["padding"],
        truncating=PREPARATION["truncating"],
    )


def build_model(kind, settings=TRAINING):
    """Return an untrained classifier around one recurrent layer: "SimpleRNN", "LSTM" or "GRU".

    It looks at all steps, not at the last alone: of each unit, at the mean and at the largest value. So a
    clear word need not be remembered to the end.
    """
    seed = settings["seed"]
    words = keras.Input((PREPARATION["maxlen"],), dtype="int32")
    vectors = layers.Embedding(PREPARATION["num_words"], settings["embedding"])(words)
    vectors = layers.SpatialDropout1D(settings["dropout"], seed=seed)(vectors)
    states = KINDS[kind](settings["units"], return_sequences=True)(vectors)
    pooled = [layers.GlobalAveragePooling1D()(states), layers.GlobalMaxPooling1D()(states)]
    features = layers.Dropout(settings["dropout"], seed=seed + 1)(layers.Concatenate()(pooled))
    score = layers.Dense(1, activation="sigmoid")(features)
    return keras.Model(words, score, name=f"sentiment_{kind.lower()}")


def split(count, settings):
    """Return the places of the reviews to train on, and of those to validate on, drawn by the seed."""
    order = np.random.default_rng([settings["seed"], 0]).permutation(count)
    validation = round(count * settings["validation_share"])
    return order[validation:], order[:validation]


def replace(path, text):
    """Write a file in one go: whoever reads it finds the old text or the new one."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def save(model, path):
    """Save a model with its optimizer, in one go."""
    beside = path.with_name("new-" + path.name)
    model.save(beside)
    beside.replace(path)


def dropout_states(model):
    """Return the variables that say what a model drops next, which are not saved with it."""
    generators = (getattr(layer, "seed_generator", None) for layer in model.layers)
    return [generator.state for generator in generators if generator is not None]


def train(kind, train_half, folder, settings, say):
    """Train one kind, from its last checkpoint on; return its best model, and the list of its epochs."""
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    progress_file = checkpoints / f"{kind}.json"
    progress = json.loads(progress_file.read_text()) if progress_file.exists() else {"epochs": []}
    history = progress["epochs"]
    x, y = train_half
    learn, validate = split(len(y), settings)

    keras.utils.set_random_seed(settings["seed"])
    model = build_model(kind, settings)
    optimizer = keras.optimizers.Adam(settings["learning_rate"], clipnorm=1.0)
    model.compile(optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    if history:
        model = keras.saving.load_model(checkpoints / f"{kind}-{len(history)}.keras")
        for state, value in zip(dropout_states(model), progress["dropout"], strict=True):
            state.assign(value)
    for epoch in range(len(history) + 1, settings["epochs"] + 1):
        started = time.monotonic()
        # Each epoch has a generator of its own: whether training was stopped before it makes no difference.
        order = learn[np.random.default_rng([settings["seed"], epoch]).permutation(len(learn))]
        fitted = model.fit(x[order], y[order], batch_size=settings["batch_size"], shuffle=False, verbose=0)
        loss, accuracy = model.evaluate(x[validate], y[validate], batch_size=500, verbose=0)
        history.append(
            {
                "epoch": epoch,
                "train_loss": fitted.history["loss"][0],
                "train_accuracy": fitted.history["accuracy"][0],
                "validation_loss": loss,
                "validation_accuracy": accuracy,
            }
        )
        save(model, checkpoints / f"{kind}-{epoch}.keras")
        best = max(history, key=lambda row: row["validation_accuracy"])
        drawn = [keras.ops.convert_to_numpy(state).tolist() for state in dropout_states(model)]
        replace(progress_file, json.dumps({"epochs": history, "dropout": drawn}, indent=1))
        for old in range(1, epoch):
            if old != best["epoch"]:
                (checkpoints / f"{kind}-{old}.keras").unlink(missing_ok=True)
        say(
            f"{kind} epoch {epoch} of {settings['epochs']}: loss {history[-1]['train_loss']:.4f}, "
            f"accuracy {history[-1]['train_accuracy']:.4f}; validation {loss:.4f}, {accuracy:.4f} "
            f"({time.monotonic() - started:.0f} s)"
        )
    best = max(history, key=lambda row: row["validation_accuracy"])
    return keras.saving.load_model(checkpoints / f"{kind}-{best['epoch']}.keras"), history


def finish(kind, model, history, test_half, folder, settings):
    """Measure the model of the best epoch on the test reviews, once; save it without its optimizer."""
    bare = build_model(kind, settings)
    bare.set_weights(model.get_weights())
    bare.save(folder / f"{kind}.keras")
    best = max(history, key=lambda row: row["validation_accuracy"])
    _, accuracy = model.evaluate(*test_half, batch_size=500, verbose=0)
    return {
        "model": f"{kind}.keras",
        "best_epoch": best["epoch"],
        "train_accuracy": best["train_accuracy"],
        "validation_accuracy": best["validation_accuracy"],
        "test_accuracy": accuracy,
        "parameters": model.count_params(),
        "epochs": history,
    }


def table(results):
    """Return the best accuracies of all kinds as Markdown."""
    rows = ["| model | weights | best epoch | train | validation | test |", "| --- " * 6 + "|"]
    for kind, of_kind in results["models"].items():
        shares = [of_kind[f"{half}_accuracy"] for half in ("train", "validation", "test")]
        figures = [
            kind,
            f"{of_kind['parameters']:,}",
            str(of_kind["best_epoch"]),
            *(f"{share:.2%}" for share in shares),
        ]
        rows.append("| " + " | ".join(figures) + " |")
    return "\n".join(rows) + "\n"


def draw(results, path):
    """Draw the accuracies of all kinds over the epochs."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    models = results["models"]
    figure, panels = plt.subplots(
        1, len(models), figsize=(4.2 * len(models), 3.6), sharey=True, squeeze=False
    )
    for panel, (kind, of_kind) in zip(panels[0], models.items(), strict=True):
        epochs = [row["epoch"] for row in of_kind["epochs"]]
        for half, style in (("train", "--"), ("validation", "-")):
            panel.plot(
                epochs, [row[f"{half}_accuracy"] for row in of_kind["epochs"]], style, marker=".", label=half
            )
        panel.plot(of_kind["best_epoch"], of_kind["test_accuracy"], "k*", label="test, at the best epoch")
        panel.set(title=kind, xlabel="epoch", xticks=epochs)
        panel.grid(alpha=0.3)
    panels[0][0].set_ylabel("accuracy")
    panels[0][0].legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def arguments():
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", type=Path, help="an .npz of encoded reviews (default: Keras downloads them)")
    add(
        "--out",
        type=Path,
        default=Path("sentiment"),
        help="folder for all that is written (default: sentiment)",
    )
    add("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    add("--threads", type=int, help="processor cores (default: all)")
    for name, value in TRAINING.items():
        add(f"--{name.replace('_', '-')}", type=type(value), default=value, help=f"(default: {value})")
    return parser.parse_args()


def main():
    """Train, measure and report."""
    wanted = arguments()
    if wanted.threads:
        import torch

        torch.set_num_threads(wanted.threads)
    folder = wanted.out
    folder.mkdir(parents=True, exist_ok=True)
    settings = {name: getattr(wanted, name) for name in TRAINING}
    results_file = folder / "results.json"
    results = {"models": {}}
    if results_file.exists():
        results = json.loads(results_file.read_text())
        if {**results["training"], "validation_share": results["validation_share"]} != settings:
            raise SystemExit(
                f"{results_file} is of other settings: name another folder by --out, or remove it"
            )
    results |= {
        "preparation": PREPARATION,
        "validation_share": settings["validation_share"],
        "training": {name: value for name, value in settings.items() if name != "validation_share"},
    }

    def say(line):
        print(line, flush=True)
        with (folder / "log.txt").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    (x_train, y_train), (x_test, y_test) = load(wanted.data)
    train_half, test_half = (prepare(x_train), y_train), (prepare(x_test), y_test)
    results["reviews"] = {"train": len(y_train), "test": len(y_test)}
    for kind in wanted.kinds:
        model, history = train(kind, train_half, folder, settings, say)
        if results["models"].get(kind, {}).get("epochs") != history:
            results["models"][kind] = finish(kind, model, history, test_half, folder, settings)
        results["models"] = {name: results["models"][name] for name in KINDS if name in results["models"]}
        say(f"{kind}: best accuracy on test {results['models'][kind]['test_accuracy']:.4f}")
        replace(results_file, json.dumps(results, indent=1) + "\n")
        replace(folder / "table.md", table(results))
    draw(results, folder / "curves.png")
    print(table(results))


if __name__ == "__main__":
    main()
