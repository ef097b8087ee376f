"""Makes models of a trained one: right ones of another form, wrong ones, and hostile ones.

    python made_models.py TRAINED OUT

TRAINED is the folder of a hand-in whose models are trained. A process of its own runs this: what Keras is
told in one test would be known in another.
"""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

os.environ |= {"KERAS_BACKEND": "torch", "KERAS_HOME": os.devnull}
import h5py
import keras
import numpy as np
from keras import layers

MAXLEN = 300
CANARY = "CANARY"  # what is printed where code runs that stands in a file


def small(*recurrent: Any) -> Any:
    """Return a model of few weights around these layers, untrained."""
    words = keras.Input((MAXLEN,), dtype="int32")
    states = layers.Embedding(12000, 2)(words)
    for layer in recurrent:
        states = layer(states)
    return keras.Model(words, layers.Dense(1, activation="sigmoid")(states))


def changed(trained: Any, end: Any, weights: Any) -> Any:
    """Return the trained model with another last layer."""
    before = trained.layers[-1]
    model = keras.Model(trained.inputs, end(before.input))
    end.set_weights(weights(*before.get_weights()))
    return model


def right(trained: dict[str, Any], out: Path) -> None:
    """Write models that are right in another form."""
    lstm = trained["LSTM"]
    changed(lstm, layers.Dense(1), lambda w, b: [w, b]).save(out / "logits.keras")
    halves = changed(
        lstm,
        layers.Dense(2, activation="softmax"),
        lambda w, b: [np.concatenate([-w, w], 1) / 2, np.concatenate([-b, b]) / 2],
    )
    halves.save(out / "two_columns.keras")
    small(layers.Bidirectional(layers.LSTM(2, return_sequences=True)), layers.LSTM(2)).save(
        out / "stacked.keras"
    )
    for kind, model in trained.items():
        model.save_weights(out / f"{kind}.weights.h5")


