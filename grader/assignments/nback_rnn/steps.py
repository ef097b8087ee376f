"""Whether weights were reached by steps that follow the gradients, judged with gradients of our own.

What a student's process says of its steps is only where it was: the weights at which `backward` was asked.
The losses there, the gradients and whatever follows from them are computed here. So nobody gets through with
weights that were written down, or with a straight way to them: it does not go where the gradients point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.records import Array, Arrays

from .sequences import HIDDEN

SIZE = HIDDEN * HIDDEN + HIDDEN + HIDDEN
PARTS = tuple(np.split(np.arange(SIZE), [HIDDEN * HIDDEN, HIDDEN * HIDDEN + HIDDEN]))  # of U, V and w
# A step follows the gradients if this is the cosine between the two, or more. Plain descent has 1, Adam and
# momentum more than 0.9, gradients with a mistake that still descend more than 0.65; a straight way to
# weights that solve the problem begins at 0.1.
ALONG = 0.65
# Memories of gradients past: a step of momentum or Adam is along one of them.
MEMORIES = (0.5, 0.9, 0.97, 0.99)
SQUARES = 0.999
# Conjugate gradients go along a sum of the last gradients: what such a sum may leave over of a step.
LAST, LEFT = 10, 0.3
# How many of the steps must follow, and how much of the way down (in orders of magnitude) may come otherwise.
MOST_STEPS, LITTLE = 0.6, 0.25
# One step so many times as long as most is a jump, if so much of the way down is its own.
JUMP = 10.0
# Of more steps than this, every nth point is looked at: a way is as smooth as before.
MOST_LOOKED_AT = 2000
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class Way:
    """What came of the steps.

    Attributes:
        losses: J at the start, wherever gradients were asked, and at the end.
        begins: whether the first step that moves goes where the gradients point.
        follows: whether the way as a whole does.
    """

    losses: Array
    begins: bool
    follows: bool

    @property
    def moves(self) -> bool:
        """Whether gradients were asked at all."""
        return len(self.losses) > 2


def way(arrays: Arrays, asked: Array, final: Array) -> Way:
    """Look at the steps from the given weights to the final ones.

    Args:
        arrays: x and y (T,), and the weights at the start.
        asked: where gradients were asked, (steps, 48): U row by row, V, w.
        final: the weights at the end, (48,).
    """
    start = np.concatenate([arrays[name].ravel() for name in ("U", "V", "w")])
    points = np.vstack((start, asked, final))
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) > MOST_LOOKED_AT:
        points = np.vstack((points[: -1 : -(-len(points) // MOST_LOOKED_AT)], points[-1:]))
    with np.errstate(all="ignore"):  # a student's weights may be anything
        losses, gradients = losses_and_gradients(points, arrays["x"], arrays["y"])
        steps = np.diff(points, axis=0)
        length = np.linalg.norm(steps, axis=1)
        ok = _following(steps, gradients)
        down = np.log(losses[:-1] / losses[1:])
        total = np.log(losses[0] / losses[-1])
        far = (
            (length > JUMP * np.median(length[length > 0])) & (down > LITTLE * total) if length.any() else ok
        )
    moving = np.flatnonzero(length)
    if not moving.size or not np.isfinite(total):
        return Way(losses, begins=False, follows=False)
    ok &= ~far
    otherwise = np.nansum(np.maximum(down, 0)[moving][~ok[moving]])
    follows = ok[moving].mean() >= MOST_STEPS and otherwise <= LITTLE * max(total, 0)
    begins = bool(ok[moving[0]])
    return Way(losses, begins, bool(begins and follows))


def losses_and_gradients(points: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """J and its gradient for many weights at once: (n, 48) -> (n,), (n, 48)."""
    count = len(points)
    U, V, w = (points[:, part] for part in PARTS)
    U = U.reshape(count, HIDDEN, HIDDEN)
    h = np.zeros((len(x) + 1, count, HIDDEN))
    for t, x_t in enumerate(x, start=1):
        h[t] = np.tanh(np.einsum("nij,nj->ni", U, h[t - 1]) + V * x_t)
    error = np.einsum("tni,ni->tn", h[1:], w) - y[:, None]  # (T, n)    dJ/dyhat_t
    dU, dV, carry = np.zeros_like(U), np.zeros_like(V), np.zeros_like(w)
    for t in range(len(x), 0, -1):
        dz = (error[t - 1][:, None] * w + carry) * (1 - h[t] ** 2)  # (n, hidden)
        dU += dz[:, :, None] * h[t - 1][:, None, :]
        dV += dz * x[t - 1]
        carry = np.einsum("nij,ni->nj", U, dz)
    dw = np.einsum("tn,tni->ni", error, h[1:])
    return (error**2).sum(axis=0) / 2, np.hstack((dU.reshape(count, -1), dV, dw))


def _following(steps: Array, gradients: Array) -> Array:
    """Which of the steps go where the gradients point: (n, 48), (n + 1, 48) -> (n,)."""
    memory = np.zeros((len(MEMORIES), SIZE))
    fade = np.array(MEMORIES)[:, None]
    squares = np.zeros(SIZE)
    found = np.zeros(len(steps), np.bool_)
    for t, step in enumerate(steps):
        gradient = gradients[t]
        memory = fade * memory + gradient
        squares = SQUARES * squares + (1 - SQUARES) * gradient**2
        adam = memory[MEMORIES.index(0.9)] / np.sqrt(squares + _TINY)
        ways = np.vstack((gradient, memory, np.sign(gradient), adam))
        found[t] = not step.any() or (
            _largest_cosine(-step, ways) >= ALONG
            or _left_over(step, gradients[max(0, t + 1 - LAST) : t + 1]) <= LEFT
        )
    return found


def _largest_cosine(step: Array, directions: Array) -> float:
    """Between a step and one of the directions, each of the three arrays by itself: rates may differ."""
    total = np.zeros(len(directions))
    for part in PARTS:
        its, theirs = step[part], directions[:, part]
        lengths = np.sqrt((its @ its) * np.einsum("ij,ij->i", theirs, theirs))
        total += np.where(lengths > 0, theirs @ its / np.maximum(lengths, _TINY), 0.0) * (its @ its)
    return float(np.max(total)) / float(step @ step)


def _left_over(step: Array, gradients: Array) -> float:
    """Return the part of a step that is no sum of these gradients, as a fraction of its length."""
    lengths = np.linalg.norm(gradients, axis=1)
    gradients = gradients[lengths > 0] / lengths[lengths > 0, None]
    if not len(gradients) or not np.isfinite(gradients).all():
        return 1.0
    _, values, rows = np.linalg.svd(gradients, full_matrices=False)
    rows = rows[values > 1e-3 * values[0]]
    return float(np.linalg.norm(step - rows.T @ (rows @ step)) / np.linalg.norm(step))
