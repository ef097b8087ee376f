"""Trains the model hand-in of `lstm_gru_lm` on small texts, as its readme says, and packs it."""

from __future__ import annotations

import importlib
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

FOLDER = Path(__file__).parents[2] / "src" / "lstm_gru_lm"
SETTINGS = {"lstm": "lstm 0", "lstm-dropout": "lstm 0.2", "gru": "gru 0", "gru-dropout": "gru 0.3"}
# What suits a text as small as these; one thread, so that tests side by side do not wait for each other.
SMALL = "--epochs 4 --hold 4 --learning-rate 1 --threads 1"
STOPS = (signal.SIGINT, signal.SIGTERM)
HANDED_IN = ("*.py", "README.md")


@contextmanager
def commands() -> Iterator[Any]:
    """Give what runs a command such as `train.py --cell gru ...` here, and leave all as it was."""
    names = {path.stem for path in FOLDER.glob("*.py")}
    threads, handlers = torch.get_num_threads(), {one: signal.getsignal(one) for one in STOPS}

    def run(line: str) -> None:
        script, *options = shlex.split(line)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [script, *options])
            importlib.import_module(script.removesuffix(".py")).main()

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        yield run
    for name in names & set(sys.modules):
        del sys.modules[name]
    torch.set_num_threads(threads)
    for one, handler in handlers.items():
        signal.signal(one, handler)


def trained(data: Path, folder: Path) -> Path:
    """Return the folder, with a whole hand-in in it: all four settings trained, measured and drawn."""
    folder.mkdir(parents=True)
    runs = folder / "runs"
    with commands() as run:
        for setting in SETTINGS.values():
            cell, dropout = setting.split()
            run(f"train.py --cell {cell} --dropout {dropout} --data {data} --out {runs} {SMALL}")
        run(f"evaluate.py --data {data} --runs {runs} --threads 1")
        run(f"plots.py --runs {runs}")
    for pattern in HANDED_IN:
        for path in FOLDER.glob(pattern):
            shutil.copy(path, folder)
    for path in runs.glob("*/checkpoint.pt"):
        path.unlink()
    return folder
