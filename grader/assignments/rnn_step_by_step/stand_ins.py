"""What a right loop answers when another cell stands in for the one that it calls.

The cells are those of adapter.py, which stand in beside the student's code. They compute nothing that anybody
asks for: only their arguments and shapes are the homework's. So a loop is judged apart from its cell, and no
right cell is ever in the student's process.
"""

from __future__ import annotations

import numpy as np

from grader.records import Array, Arrays

from .functions import FUNCTIONS, Function


def answers(name: str, arrays: Arrays) -> Arrays:
    """Every array of `Function.answers`, of a loop; the way back needs `Function.caches` as well."""
    function = FUNCTIONS[name]
    return _backward(function, arrays) if function.is_backward else _forward(function, arrays)


def _forward(function: Function, arrays: Arrays) -> Arrays:
    """Return a, y and c over time, (n, m, T_x)."""
    x, a = arrays["x"], arrays["a0"]
    c = np.zeros_like(a)
    states = []
    for t in range(x.shape[2]):
        # The cells stand_in_rnn_cell_forward and stand_in_lstm_cell_forward: for an RNN, c stays zeros.
        bias = arrays["bo" if function.is_lstm else "ba"]
        a = bias + 0.5 * a[::-1] + 0.25 * np.sum(x[:, :, t], axis=0) - 0.25 * c  # (n_a, m)
        c = arrays["bc"] + a - 0.5 * c[::-1] if function.is_lstm else c  # (n_a, m)
        y = arrays["by"] + np.mean(a, axis=0)  # (n_y, m)
        states.append((a, y, c))
    over_time = (np.stack(each, axis=2) for each in zip(*states, strict=True))
    return dict(zip(("a", "y", "c"), over_time, strict=True))


def _backward(function: Function, arrays: Arrays) -> Arrays:
    """dx (n_x, m, T_x), da0 (n_a, m), and the sums over time of what the cell answers for each weight."""
    x, da = arrays["x"], arrays["da"]
    dx = np.zeros_like(x)
    total: dict[str, Array] = {}
    da_prev, dc_prev = np.zeros_like(da[:, :, 0]), np.zeros_like(da[:, :, 0])
    for t in reversed(range(x.shape[2])):
        # The cells stand_in_rnn_cell_backward and stand_in_lstm_cell_backward: for an RNN, dc stays zeros.
        held = _held(function, arrays, t)  # (m,)
        da_next, dc_next = da[:, :, t] + da_prev, dc_prev
        delta = da_next + 2.0 * dc_next  # (n_a, m)
        dx[:, :, t] = x[:, :, t] * np.mean(delta, axis=0) + held
        for i, key in enumerate(function.answers[2:], start=1):
            columns = {"dWax": len(x), "dWaa": len(da)}.get(key, len(x) + len(da) if "W" in key else 1)
            of_step = i * np.sum(delta, axis=1, keepdims=True) + np.mean(held)  # (n_a, 1)
            total[key] = total.get(key, 0.0) + of_step * np.arange(1, columns + 1)
        da_prev = 0.5 * delta[::-1] + held
        dc_prev = da_next - 0.5 * dc_next + held if function.is_lstm else dc_next
    return {"dx": dx, "da0": da_prev, **total}


def _held(function: Function, arrays: Arrays, t: int) -> Array:
    """Return what the cells make of a step's cache: (m,)."""

    def before(key: str, initial: Array) -> Array:
        return initial if t == 0 else np.asarray(arrays[key][:, :, t - 1])

    held = arrays["a"][:, :, t] - 0.5 * before("a", arrays["a0"])  # (n_a, m)
    if function.is_lstm:
        held = held + arrays["c"][:, :, t] * before("c", np.zeros_like(held))
    return np.asarray(np.mean(held, axis=0) + np.mean(arrays["x"][:, :, t], axis=0))