def wrong(trained: dict[str, Any], out: Path) -> None:
    """Write models that are wrong."""
    lstm = keras.models.clone_model(trained["LSTM"])
    lstm.save(out / "untrained.keras")
    lstm.set_weights([np.full_like(weight, np.nan) for weight in lstm.get_weights()])
    lstm.save(out / "nan.keras")
    small(layers.LSTM(3)).save_weights(out / "narrow.weights.h5")
    small(layers.LSTM(2, return_sequences=True), layers.GRU(2)).save(out / "mixed.keras")
    small(layers.RNN(layers.LSTMCell(2))).save(out / "other_cell.keras")
    small(layers.GlobalAveragePooling1D()).save(out / "no_recurrent_layer.keras")
    small(layers.LSTM(2, return_sequences=True)).save(out / "every_step.keras")
    (out / "garbage.keras").write_bytes(b"these are no weights" * 99)
    whole = (out / "untrained.keras").read_bytes()
    (out / "cut.keras").write_bytes(whole[: len(whole) // 2])


def hostile(out: Path) -> None:
    """Write models that try something when they are loaded."""
    runs = layers.Lambda(lambda x: (print("CANARY"), x)[1])
    small(runs, layers.LSTM(2)).save(out / "lambda.keras")
    plain = parts(small(layers.LSTM(2)), out)
    config = json.loads(plain["config.json"])
    odd: dict[str, dict[str, Any]] = {
        "names_a_file": {
            "module": "keras.layers",
            "class_name": "StringLookup",
            "config": {"vocabulary": "/etc/passwd"},
        },
        "names_an_address": {
            "module": "keras.layers",
            "class_name": "StringLookup",
            "config": {"vocabulary": "https://example.org/words.txt"},
        },
        "names_a_function": {"module": "os", "class_name": "function", "config": "system"},
        "names_a_class": {
            "module": "subprocess",
            "class_name": "Popen",
            "config": {"args": ["echo", CANARY]},
        },
        "evaluates": {"module": "builtins", "class_name": "eval", "config": {"source": f"print('{CANARY}')"}},
    }
    for name, layer in odd.items():
        spoilt = json.loads(json.dumps(config))
        spoilt["config"]["layers"].insert(
            1, {**layer, "registered_name": None, "name": "odd", "inbound_nodes": []}
        )
        archive(out / f"{name}.keras", {**plain, "config.json": json.dumps(spoilt).encode()})
    deep = b"[" * 100_000 + b"]" * 100_000
    archive(out / "deep.keras", {**plain, "config.json": deep})
    archive(out / "bomb.keras", {**plain, "config.json": b" " * (15 << 24)}, times=16)
    huge = json.loads(json.dumps(config))
    for layer in huge["config"]["layers"]:
        if layer["class_name"] == "Embedding":
            layer["config"] |= {"input_dim": 1 << 31, "output_dim": 1 << 10}
    archive(out / "huge.keras", {**plain, "config.json": json.dumps(huge).encode()})
    archive(out / "h5_bomb.keras", {**plain, "model.weights.h5": h5_bomb(plain["model.weights.h5"])})
    archive(
        out / "h5_elsewhere.keras", {**plain, "model.weights.h5": h5_elsewhere(plain["model.weights.h5"])}
    )
    pickled = io.BytesIO()
    np.savez(pickled, **{"layers/lstm": np.array([Opener()], dtype=object)})  # type: ignore[arg-type]
    without = {name: content for name, content in plain.items() if name != "model.weights.h5"}
    archive(out / "pickle.keras", {**without, "model.weights.npz": pickled.getvalue()})


class Opener:
    """Prints where it is unpickled."""

    def __reduce__(self) -> Any:
        """Say what makes it."""
        return print, (CANARY,)


def parts(model: Any, out: Path) -> dict[str, bytes]:
    """Return the files of which a saved model is made."""
    model.save(out / "plain.keras")
    with zipfile.ZipFile(out / "plain.keras") as file:
        return {name: file.read(name) for name in file.namelist()}


def archive(path: Path, files: dict[str, bytes], times: int = 1) -> None:
    """Write files into an archive, compressed, the first of them so many times over."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            with made.open(name, "w", force_zip64=True) as file:
                for _ in range(times if name == "config.json" else 1):
                    file.write(content)


def h5_bomb(content: bytes) -> bytes:
    """Return weights of which one says that it is far larger than memory, and is compressed to nothing."""
    buffer = io.BytesIO(content)
    with h5py.File(buffer, "r+") as file:
        names: list[str] = []
        file.visititems(lambda name, one: names.append(name) if isinstance(one, h5py.Dataset) else None)
        for name in names:
            del file[name]
            file.create_dataset(
                name,
                shape=(1 << 20, 1 << 14),
                dtype="f4",
                chunks=(1 << 10, 1 << 10),
                compression="gzip",
                fillvalue=0.0,
            )
    return buffer.getvalue()


def h5_elsewhere(content: bytes) -> bytes:
    """Return weights that stand in another file, as HDF5 allows."""
    buffer = io.BytesIO(content)
    with h5py.File(buffer, "r+") as file:
        names: list[str] = []
        file.visititems(lambda name, one: names.append(name) if isinstance(one, h5py.Dataset) else None)
        for name in names:
            shape = file[name].shape
            del file[name]
            size = int(np.prod(shape)) * 4
            file.create_dataset(name, shape=shape, dtype="f4", external=[("/etc/passwd", 0, size)])
    return buffer.getvalue()


def main() -> None:
    """Make all of them."""
    trained_folder, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    trained = {
        kind: keras.saving.load_model(trained_folder / f"{kind}.keras", compile=False)
        for kind in ("SimpleRNN", "LSTM", "GRU")
    }
    right(trained, out)
    wrong(trained, out)
    hostile(out)


if __name__ == "__main__":
    main()
