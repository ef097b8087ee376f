"""Training on five published seeds: judged by its steps and where they end, never by what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from grader.records import Answer, Array, Arrays, Case, Curve, Judged, Suite
from grader.suite import digest

from .sequences import HIDDEN
from .steps import SIZE, Way, way

SEEDS = (1, 2, 3, 4, 5)
LENGTH, BACK, SPREAD = 50, 2, 0.1
TARGET, NEEDED = 0.05, 3
# Losses belong to the weights if the true loss is among the last of them, or within this factor: a list may
# end before the last step or after it, and descent may jump.
LAST, SAME = 10, 1.5


def published(seed: int) -> Suite:
    """Return the sequences and starting weights of the statement's five seeds; the same for every `seed`."""
    cases = [
        Case(label=f"seed {number}", seed=number, inputs=by_the_recipe(number), sizes={}) for number in SEEDS
    ]
    return Suite(seed, digest(cases), tuple(cases), tuple({} for _ in cases))


def by_the_recipe(number: int) -> Arrays:
    """x and y (50,), U (6, 6), V (6, 1), w (6,): what the statement's lines draw after np.random.seed."""
    random = np.random.RandomState(number)
    x = random.randint(0, 2, LENGTH).astype(float)
    y = np.roll(x, BACK)
    y[:BACK] = 0
    U = SPREAD * random.randn(HIDDEN, HIDDEN)
    V = SPREAD * random.randn(HIDDEN, 1)
    w = SPREAD * random.randn(HIDDEN)
    return {"x": x, "y": y, "U": U, "V": V, "w": w}


def loss(arrays: Arrays) -> float:
    """J of these weights on this sequence, NaN and infinity included."""
    U, V, w = arrays["U"], arrays["V"][:, 0], arrays["w"]
    h, total = np.zeros(HIDDEN), 0.0
    with np.errstate(all="ignore"):  # a student's weights may be anything
        for x_t, y_t in zip(arrays["x"], arrays["y"], strict=True):
            h = np.tanh(U @ h + V * x_t)  # (hidden,)
            total += (h @ w - y_t) ** 2 / 2
    return float(total)


@dataclass(frozen=True)
class Run:
    """What came of training on one seed: in words, why it does not count (None if it does), its losses.

    `final` is the loss of the weights that training ended with; `way`, if it is low enough, how it got there.
    """

    label: str
    says: str
    reason: str | None
    losses: Array
    hint: str | None = None
    final: float = float("nan")
    way: Way | None = None


def run(case: Case, answer: Answer) -> Run:
    """Look at one seed: the final loss is computed here, from U, V and w alone."""
    none = np.empty(0)
    if (failure := answer.failure) is not None:
        where = "" if failure.file is None else f" ({failure.file}, line {failure.line})"
        return Run(case.label, f"{failure.message}{where}", failure.kind.value, none, failure.hint)
    if "training" not in answer.arrays:
        return Run(case.label, answer.absent["training"], "missing", none)
    given = np.asarray(answer.arrays["training"], dtype=float).ravel()
    parts = np.cumsum([HIDDEN * HIDDEN, HIDDEN, HIDDEN])
    if given.size < SIZE:
        return Run(case.label, "gave no U, V and w to judge", "missing", none)
    U, V, w, rest = np.split(given, parts)
    final = {"U": U.reshape(HIDDEN, HIDDEN), "V": V.reshape(HIDDEN, 1), "w": w}
    end = loss({**case.inputs, **final})
    asked, losses = _asked(rest)
    says, reason, hint = _verdict(end, loss(case.inputs), losses)
    gone = None if reason is not None else way(case.inputs, asked, given[:SIZE])
    return Run(case.label, says, reason, losses, hint, end, gone)


def _asked(rest: Array) -> tuple[Array, Array]:
    """Where gradients were asked, (steps, 48), and the losses behind it; else nothing."""
    count = rest[0] if rest.size else 0
    if not (np.isfinite(count) and 0 <= count * SIZE <= rest.size - 1 and count == int(count)):
        return np.empty((0, SIZE)), np.empty(0)
    end = 1 + int(count) * SIZE
    return rest[1:end].reshape(-1, SIZE), rest[end:]


SMALLER = "Take a smaller learning rate (0.01 is small enough), and hold your gradients to check_grad first."
MORE_STEPS = "With right gradients, plain gradient descent at 0.01 needs 80 to 200 steps on these seeds."


