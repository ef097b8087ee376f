"""The model hand-in of the bonus on IMDB, trained on made reviews; what is made of it; how it is graded."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import made_reviews
import pytest

from grader import discovery, engine
from grader.mistakes import Files, laid
from grader.records import Report

ROOT = Path(__file__).parents[2]
NAME = "imdb_sentiment"
KINDS = ("SimpleRNN", "LSTM", "GRU")
MODEL = ROOT / "src" / "rnn_step_by_step"
PROGRAM = MODEL / "sentiment.py"
# What suits as few reviews; one thread, so that tests side by side do not wait for each other.
SMALL = ("--epochs", "3", "--learning-rate", "0.01", "--threads", "1")
ENVIRONMENT = {
    "KERAS_BACKEND": "torch",
    "KERAS_HOME": os.devnull,
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
}

Grade = Callable[[Files], Report]


@cache
def scratch() -> Path:
    """Return a folder that goes with this process; others may read it."""
    folder = Path(tempfile.mkdtemp(prefix="cellgrade-sentiment-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def data() -> Path:
    """Return the folder of a course that has made reviews in place of IMDB's."""
    return made_reviews.lay(scratch() / "data")


def program(*options: str, by: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the model hand-in's program, as a student does, or by another program that is told its path."""
    there = str(data() / made_reviews.NAME)
    command = [sys.executable, *by, str(PROGRAM), "--data", there, *SMALL, *options]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ENVIRONMENT})


@cache
def trained_in() -> Path:
    """Return the folder that training leaves."""
    out = scratch() / "sentiment"
    run = program("--out", str(out))
    assert run.returncode == 0, run.stderr[-4000:]
    return out


@cache
def hand_in() -> Files:
    """Return the model hand-in: its program, its results, and its three models."""
    out = trained_in()
    files = {"sentiment.py": PROGRAM.read_bytes(), "results.json": (out / "results.json").read_bytes()}
    return {**files, **{f"{kind}.keras": (out / f"{kind}.keras").read_bytes() for kind in KINDS}}


@cache
def made() -> Mapping[str, bytes]:
    """Return the files that `made_models.py` makes of it."""
    out, script = scratch() / "made", ROOT / "tests" / "support" / "made_models.py"
    run = subprocess.run(
        [sys.executable, str(script), str(trained_in()), str(out)],
        capture_output=True,
        text=True,
        env={**os.environ, **ENVIRONMENT},
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return {path.name: path.read_bytes() for path in out.iterdir()}


def with_models(**models: str | None) -> Files:
    """Return the hand-in with other files in place of its models: LSTM="nan.keras"; None leaves one out."""
    files = dict(hand_in())
    for kind, name in models.items():
        del files[f"{kind}.keras"]
        if name is not None:
            files[f"{kind}{name[name.index('.') :]}"] = made()[name]
    return files


def with_results(change: Callable[[dict[str, Any]], None]) -> Files:
    """Return the hand-in with something else in results.json."""
    results = json.loads(hand_in()["results.json"])
    change(results)
    return {**hand_in(), "results.json": json.dumps(results).encode()}


def with_code(code: str) -> Files:
    """Return the hand-in with lines below its program's."""
    return {**hand_in(), "sentiment.py": hand_in()["sentiment.py"] + b"\n\n" + code.encode()}


@contextmanager
def grading() -> Iterator[Grade]:
    """Yield what grades files, all in one grader."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLGRADE_DATA", str(data()))
        assignment = discovery.by_name(NAME, discovery.assignments())
        with engine.Grader([assignment], engine.Options(assignment=NAME, debug=True)) as grader:
            count = iter(range(1_000_000))
            yield lambda files: grader.grade(laid(files, scratch() / f"graded-{next(count)}" / "handin"))
