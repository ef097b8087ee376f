"""What is made of the notebook as a whole: what comes of running it, and where its weights are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader import executed
from grader.declaration import HandedIn
from grader.records import Answer, Attachment, Judged, Notebook, Suite

from .suites import WEIGHTS

LEAST_TRIALS, N_MAX = 200, 100
BELOW, LEFT = "Matching String Length", "Trials"
MOST_SHOWN = 5  # places in one sentence
MOST_PICTURES = 20
WORDS = {
    "U": "from the input to",
    "W": "from the state before to",
    "b": "the bias of",
}
OF_GATE = {"z": "the update gate", "r": "the reset gate", "h": "the candidate"}


# --- the run


def run(suite: Suite, answers: Sequence[Answer], handed_in: HandedIn) -> tuple[Judged]:
    """Judge whether every cell runs, and put the executed notebook and its pictures beside the report."""
    notebook = handed_in.notebook
    if notebook is None:
        return (Judged(False, "no notebook was handed in", reason="missing"),)
    answer = answers[0]
    if answer.failure is not None:
        return (Judged.of(answer.failure),)
    name = "runs from top to bottom"
    if name not in answer.arrays:
        return (
            Judged(
                False, f"the notebook was not run: {answer.absent.get(name, 'no answer')}", reason="missing"
            ),
        )
    cells = [number for number, _ in notebook.cells]
    try:
        found = executed.executed(np.ascontiguousarray(answer.arrays[name], np.uint8).tobytes(), cells)
    except ValueError as error:
        return (Judged(False, f"what came of running it makes no sense: {error}", reason="garbled"),)
    files = [Attachment("executed.ipynb", executed.as_notebook(notebook, found))]
    files += [
        Attachment(f"cell-{cell}-picture-{number}.png", content)
        for number, (cell, content) in enumerate(found.pictures[:MOST_PICTURES], 1)
    ]
    return (_ran(found, cells, notebook, tuple(files)),)


def _ran(
    found: executed.Executed, cells: Sequence[int], notebook: Notebook, files: tuple[Attachment, ...]
) -> Judged:
    refused = [f"cell {cell}, line {line}: {what}" for what, cell, line in executed.refused(notebook)]
    shown = ", ".join(refused[:MOST_SHOWN])
    more = f"; not run, since nothing can be fetched and no program started: {shown}" if refused else ""
    if found.failed is not None:
        failed = found.failed
        what = f"{failed.kind}: {failed.message}" if failed.kind != "OutOfTime" else failed.message
        where = f"cell {failed.cell}" if failed.line is None else f"cell {failed.cell}, line {failed.line}"
        hint = (
            "Write homework.epochs(n) around the number of epochs: here it is fewer."
            if failed.kind == "OutOfTime"
            else "Choose Restart and Run All before you hand in: each cell must run after those above it."
        )
        return Judged(
            False,
            f"{where}: {what}; the cells below it were not run{more}",
            hint,
            "time" if failed.kind == "OutOfTime" else "raised",
            traceback=failed.shown or None,
            line=failed.line,
            cell=failed.cell,
            attached=files,
        )
    if len(found.ended) < len(cells):
        return Judged(
            False, f"cell {(*found.begun, cells[0])[len(found.ended)]} did not end{more}", attached=files
        )
    if found.no_pictures:
        return Judged(
            False, f"{found.no_pictures} of its pictures are no whole PNG", reason="picture", attached=files
        )
    return Judged(True, f"all {len(cells)} code cells ran{more}" if more else None, attached=files)


def experiment(suite: Suite, answers: Sequence[Answer]) -> tuple[Judged, Judged]:
    """Judge the numbers that the run leaves in `trials`, and its figure."""
    answer = answers[0]
    if answer.failure is not None:
        failed = Judged(False, answer.failure.message, answer.failure.hint, answer.failure.kind.value)
        return failed, failed
    trials = answer.arrays.get("trials")
    if trials is None:
        hint = "Leave the 101 numbers of your experiment in `trials`, at the top level of the notebook."
        return (
            Judged(False, f"`trials` {answer.absent.get('trials', 'is not there')}", hint, "missing"),
            _figure(answer),
        )
    return _trials(np.asarray(trials, float)), _figure(answer)


def _trials(trials: Any) -> Judged:
    if trials.shape != (N_MAX + 1,):
        return Judged(
            False,
            f"`trials` has shape {trials.shape}, and should hold {N_MAX + 1} numbers, for n = 0 to {N_MAX}",
            "trials_at_least(lengths, 100) makes them.",
            "shape",
        )
    if not np.isfinite(trials).all() or (trials != np.round(trials)).any() or (trials < 0).any():
        return Judged(False, "`trials` holds what is no number of trials", None, "value")
    if trials[0] < LEAST_TRIALS:
        return Judged(
            False,
            f"`trials` begins with {trials[0]:.0f}: every match is at least 0 long, so that is the number of "
            f"trials, and {LEAST_TRIALS} are asked for",
            None,
            "few",
        )
    rises = np.flatnonzero(np.diff(trials) > 0)
    if rises.size:
        n = int(rises[0])
        return Judged(
            False,
            f"`trials` rises from {trials[n]:.0f} at n = {n} to {trials[n + 1]:.0f} at n = {n + 1}: what "
            "matches for at least n + 1 characters also matches for n",
            "It is to be the number of trials with at least n characters, not with exactly n.",
            "rises",
        )
    return Judged(True)


def _figure(answer: Answer) -> Judged:
    content = answer.arrays.get("figure")
    text = (
        ""
        if content is None
        else np.ascontiguousarray(content, np.uint8).tobytes().decode("utf-8", "replace")
    )
    rows = [row.split("\t") for row in text.split("\n")[:200]]
    axes = [
        (cell, below, left)
        for cell, below, left, *data in (row for row in rows if len(row) == 4)
        if data == ["1"]
    ]
    if not axes:
        return Judged(False, "no figure with anything on its axes came out of the run", None, "missing")
    if any(_is(below, BELOW) and _is(left, LEFT) for _, below, left in axes):
        return Judged(True)
    cell, below, left = axes[-1]
    number = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 8 else None
    said = executed.plain(f"its axes say {below!r} below and {left!r} on the left")[:300]
    return Judged(
        False,
        f"no figure has both labels, {BELOW!r} below and {LEFT!r} on the left; in the last one, {said}",
        "plt.xlabel and plt.ylabel, before plt.show.",
        "labels",
        cell=number,
    )


def _is(label: str, wanted: str) -> bool:
    return " ".join(label.split()).lower() == wanted.lower()


# --- the weights


def weights(suite: Suite, answers: Sequence[Answer]) -> tuple[Judged]:
    """Judge whether a network has all weights and biases, and say where each of them is."""
    answer = answers[0]
    if answer.failure is not None:
        return (Judged.of(answer.failure),)
    if "weights" not in answer.arrays:
        return (Judged(False, answer.absent.get("weights", "no answer"), reason="missing"),)
    content = np.ascontiguousarray(answer.arrays["weights"], np.uint8).tobytes()[:20_000]
    rows = [row.partition("\t") for row in executed.plain(content.decode("utf-8", "replace")).split("\n")]
    found = {name: where[:200] for name, _, where in rows if name in WEIGHTS and where}
    idle = [where[:100] for name, _, where in rows if not name][:MOST_SHOWN]
    there = ", ".join(f"{name} is {found[name]}" for name in WEIGHTS if name in found)
    unused = f"; nothing comes of {', '.join(idle)}" if idle else ""
    missing = [name for name in WEIGHTS if name not in found]
    if not missing:
        return (Judged(True, f"found by what they do: {there}{unused}"),)
    lacking = " and ".join([", ".join(map(_called, missing[:-1])), _called(missing[-1])][len(missing) == 1 :])
    message = f"no parameter is {lacking}{unused}" + (f"; found by what they do: {there}" if there else "")
    hint = (
        "What `net.parameters()` does not list is not trained: make layers (nn.Linear) or nn.Parameter "
        "of them, with a bias, and let `step` and `output` use them."
    )
    return (Judged(False, message, hint, "missing"),)


def _called(name: str) -> str:
    if name == "V":
        return "V (from the state to the output)"
    if name == "b_y":
        return "b_y (the bias of the output)"
    kind, _, gate = name.partition("_")
    return f"{name} ({WORDS[kind]} {OF_GATE[gate]})"