def _verdict(final: float, first: float, losses: Array) -> tuple[str, str | None, str | None]:
    """In words, the reason why not, and a hint: from the loss at the end, at the start, and as claimed."""
    if not np.isfinite(final):
        return "NaN or infinity, for U, V or w have overflowed", "finite", SMALLER
    if final < TARGET:
        return f"{final:.4f}", None, None
    last = losses[-LAST:]
    if final > first and not (last.size and last[-1] < first):
        return f"diverged, from {first:.4g} to {final:.4g}", "diverged", SMALLER
    if last.size and np.isfinite(last).all() and not _belong(losses, final):
        return (
            f"{final:.4g} (train's last loss: {last[-1]:.4g})",
            "losses",
            _how_losses_differ(last[-1] / final),
        )
    return f"{final:.4g}", "value", MORE_STEPS


def _belong(losses: Array, final: float) -> bool:
    """Whether the last of these losses may be those of weights whose loss is `final`, passes apart."""
    last = losses[-LAST:]
    if not last.size:
        return True  # none are claimed
    return bool(np.isfinite(last).all() and last.min() / SAME <= final <= last.max() * SAME)


def _how_losses_differ(ratio: float) -> str:
    known = {
        1 / LENGTH: "that is the mean over the 50 steps, not the sum",
        2 / LENGTH: "that is the mean of the squared errors, not half their sum",
        2.0: "the factor 1/2 is left out",
    }
    for factor, says in known.items():
        if factor / 1.1 < ratio < factor * 1.1:
            return f"These losses do not belong to these weights: {says}."
    return (
        "These losses do not belong to these weights. Are self.U, self.V and self.w the ones that you train, "
        "does every pass begin with h_0 = 0, and is the loss J, as the statement defines it?"
    )


def judge_training(suite: Suite, answers: Sequence[Answer]) -> tuple[Judged]:
    """Below 0.05 on three of the five seeds, by steps that follow the gradients."""
    runs = [run(case, answer) for case, answer in zip(suite.cases, answers, strict=True)]
    failing = [one for one in runs if one.reason is not None]
    shown = next((one for one in (*failing, *runs) if one.losses.size > 1), None)
    curve = None if shown is None else _curve(shown)
    reached = [one for one in runs if one.reason is None]
    stepped = [one for one in reached if one.way is not None and one.way.follows]
    if len(reached) >= NEEDED > len(stepped):
        return (_not_by_steps(reached, curve),)
    if len(reached) >= NEEDED:
        foreign = [one.label for one in runs if one.reason is None and not _belong(one.losses, one.final)]
        which = ", ".join(foreign)
        says = f"trained; but the losses that train returned on {which} are not those of its weights"
        return (Judged(True, says if foreign else None, curve=curve),)
    each = "; ".join(_by_seed(runs))
    message = (
        f"the loss is below {TARGET} on {len(runs) - len(failing)} of {len(runs)} seeds, and {NEEDED} are "
        f"needed. Computed from U, V and w after train: {each}"
    )
    return (Judged(False, message, failing[0].hint, failing[0].reason, curve),)


def _not_by_steps(reached: Sequence[Run], curve: Curve | None) -> Judged:
    """Return the verdict on weights that solve the problem, and were not reached by steps that follow the
    gradients.

    It fails where the way begins elsewhere than along the gradients. Where it only goes on in a
    manner that is not known here, or was not seen, a person decides.
    """
    ways = [one.way for one in reached if one.way is not None and not one.way.follows]
    finals = {one.final for one in reached}
    seen = [one for one in ways if one.moves]
    if not seen and len(finals) == len(reached):
        return Judged(
            None,
            f"the loss is below {TARGET}, and how it got there was not seen: train asked no backward for "
            "gradients. A person reads it.",
            curve=curve,
        )
    if seen and all(one.begins for one in seen):
        return Judged(
            None,
            f"the loss is below {TARGET}, and the steps from one backward to the next begin along the "
            "gradients and then leave them. A person reads it.",
            curve=curve,
        )
    message = (
        f"the loss is below {TARGET}, but the weights were not reached by steps that follow the "
        "gradients: from where train asked backward for gradients, it goes elsewhere than they point"
    )
    hint = "Start from self.U, self.V and self.w as they are, and take every step by what backward returns."
    return Judged(False, message, hint, "steps", curve)


def _by_seed(runs: Sequence[Run]) -> Iterator[str]:
    for says, same in groupby(runs, key=lambda one: one.says):
        labels = [one.label for one in same]
        yield f"{labels[0]}: {says}" if len(labels) == 1 else f"{labels[0]} to {labels[-1]}: {says}"


def _curve(shown: Run) -> Curve | None:
    """Return the student's own losses, up to where they stop being numbers."""
    finite = np.isfinite(shown.losses)
    end = len(finite) if finite.all() else int(np.argmin(finite))
    title = f"The losses that your train returned on {shown.label} (your code's own claim, not checked)"
    return Curve(title, tuple(shown.losses[:end].tolist())) if end else None
