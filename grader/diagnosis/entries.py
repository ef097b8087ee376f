"""Which entries of an array are right, and which are wrong: blocks of rows, time steps, samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from grader.compare import Gap, GapKind
from grader.outcomes import listed
from grader.records import Array
from grader.slices import TOLERANCE
from grader.verdicts import Verdict

LEAST = 3  # arrays in which there is a choice
MOST_EXCEPTIONS = 0.1  # of the arrays that are wrong
WORDS = {
    "steps": "time step",
    "batch": "sample",
    "hidden": "hidden unit",
    "input": "input",
    "outputs": "output",
}


def within(verdict: Verdict) -> str | None:
    """Return a sentence on which parts of a wrong array are right; None if that is not sharp.

    Args:
        verdict: what came of it, with the cases and what was answered.
    """
    wrong = _wrong(verdict)
    if len(wrong) < LEAST:
        return None
    return next((told for told in _told(verdict, wrong) if told is not None), None)


def _told(verdict: Verdict, wrong: Sequence[tuple[int, Array]]) -> Iterator[str | None]:
    if verdict.output.blocks:
        yield _blocks(verdict, wrong)
    for axis in range(wrong[0][1].ndim):
        name = _size_of(verdict, axis)
        if name in WORDS:
            yield _along(WORDS[name], [_any_along(mask, axis) for _, mask in wrong])


def _wrong(verdict: Verdict) -> list[tuple[int, Array]]:
    """List the cases in which it has the right form and wrong values, with the entries that are wrong."""
    output, found = verdict.output, []
    for i in sorted(verdict.failing):
        outcome = verdict.outcomes[i]
        if not isinstance(outcome, Gap) or outcome.kind is not GapKind.VALUE:
            continue
        true = verdict.suite.expected[i][output.name]
        actual = verdict.called.answers[i].arrays[output.name].reshape(true.shape).astype(np.float64)
        axes = tuple(set(range(true.ndim)) - {axis % true.ndim for axis in output.each})
        scale = np.abs(true).max(axis=axes, keepdims=True)
        with np.errstate(all="ignore"):
            found.append((i, np.abs(actual - true) > TOLERANCE * scale))
    return found


def _any_along(mask: Array, axis: int) -> Array:
    """Tell of each slice along an axis whether something in it is wrong."""
    return np.asarray(np.moveaxis(mask, axis, 0).reshape(mask.shape[axis], -1).any(axis=1))


def _size_of(verdict: Verdict, axis: int) -> str:
    """Return the one size that an axis has in all cases; "" if there is none, or there are several."""
    lengths = [true[verdict.output.name].shape[axis] for true in verdict.suite.expected]
    cases = verdict.suite.cases
    names = [
        name
        for name in cases[0].sizes
        if all(case.sizes.get(name) == length for case, length in zip(cases, lengths, strict=True))
    ]
    return names[0] if len(names) == 1 else ""


def _blocks(verdict: Verdict, wrong: Sequence[tuple[int, Array]]) -> str | None:
    """Say which of the blocks that an array is stacked of are right in nearly all cases."""
    names, name = verdict.output.blocks, verdict.output.name
    parts = [np.split(mask, len(names)) for _, mask in wrong]
    truths = [np.split(verdict.suite.expected[i][name], len(names)) for i, _ in wrong]
    lost = np.array([[block.any() for block in blocks] for blocks in parts])  # (cases, blocks)
    # A block that is zero anyway may be right for no reason.
    said = lost | np.array([[block.any() for block in blocks] for blocks in truths])
    share = lost.sum(axis=0) / np.maximum(said.sum(axis=0), 1)
    is_wrong = share >= 1 - MOST_EXCEPTIONS
    if is_wrong.all() or not is_wrong.any() or not (is_wrong | (share <= MOST_EXCEPTIONS)).all():
        return None
    count = int(((lost == is_wrong) | ~said).all(axis=1).sum())
    held = [one for one, odd in zip(names, is_wrong, strict=True) if not odd]
    bad = [one for one in names if one not in held]
    return (
        f"Where it is wrong, its rows of {listed(held)} are right and those of {listed(bad)} are wrong"
        f"{_counted(count, len(wrong))}."
    )


def _along(word: str, wrong: Sequence[Array]) -> str | None:
    """Say whether it is the first or the last slice alone that is right, or wrong, in nearly all cases."""
    chosen = [one for one in wrong if len(one) > 1]
    if sum(len(one) > 2 for one in chosen) < LEAST:  # of two, the first alone is all but the last
        return None
    found: Counter[str] = Counter()
    for one in chosen:
        first, last = np.arange(len(one)) == 0, np.arange(len(one)) == len(one) - 1
        found.update(
            says
            for says, mask in (
                (f"only its first {word} is wrong", first),
                (f"only its last {word} is wrong", last),
                (f"its first {word} is right and every other is wrong", ~first),
                (f"its last {word} is right and every other is wrong", ~last),
            )
            if np.array_equal(one, mask)
        )
    says, count = max(found.items(), key=lambda item: item[1], default=("", 0))
    if count < (1 - MOST_EXCEPTIONS) * len(chosen):
        return None
    # Of one slice alone all may be wrong; that any other is right cannot be.
    is_of_one = len(chosen) < len(wrong) and "every other" in says
    where = f" and has more than one {word}" if is_of_one else ""
    return f"Where it is wrong{where}, {says}{_counted(count, len(chosen))}."


def _counted(count: int, of: int) -> str:
    return "" if count == of else f" (in {count} of {of} cases)"
